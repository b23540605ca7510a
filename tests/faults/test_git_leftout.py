"""Losses that the operator leaves out of a sync, until the file changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from roforlmao.git.clone import clone
from roforlmao.git.sync import commit, prepare, publish, reinstate, set_aside
from tests.faults.gitrepos import MESSAGE, files_at, git, isolate, remote_with, write


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A remote with three published files, and a clone of it."""
    isolate(monkeypatch, tmp_path / "home")
    url = remote_with(tmp_path / "remote.git", {"a.csv": "1\n2\n", "b.csv": "1\n2\n", "c.csv": "1\n2\n"})
    clone(url, tmp_path / "clone", local=True)
    return Path(url), tmp_path / "clone"


def share(path: Path, *, leave_out: bool = False) -> tuple[str, ...]:
    prepared = prepare(path, as_decided=True, leave_out=leave_out)
    assert not prepared.losses
    commit(prepared, MESSAGE, operator="alice")
    publish(path, "alice")
    return prepared.left_out


def harm(path: Path) -> None:
    """One of each: deleted, shrunk, overwritten, empty; and one good new file."""
    (path / "a.csv").unlink()
    write(path, {"b.csv": "1\n", "c.csv": "8\n9\n", "d.csv": "", "new.csv": "1\n"})


def test_the_rest_is_published_and_the_operators_files_stay(pair: tuple[Path, Path]) -> None:
    url, path = pair
    harm(path)
    assert [loss.kind for loss in prepare(path).losses] == ["deleted", "shrunk", "overwritten", "empty"]
    assert share(path, leave_out=True) == ("a.csv", "b.csv", "c.csv", "d.csv")
    assert files_at(url) == {"a.csv": "1\n2", "b.csv": "1\n2", "c.csv": "1\n2", "new.csv": "1"}
    assert not (path / "a.csv").exists()
    assert (path / "b.csv").read_text() == "1\n"
    assert (path / "d.csv").exists()


def test_the_decision_holds_until_the_file_changes(pair: tuple[Path, Path]) -> None:
    url, path = pair
    harm(path)
    share(path, leave_out=True)
    write(path, {"next.csv": "1\n"})
    assert share(path) == ("a.csv", "b.csv", "c.csv", "d.csv")
    assert "next.csv" in files_at(url)
    write(path, {"b.csv": "", "d.csv": "1\n"})
    prepared = prepare(path, as_decided=True)
    assert [(loss.path, loss.kind) for loss in prepared.losses] == [("b.csv", "empty")]
    assert "d.csv" in [change.path for change in prepared.changes]


def test_without_the_decision_everything_is_shown(pair: tuple[Path, Path]) -> None:
    _, path = pair
    harm(path)
    share(path, leave_out=True)
    assert len(prepare(path).losses) == 4


def test_a_loss_committed_here_before_is_taken_back(pair: tuple[Path, Path]) -> None:
    url, path = pair
    (path / "a.csv").unlink()
    git(path, "commit", "--quiet", "-am", "by hand")
    assert share(path, leave_out=True) == ("a.csv",)
    assert files_at(url)["a.csv"] == "1\n2"


def test_a_damaged_memory_is_no_memory(pair: tuple[Path, Path]) -> None:
    _, path = pair
    harm(path)
    share(path, leave_out=True)
    (path / ".git" / "roforlmao" / "left-out.json").write_text("[")
    assert len(prepare(path, as_decided=True).losses) == 4


def test_what_was_set_aside_stays_out_until_it_is_written_again_even_alike(pair: tuple[Path, Path]) -> None:
    url, path = pair
    write(path, {"before.csv": "1\n"})
    began = max(p.lstat().st_ctime for p in path.glob("*.csv")) + 1e-6
    write(path, {"partial.csv": "1\n", "a.csv": "1\n2\n3\n"})
    assert set_aside(path, began) == ["a.csv", "partial.csv"]
    assert share(path) == ("a.csv", "partial.csv")
    assert files_at(url)["a.csv"] == "1\n2"
    again = max(p.lstat().st_ctime for p in path.glob("*.csv")) + 1e-6
    write(path, {"partial.csv": "1\n"})
    reinstate(path, again)
    assert share(path) == ("a.csv",)
    assert "partial.csv" in files_at(url)
    assert files_at(url)["a.csv"] == "1\n2"
