"""kill -9 at every step of a sync, an update and a clone: the next one finishes it, nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from roforlmao.git.clone import clone
from tests.faults.gitrepos import bare, files_in, git, isolate, python, sync, write

_PUBLISHED = {"2024-01-01.csv": "1\n2\n", "old.csv": "1\n", "deep/er/gone.csv": "1\n", "b.csv": "b\n"}
_MINE = {"alice-1.csv": "a\n", "alice 2.csv": "a\n", "sub/alice-3.csv": "a\n", "control-1.csv": "3\n"}
_THEIRS = {"bob-1.csv": "b\n", "sub/bob-2.csv": "b\nb\n", "b.csv": "b\nbb\n", "new/bob-3.csv": "b\n"}


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A remote and two clones: bob has pushed additions, a change and a deletion; alice has not seen it."""
    isolate(monkeypatch, tmp_path / "home")
    top = tmp_path / "template"
    url = bare(top / "remote.git")
    clone(url, top / "alice", local=True)
    write(top / "alice", _PUBLISHED)
    sync(top / "alice", "alice")
    clone(url, top / "bob", local=True)
    write(top / "bob", _THEIRS)
    (top / "bob" / "deep" / "er" / "gone.csv").unlink()
    sync(top / "bob", "bob")
    return top


def _kill_everywhere(scenario: str, template: Path, least: int) -> list[dict[str, object]]:
    done = python(Path(__file__).parent / "gitkill.py", scenario, str(template), str(template.parent))
    assert done.returncode == 0, done.stderr
    points = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(points) > least
    assert [point["killed"] for point in points] == [True] * (len(points) - 1) + [False]
    for point in points:
        assert point["again"] == 0, (point, done.stderr)
        assert point["unclean"] == "", point
        assert point["same"], point
        assert point["litter"] == [], point
        assert point["added_twice"] == [], point
    return points


def test_a_sync_killed_at_any_step_is_finished_by_the_next_and_loses_nothing(template: Path) -> None:
    write(template / "alice", _MINE)
    expected = {**_PUBLISHED, **_THEIRS, **_MINE}
    del expected["deep/er/gone.csv"]
    for point in _kill_everywhere("sync", template, 24):
        assert point["remote"] == {name: text.rstrip("\n") for name, text in expected.items()}, point
        assert point["present"] == sorted(expected), point


def test_an_update_killed_at_any_step_is_finished_by_the_next(template: Path) -> None:
    expected = {**_PUBLISHED, **_THEIRS}
    del expected["deep/er/gone.csv"]
    for point in _kill_everywhere("update", template, 10):
        assert point["present"] == sorted(expected), point


def test_a_clone_killed_at_any_step_leaves_nothing_but_what_the_next_one_sweeps(template: Path) -> None:
    expected = {**_PUBLISHED, **_THEIRS}
    del expected["deep/er/gone.csv"]
    for point in _kill_everywhere("clone", template, 1):
        assert point["present"] == sorted(expected), point


def test_what_a_killed_move_left_does_not_stop_a_branch_that_went_on(template: Path) -> None:
    """The operator commits by hand after the kill: the journal then ends, their commit stays."""
    alice = template / "alice"
    before = git(alice, "rev-parse", "HEAD")
    journal = alice / ".git" / "roforlmao" / "journal.json"
    git(alice, "fetch", "-q", "origin")
    journal.write_text(
        json.dumps({"branch": "main", "source": before, "target": git(alice, "rev-parse", "origin/main")})
    )
    write(alice, {"mine.csv": "1\n"})
    git(alice, "add", "mine.csv")
    git(alice, "commit", "-qm", "by hand")
    sync(alice, "alice")
    assert not journal.exists()
    assert "mine.csv" in git(template / "remote.git", "ls-tree", "--name-only", "main")
    assert "mine.csv" in files_in(alice)
