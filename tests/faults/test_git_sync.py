"""A sync in every ordinary state of an operator's clone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from roforlmao.errors import Busy, GitFailed
from roforlmao.git.clone import clone
from roforlmao.git.lock import exclusive
from roforlmao.git.repository import Repository
from roforlmao.git.sync import commit, prepare, publish
from tests.faults.gitrepos import (
    MESSAGE,
    bare,
    files_at,
    files_in,
    git,
    isolate,
    remote_of,
    sync,
    write,
)

pytestmark = pytest.mark.usefixtures("home")


def test_new_files_reach_the_remote_in_one_commit_with_its_receipt(alice: Path) -> None:
    write(alice, {"day2.csv": "1\n2\n3", "control-2.csv": "3\n", "insights.json": "{}\n"})
    prepared = prepare(alice)
    assert [change.path for change in prepared.changes] == ["control-2.csv", "day2.csv", "insights.json"]
    assert (prepared.rows, prepared.losses, prepared.dirty) == (3, (), True)
    made = commit(prepared, MESSAGE, operator="alice")
    assert publish(alice, "alice").commit == made
    assert git(remote_of(alice), "log", "-1", "--format=%B", "main") == MESSAGE.rstrip("\n")
    assert git(alice, "status", "--porcelain") == ""


def test_preparing_changes_neither_index_nor_branch_nor_files(alice: Path) -> None:
    write(alice, {"day2.csv": "1\n"})
    before = ((alice / ".git/index").read_bytes(), git(alice, "rev-parse", "HEAD"), files_in(alice))
    prepare(alice)
    assert ((alice / ".git/index").read_bytes(), git(alice, "rev-parse", "HEAD"), files_in(alice)) == before


def test_nothing_new_makes_no_commit(alice: Path) -> None:
    before = git(alice, "rev-parse", "HEAD")
    prepared = prepare(alice)
    assert prepared.nothing
    assert commit(prepared, MESSAGE, operator="alice") == before
    assert publish(alice, "alice").commit == before == git(remote_of(alice), "rev-parse", "main")


def test_a_commit_that_was_not_pushed_is_still_to_publish(alice: Path) -> None:
    write(alice, {"day2.csv": "1\n"})
    made = commit(prepare(alice), MESSAGE, operator="alice")
    prepared = prepare(alice)
    assert not prepared.dirty
    assert not prepared.nothing
    assert commit(prepared, MESSAGE, operator="alice") == made
    assert publish(alice, "alice").commit == made


def test_files_that_an_ignore_rule_hides_are_data_unless_said_otherwise(alice: Path) -> None:
    write(alice, {".gitignore": "*.csv\n", "day2.csv": "1\n"})
    assert [c.path for c in prepare(alice, ignored=False).changes] == [".gitignore"]
    assert [c.path for c in prepare(alice).changes] == [".gitignore", "day2.csv"]


def test_a_private_file_mode_is_no_obstacle_and_bytes_stay_as_they_are(alice: Path, home: Path) -> None:
    with (home / ".gitconfig").open("a") as handle:
        handle.write("[core]\n autocrlf = true\n")
    (alice / "day2.csv").write_bytes(b"1\r\n\xff\xfe2\r\n")
    (alice / "day2.csv").chmod(0o600)
    sync(alice, "alice")
    shown = subprocess.run(
        ["git", "show", "main:day2.csv"], cwd=remote_of(alice), capture_output=True, check=True
    )
    assert shown.stdout == b"1\r\n\xff\xfe2\r\n"
    assert (alice / "day2.csv").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["", "Own Name"])
def test_without_a_git_identity_the_operators_name_stands_in(
    alice: Path, monkeypatch: pytest.MonkeyPatch, home: Path, name: str
) -> None:
    isolate(monkeypatch, home, name=name)
    write(alice, {"day2.csv": "1\n"})
    sync(alice, "alice")
    author = git(remote_of(alice), "log", "-1", "--format=%an <%ae>", "main")
    assert author == ("Own Name <test@example.org>" if name else "alice <alice@roforlmao.invalid>")


@pytest.mark.parametrize("branch", ["main", "trunk"])
def test_the_first_push_into_an_empty_remote_makes_its_branch(tmp_path: Path, branch: str) -> None:
    url = bare(tmp_path / "r.git", branch)
    for operator in ("alice", "bob"):  # both cloned while it was empty
        assert clone(url, tmp_path / operator, local=True) == ""
        write(tmp_path / operator, {f"{operator}.csv": "1\n"})
    assert prepare(tmp_path / "alice").losses == ()
    sync(tmp_path / "alice", "alice")
    assert sync(tmp_path / "bob", "bob").merged
    assert set(files_at(tmp_path / "r.git", branch)) == {"alice.csv", "bob.csv"}
    assert git(tmp_path / "alice", "rev-parse", "--abbrev-ref", "@{upstream}") == f"origin/{branch}"


def test_a_repository_of_the_operators_own_needs_no_upstream(tmp_path: Path) -> None:
    own = tmp_path / "own"
    subprocess.run(["git", "init", "-q", str(own)], check=True)
    write(own, {"day1.csv": "1\n"})
    with pytest.raises(GitFailed, match="no remote") as caught:
        sync(own, "alice")
    assert "remote add origin" in caught.value.hint
    git(own, "remote", "add", "origin", bare(tmp_path / "r.git"))
    sync(own, "alice")
    assert files_at(tmp_path / "r.git") == {"day1.csv": "1"}


def test_two_launchers_do_not_work_in_one_clone_at_once(alice: Path) -> None:
    with exclusive(Repository(alice)), pytest.raises(Busy, match="Another launcher"):
        prepare(alice)
    assert prepare(alice).nothing


def test_a_clone_that_moved_since_it_was_prepared_is_not_committed_over(alice: Path) -> None:
    write(alice, {"day2.csv": "1\n"})
    prepared = prepare(alice)
    git(alice, "commit", "-q", "--allow-empty", "-m", "by hand")
    with pytest.raises(Busy, match="another commit"):
        commit(prepared, MESSAGE, operator="alice")


def test_what_is_committed_is_what_was_looked_at(alice: Path) -> None:
    write(alice, {"day2.csv": "1\n"})
    prepared = prepare(alice)
    write(alice, {"day2.csv": "", "late.csv": "1\n"})
    commit(prepared, MESSAGE, operator="alice")
    assert files_at(alice, "HEAD") == {"day1.csv": "1\n2", "day2.csv": "1"}
    assert [loss.kind for loss in prepare(alice).losses] == ["empty"]
