"""Every whole session gets a world of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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
