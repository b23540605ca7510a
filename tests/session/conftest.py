"""Every whole session gets a world of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.etcdcluster import Cluster, running
from tests.session.world import World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    home = tmp_path / "login"
    home.mkdir()
    (home / ".gitconfig").write_text("[user]\n name = Test\n email = test@example.org\n")
    for name in [n for n in os.environ if n.startswith(("ROFORLMAO_", "GIT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    return World(tmp_path / "world")


@pytest.fixture(scope="session")
def members(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three members, started once for all tests of a worker."""
    with running(tmp_path_factory.mktemp("etcd")) as cluster:
        yield cluster


@pytest.fixture
def cluster(members: Cluster) -> Iterator[Cluster]:
    """Three members that are well, and empty; what a test breaks is mended after it."""
    members.wipe()
    yield members
    members.heal()
