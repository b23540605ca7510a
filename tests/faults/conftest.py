"""Fixtures of the git tests: a home of their own, and a clone of a real remote."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from roforlmao.git.clone import clone
from tests.faults.gitrepos import isolate, remote_with


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, so that no configuration of this machine decides it."""
    isolate(monkeypatch, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def alice(tmp_path: Path, home: Path) -> Path:
    """A clone of a remote with one day of data."""
    url = remote_with(tmp_path / "r.git", {"day1.csv": "1\n2\n"})
    clone(url, tmp_path / "alice", local=True)
    return tmp_path / "alice"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 10 MB of its own."""
    place = tmp_path / "small"
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=10m", "tmpfs", place],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"no file system can be mounted here ({done.stderr.strip()})")
    yield place
    subprocess.run(["umount", "--lazy", place], check=False)
