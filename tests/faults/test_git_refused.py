"""What a sync refuses or stumbles over: each has its sentence, and nothing is changed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from roforlmao.errors import GitFailed, Refused, StorageFailed
from roforlmao.git.clone import clone, update
from roforlmao.git.sync import prepare
from tests.faults.gitrepos import (
    files_at,
    git,
    python,
    remote_of,
    remote_with,
    sync,
    write,
)

pytestmark = pytest.mark.usefixtures("home")


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
