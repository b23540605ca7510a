"""Two operators and one remote: what is brought together, what is kept apart, what is refused."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from roforlmao.errors import Cancelled, GitFailed, SyncConflict
from roforlmao.git.clone import clone, update
from roforlmao.git.sync import commit, prepare, publish
from tests.faults.gitrepos import (
    MESSAGE,
    Counting,
    files_at,
    files_in,
    git,
    remote_of,
    sync,
    write,
)

ODD_NAMES = [
    "-rf",
    "with space.csv",
    "new\nline.csv",
    "été/日本.csv",
    '"quoted".csv',
    "a;b&&c.csv",
    ":(top)x",
    "*.csv",
]


pytestmark = pytest.mark.usefixtures("home")


def test_odd_file_names_survive_the_way_to_a_peer_and_back(alice: Path, tmp_path: Path) -> None:
    write(alice, dict.fromkeys(ODD_NAMES, "1\n"))
    sync(alice, "alice")
    clone(str(remote_of(alice)), tmp_path / "bob", local=True)
    assert files_in(tmp_path / "bob") == {"day1.csv", *ODD_NAMES}
    write(tmp_path / "bob", dict.fromkeys(ODD_NAMES, "1\n2\n"))
    sync(tmp_path / "bob", "bob")
    update(alice)
    assert {(alice / name).read_text() for name in ODD_NAMES} == {"1\n2\n"}
    assert git(alice, "status", "--porcelain") == ""


def test_a_clone_behind_a_symbolic_link_is_synced_as_any_other(alice: Path, tmp_path: Path) -> None:
    clone(str(remote_of(alice)), tmp_path / "bob", local=True)
    write(tmp_path / "bob", {"sub/bob.csv": "1\n"})
    sync(tmp_path / "bob", "bob")
    (tmp_path / "way").symlink_to(alice)
    write(alice, {"day2.csv": "1\n"})
    assert sync(tmp_path / "way", "alice").kept == ()
    assert files_in(alice) == {"day1.csv", "day2.csv", "sub/bob.csv"}


def test_the_same_file_changed_by_two_goes_to_a_branch_and_both_are_named(
    alice: Path, tmp_path: Path
) -> None:
    bob = tmp_path / "bob"
    clone(str(remote_of(alice)), bob, local=True)
    write(alice, {"day2.csv": "alice\n", "same.csv": "1\n"})
    sync(alice, "alice")
    write(bob, {"day2.csv": "bob\n", "same.csv": "1\n", "own.csv": "1\n"})
    for _ in range(2):  # the second time the branch is there already
        with pytest.raises(
            SyncConflict, match=r"bob .* and Test Operator.*day2\.csv.*conflict/bob-"
        ) as caught:
            sync(bob, "bob")
        assert "same.csv" not in caught.value.message
    assert (bob / "day2.csv").read_text() == "bob\n"
    assert git(bob, "status", "--porcelain") == ""
    branch = git(remote_of(alice), "for-each-ref", "--format=%(refname:short)", "refs/heads/conflict")
    assert files_at(remote_of(alice), branch)["day2.csv"] == "bob"
    assert files_at(remote_of(alice))["day2.csv"] == "alice"


def test_a_file_against_a_directory_of_the_same_name_is_a_conflict(alice: Path, tmp_path: Path) -> None:
    bob = tmp_path / "bob"
    clone(str(remote_of(alice)), bob, local=True)
    write(alice, {"x": "file\n"})
    sync(alice, "alice")
    write(bob, {"x/y.csv": "1\n"})
    with pytest.raises(SyncConflict, match=r": x, x/y\.csv\."):
        sync(bob, "bob")
    assert files_at(remote_of(alice))["x"] == "file"


def test_insights_that_both_rewrote_are_no_conflict(alice: Path, tmp_path: Path) -> None:
    bob = tmp_path / "bob"
    clone(str(remote_of(alice)), bob, local=True)
    for place, who in ((alice, "alice"), (bob, "bob"), (alice, "alice again")):
        write(place, {"insights.json": f'"{who}"\n', f"{who}.csv": "1\n"})
        sync(place, who.split()[0])
    assert files_at(remote_of(alice))["insights.json"] == '"alice again"'
    assert {"alice.csv", "bob.csv"} < files_in(alice)


def test_a_file_that_the_operator_is_editing_is_not_overwritten_by_a_merge(
    alice: Path, tmp_path: Path
) -> None:
    bob = tmp_path / "bob"
    clone(str(remote_of(alice)), bob, local=True)
    write(bob, {"day1.csv": "1\n2\n3\n", "bob.csv": "1\n"})
    sync(bob, "bob")
    write(alice, {"day2.csv": "1\n"})
    commit(prepare(alice), MESSAGE, operator="alice")
    write(alice, {"day1.csv": "mine\n"})
    assert publish(alice, "alice").kept == ("day1.csv",)
    assert (alice / "day1.csv").read_text() == "mine\n"
    assert (alice / "bob.csv").read_text() == "1\n"
    assert files_at(remote_of(alice))["day1.csv"] == "1\n2\n3"


def test_a_merge_never_writes_through_a_symbolic_link(alice: Path, tmp_path: Path) -> None:
    bob = tmp_path / "bob"
    clone(str(remote_of(alice)), bob, local=True)
    write(bob, {"sub/evil.csv": "1\n"})
    sync(bob, "bob")
    (tmp_path / "outside").mkdir()
    write(alice, {"day2.csv": "1\n"})
    commit(prepare(alice), MESSAGE, operator="alice")
    (alice / "sub").symlink_to(tmp_path / "outside")
    with pytest.raises(GitFailed, match="stands in its place"):
        publish(alice, "alice")
    assert list((tmp_path / "outside").iterdir()) == []
    (alice / "sub").unlink()
    publish(alice, "alice")
    assert (alice / "sub" / "evil.csv").read_text() == "1\n"


@pytest.mark.parametrize("shrunk", [True, False])
def test_a_rewritten_remote_is_said_and_not_filled_again(alice: Path, tmp_path: Path, shrunk: bool) -> None:
    write(alice, {"wrong.csv": "1\n"})
    sync(alice, "alice")
    owner = tmp_path / "owner"
    clone(str(remote_of(alice)), owner, local=True)
    git(owner, "reset", "-q", "--hard", "HEAD~1")
    if not shrunk:
        git(owner, "commit", "-q", "--allow-empty", "-m", "clean")
    git(owner, "push", "-q", "--force", "origin", "HEAD:main")
    write(alice, {"day2.csv": "1\n"})
    for action in (lambda: sync(alice, "alice"), lambda: update(alice), lambda: publish(alice, "alice")):
        with pytest.raises(GitFailed, match="was rewritten") as caught:
            action()
        assert "clone again" in caught.value.hint
    assert set(files_at(remote_of(alice))) == {"day1.csv"}
    assert files_in(alice) == {"day1.csv", "wrong.csv", "day2.csv"}


def test_a_shallow_clone_syncs_and_follows(alice: Path, tmp_path: Path) -> None:
    write(alice, {"day2.csv": "1\n"})
    sync(alice, "alice")
    shallow = tmp_path / "shallow"
    subprocess.run(
        ["git", "clone", "-q", "--depth=1", f"file://{remote_of(alice)}", str(shallow)], check=True
    )
    write(alice, {"day3.csv": "1\n"})
    sync(alice, "alice")
    write(shallow, {"other.csv": "1\n"})
    assert sync(shallow, "bob").merged
    assert files_in(shallow) == {"day1.csv", "day2.csv", "day3.csv", "other.csv"}
    assert set(files_at(remote_of(alice))) == files_in(shallow)


def test_a_cancel_at_any_checkpoint_leaves_a_clone_that_syncs(alice: Path, tmp_path: Path) -> None:
    bob = tmp_path / "bob"
    clone(str(remote_of(alice)), bob, local=True)
    for number in (1, 5, 8, 11, 14, 17):
        write(bob, {f"bob-{number}.csv": "1\n"})
        sync(bob, "bob")
        write(alice, {f"alice-{number}.csv": "1\n"})
        with pytest.raises(Cancelled):
            sync(alice, "alice", Counting(stop=number))
        sync(alice, "alice")
        assert set(files_at(remote_of(alice))) == files_in(alice)
        assert git(alice, "status", "--porcelain") == ""


@pytest.mark.parametrize("lock", ["HEAD.lock", "refs/heads/main.lock"])
def test_a_lock_that_a_killed_git_left_at_the_remote_is_named_soon(alice: Path, lock: str) -> None:
    stale = remote_of(alice) / lock
    stale.touch()
    write(alice, {"day2.csv": "1\n"})
    with pytest.raises(GitFailed, match="nobody else pushed") as caught:
        sync(alice, "alice")
    assert ".lock" in caught.value.hint
    stale.unlink()
    sync(alice, "alice")
    assert "day2.csv" in files_at(remote_of(alice))
