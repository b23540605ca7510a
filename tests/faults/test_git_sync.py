"""Every state that an operator's clone can be in when a sync begins."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from gitrepos import (
    MESSAGE,
    Counting,
    bare,
    files_at,
    files_in,
    git,
    isolate,
    python,
    remote_with,
    sync,
    write,
)

from roforlmao.errors import Busy, Cancelled, GitFailed, Refused, StorageFailed, SyncConflict
from roforlmao.git.clone import clone, update
from roforlmao.git.lock import exclusive
from roforlmao.git.repository import Repository
from roforlmao.git.sync import commit, prepare, publish

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


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    isolate(monkeypatch, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def alice(tmp_path: Path) -> Path:
    """A clone of a remote with one day of data."""
    url = remote_with(tmp_path / "r.git", {"day1.csv": "1\n2\n"})
    clone(url, tmp_path / "alice", local=True)
    return tmp_path / "alice"


def remote_of(clone_path: Path) -> Path:
    return Path(git(clone_path, "remote", "get-url", "origin"))


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


def _detach(top: Path) -> None:
    git(top, "checkout", "-q", "--detach")


def _begin_merge(top: Path) -> None:
    (top / ".git" / "MERGE_HEAD").write_text(git(top, "rev-parse", "HEAD") + "\n")


def _nest(top: Path) -> None:
    write(top, {"sub/x.csv": "1\n"})
    git(top / "sub", "init", "-q")


def _link(top: Path) -> None:
    (top / "link.csv").symlink_to("/etc/hostname")


def _pipe(top: Path) -> None:
    os.mkfifo(top / "pipe")


def _large(top: Path) -> None:
    with (top / "large.bin").open("wb") as handle:
        handle.truncate(100_000_001)


def _filter(top: Path) -> None:
    write(top, {".gitattributes": "* filter=evil\n"})
    git(top, "config", "filter.evil.clean", f"touch {top}/../ran; cat")


def _include(top: Path) -> None:
    (top / ".git" / "more").write_text("[credential]\n helper = !evil\n")
    git(top, "config", "include.path", "more")


def _lfs(top: Path) -> None:
    write(top, {".gitattributes": "*.bin filter=lfs -text\n"})


@pytest.mark.parametrize(
    ("spoil", "sentence", "hint"),
    [
        (_detach, "detached head", "switch main"),
        (_begin_merge, "merge is under way", "merge --abort"),
        (_nest, "sub in .* is a git repository of its own", "remove its .git"),
        (_link, r"1 symbolic link in .*link\.csv", "file itself"),
        (_pipe, "pipe in .* is not a file", "Remove it"),
        (_large, r"large\.bin \(100,000,001 bytes\)", "smaller files"),
        (_filter, r"filter\.evil\.clean", "config --local --unset-all"),
        (_include, r"credential\.helper", "config --local --unset-all"),
        (_lfs, "Git LFS", "by hand"),
    ],
)
def test_what_cannot_be_synced_is_said_and_nothing_is_changed(
    alice: Path, spoil: Callable[[Path], None], sentence: str, hint: str
) -> None:
    write(alice, {"day2.csv": "1\n"})
    spoil(alice)
    before = (git(alice, "rev-parse", "HEAD"), (alice / ".git/index").read_bytes())
    with pytest.raises((GitFailed, Refused), match=sentence) as caught:
        prepare(alice)
    assert hint in caught.value.hint
    assert (git(alice, "rev-parse", "HEAD"), (alice / ".git/index").read_bytes()) == before
    assert not (alice.parent / "ran").exists()


def test_a_large_file_that_is_published_already_or_ignored_is_no_obstacle(alice: Path) -> None:
    prepare(alice, limit=3)
    write(alice, {".gitignore": "*.bin\n", "big.bin": "12345"})
    sync_limit = 100
    assert prepare(alice, ignored=False, limit=sync_limit).dirty
    with pytest.raises(Refused, match=r"big\.bin"):
        prepare(alice, limit=4)
    with pytest.raises(Refused, match=r"\.gitignore"):
        prepare(alice, ignored=False, limit=4)


def test_planted_hooks_and_monitors_do_not_run(alice: Path, tmp_path: Path) -> None:
    proof = tmp_path / "ran"
    program = alice / ".git" / "evil"
    program.write_text(f"#!/bin/sh\ntouch {proof}\n")
    program.chmod(0o755)
    for hook in ("pre-commit", "post-commit", "pre-push", "post-checkout", "post-index-change"):
        (alice / ".git" / "hooks").mkdir(exist_ok=True)
        (alice / ".git" / "hooks" / hook).symlink_to(program)
    (alice / ".git" / "hooks" / "reference-transaction").symlink_to(program)
    git(alice, "config", "core.fsmonitor", str(program))
    proof.unlink(missing_ok=True)
    write(alice, {"day2.csv": "1\n"})
    sync(alice, "alice")
    update(alice)
    assert not proof.exists()


def test_inherited_git_variables_do_not_bend_a_sync(
    alice: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    subprocess.run(["git", "init", "-q", str(other)], check=True)
    write(alice, {"day2.csv": "1\n"})
    remote = remote_of(alice)
    for name, value in {
        "GIT_DIR": other / ".git",
        "GIT_WORK_TREE": other,
        "GIT_INDEX_FILE": other / "index",
        "GIT_TRACE": "1",
        "GIT_ASKPASS": "/bin/false",
    }.items():
        monkeypatch.setenv(name, str(value))
    sync(alice, "alice")
    monkeypatch.undo()
    assert "day2.csv" in files_at(remote)
    assert not (other / "index").exists()


def test_a_directory_inside_another_repository_is_not_taken_for_it(alice: Path) -> None:
    (alice / "inner").mkdir()
    with pytest.raises(GitFailed, match="not a git repository"):
        prepare(alice / "inner")


def test_a_foreign_index_lock_is_named_and_left_alone(alice: Path) -> None:
    write(alice, {"day2.csv": "1\n"})
    lock = alice / ".git" / "index.lock"
    lock.write_text("")
    with pytest.raises(GitFailed, match="at work") as caught:
        prepare(alice)
    assert f"rm {lock}" in caught.value.hint
    os.utime(lock, (1_500_000_000, 1_500_000_000))
    with pytest.raises(GitFailed, match=r"days old .*older than the last start") as caught:
        prepare(alice)
    assert "can be deleted" in caught.value.hint
    assert lock.exists()
    lock.unlink()
    sync(alice, "alice")


def test_a_lock_that_is_minutes_old_with_no_git_there_can_be_deleted(
    alice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psutil

    monkeypatch.setattr(psutil, "boot_time", lambda: 0.0)
    lock = alice / ".git" / "index.lock"
    lock.write_text("")
    old = lock.stat().st_mtime - 600
    os.utime(lock, (old, old))
    with pytest.raises(GitFailed, match=r"10 minutes old .*no git runs there"):
        prepare(alice)
    with subprocess.Popen(["git", "cat-file", "--batch"], cwd=alice, stdin=subprocess.PIPE) as running:
        with pytest.raises(GitFailed, match=r"at work .* since 10 minutes"):
            prepare(alice)
        running.kill()


def test_a_clone_behind_a_symbolic_link_is_synced_as_any_other(alice: Path, tmp_path: Path) -> None:
    clone(str(remote_of(alice)), tmp_path / "bob", local=True)
    write(tmp_path / "bob", {"sub/bob.csv": "1\n"})
    sync(tmp_path / "bob", "bob")
    (tmp_path / "way").symlink_to(alice)
    write(alice, {"day2.csv": "1\n"})
    assert sync(tmp_path / "way", "alice").kept == ()
    assert files_in(alice) == {"day1.csv", "day2.csv", "sub/bob.csv"}


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


def test_an_unreadable_file_of_the_tool_is_said(alice: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make another user's file")
    script = alice.parent / "as_nobody.py"
    script.write_text(
        "import os, sys\nfrom pathlib import Path\nimport git\nfrom roforlmao.errors import StorageFailed\n"
        "from roforlmao.git.sync import prepare\nos.environ['HOME'] = '/nonexistent'\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "try:\n    prepare(Path(sys.argv[1]))\n"
        "except StorageFailed as error:\n    print(error.message, error.hint)\n"
    )
    for directory in (alice, *alice.parents):
        if directory.is_relative_to("/tmp") and directory != Path("/tmp"):
            directory.chmod(0o755)
    subprocess.run(["chown", "-R", "65534:65534", str(alice)], check=True)
    write(alice, {"day2.csv": "1\n"})
    (alice / "day2.csv").chmod(0o600)
    done = python(script, str(alice))
    assert "belong to another user" in done.stdout, done.stderr
    assert "day2.csv" in done.stdout
    assert "chown" in done.stdout


def test_a_full_disk_is_said_and_what_was_there_stays(tmp_path: Path) -> None:
    if os.geteuid() != 0 or sys.platform != "linux":
        pytest.skip("only root can mount a small disk")
    url = remote_with(tmp_path / "r.git", {"day1.csv": "1\n"})
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], check=False)
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        clone(url, disk / "clone", local=True)
        (disk / "clone" / "noise.bin").write_bytes(os.urandom(1_800_000))
        for _ in range(2):
            with pytest.raises(StorageFailed, match="No space") as caught:
                sync(disk / "clone", "alice")
            assert "Free some space" in caught.value.hint
        assert git(disk / "clone", "status", "--porcelain") == "?? noise.bin"
        remote_with(tmp_path / "big.git", {"big.csv": "".join(f"{n * n}\n" for n in range(600_000))})
        with pytest.raises(StorageFailed):
            clone(str(tmp_path / "big.git"), disk / "other", local=True)
        assert sorted(path.name for path in disk.iterdir()) == ["clone"]
        (disk / "clone" / "noise.bin").write_bytes(b"1\n")
        sync(disk / "clone", "alice")
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
    assert "noise.bin" in files_at(tmp_path / "r.git")
