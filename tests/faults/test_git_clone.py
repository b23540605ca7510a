"""Clones are whole or absent; updates and retrieved commits never cost the operator anything."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from roforlmao.errors import (
    AlreadyExists,
    BadInput,
    Busy,
    Cancelled,
    GitFailed,
    NotFound,
    StorageFailed,
    Unreachable,
)
from roforlmao.git.clone import checkout, clone, clone_or_update, head, origin, update
from roforlmao.git.lock import flock
from tests.faults.gitrepos import Counting, bare, files_in, git, isolate, remote_with, sync, write


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch, tmp_path / "home")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return remote_with(tmp_path / "r.git", {"day1.csv": "1\n2\n"})


@pytest.fixture
def peer(url: str, tmp_path: Path) -> Path:
    """A clone through which a peer adds days."""
    clone(url, tmp_path / "peer", local=True)
    return tmp_path / "peer"


def add_day(peer: Path, number: int) -> str:
    write(peer, {f"day{number}.csv": "1\n"})
    return sync(peer, "peer").commit


def test_a_clone_gives_its_commit_origin_and_head(url: str, tmp_path: Path) -> None:
    commit = clone(url, tmp_path / "in" / "new" / "clone", local=True)
    assert commit == head(tmp_path / "in/new/clone") == git(Path(url), "rev-parse", "main")
    assert origin(tmp_path / "in/new/clone") == url
    assert [path.name for path in (tmp_path / "in/new").iterdir()] == ["clone"]


@pytest.mark.parametrize("branch", ["trunk", "master", "data/raw"])
def test_the_remotes_own_default_branch_is_followed(tmp_path: Path, branch: str) -> None:
    url = remote_with(tmp_path / "r.git", {"a.csv": "1\n"}, branch)
    clone(url, tmp_path / "clone", local=True)
    assert git(tmp_path / "clone", "symbolic-ref", "--short", "HEAD") == branch
    write(tmp_path / "clone", {"b.csv": "1\n"})
    sync(tmp_path / "clone", "alice")
    assert git(tmp_path / "r.git", "log", "--oneline", branch).count("\n") == 1


def test_a_remote_whose_default_branch_does_not_exist_is_checked_out_all_the_same(
    url: str, tmp_path: Path
) -> None:
    git(Path(url), "symbolic-ref", "HEAD", "refs/heads/gone")
    assert clone(url, tmp_path / "clone", local=True) == git(Path(url), "rev-parse", "main")
    assert files_in(tmp_path / "clone") == {"day1.csv"}
    assert update(tmp_path / "clone").after == head(tmp_path / "clone")


def test_an_empty_remote_gives_an_empty_clone_that_follows_later(tmp_path: Path) -> None:
    url = bare(tmp_path / "r.git")
    assert clone_or_update(url, tmp_path / "clone", local=True) == ("", "cloned")
    assert clone_or_update(url, tmp_path / "clone", local=True) == ("", "pulled")
    clone(url, tmp_path / "peer", local=True)
    commit = add_day(tmp_path / "peer", 1)
    assert clone_or_update(url, tmp_path / "clone", local=True) == (commit, "pulled")
    assert files_in(tmp_path / "clone") == {"day1.csv"}


def test_what_stands_in_the_way_of_a_clone_is_not_touched(url: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    other = bare(tmp_path / "other.git")
    clone(other, tmp_path / "foreign", local=True)
    for name in ("file", "full"):
        with pytest.raises(AlreadyExists, match="is there already"):
            clone(url, tmp_path / name, local=True)
        with pytest.raises(GitFailed, match="not a git repository"):
            clone_or_update(url, tmp_path / name, local=True)
    with pytest.raises(GitFailed, match=r"is a clone of .*other\.git, not of"):
        clone_or_update(url, tmp_path / "foreign", local=True)
    assert (tmp_path / "file").read_text() == (tmp_path / "full" / "mine").read_text() == "mine"
    (tmp_path / "hollow").mkdir()
    assert clone_or_update(url, tmp_path / "hollow", local=True)[1] == "cloned"


@pytest.mark.parametrize("spelling", ["{url}/", "file://{url}"])
def test_another_spelling_of_the_same_url_is_the_same_repository(
    url: str, tmp_path: Path, spelling: str
) -> None:
    clone(url, tmp_path / "clone", local=True)
    assert clone_or_update(spelling.format(url=url), tmp_path / "clone", local=True)[1] == "pulled"


def test_a_failed_or_cancelled_clone_leaves_nothing(url: str, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        clone(url, tmp_path / "in" / "clone", Counting(stop=1), local=True)
    shutil.rmtree(Path(url) / "objects")
    with pytest.raises(Unreachable, match="no repository"):
        clone(url, tmp_path / "in" / "clone", local=True)
    with pytest.raises(BadInput):
        clone(url, tmp_path / "in" / "clone", local=False)
    assert list((tmp_path / "in").iterdir()) == []


def test_leftovers_of_a_killed_clone_are_swept_but_a_living_one_is_busy(url: str, tmp_path: Path) -> None:
    for name in (".clone.part-dead", ".clone2.part-other"):
        write(tmp_path / "in" / name, {"clone/x": "1"})
    living = tmp_path / "in" / ".clone.part-live"
    living.mkdir()
    with flock(living, "held"), pytest.raises(Busy, match="is fetching to"):
        clone(url, tmp_path / "in" / "clone", local=True)
    clone(url, tmp_path / "in" / "clone", local=True)
    assert sorted(path.name for path in (tmp_path / "in").iterdir()) == [".clone2.part-other", "clone"]


def test_a_read_only_place_is_said(url: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed, match="Cannot write"):
        clone(url, tmp_path / "file" / "clone", local=True)


def test_an_update_brings_additions_changes_modes_and_deletions(peer: Path, url: str, tmp_path: Path) -> None:
    clone(url, tmp_path / "clone", local=True)
    before = head(tmp_path / "clone")
    write(peer, {"day1.csv": "1\n2\n3\n", "sub/dir/new.csv": "1\n", "run.sh": "#!/bin/sh\n"})
    (peer / "run.sh").chmod(0o755)
    sync(peer, "peer")
    progress = Counting()
    result = update(tmp_path / "clone", progress)
    assert (result.before, result.after) == (before, head(peer))
    assert ("Writing files" in progress.labels, progress.updates[-1]) == (True, (3, 3))
    assert (tmp_path / "clone" / "run.sh").stat().st_mode & 0o100
    shutil.rmtree(peer / "sub")
    (peer / "run.sh").chmod(0o644)
    sync(peer, "peer")
    update(tmp_path / "clone")
    assert files_in(tmp_path / "clone") == {"day1.csv", "run.sh"}
    assert not (tmp_path / "clone" / "sub").exists()
    assert not (tmp_path / "clone" / "run.sh").stat().st_mode & 0o100
    assert git(tmp_path / "clone", "status", "--porcelain") == ""


def test_links_of_a_peer_are_taken_as_links_and_nothing_is_written_behind_them(
    peer: Path, url: str, tmp_path: Path
) -> None:
    clone(url, tmp_path / "clone", local=True)
    (peer / "link").symlink_to(tmp_path)
    git(peer, "add", "link")
    git(peer, "commit", "-qm", "link")
    git(peer, "push", "-q")
    update(tmp_path / "clone")
    assert (tmp_path / "clone" / "link").is_symlink()
    (peer / "link").unlink()
    write(peer, {"link/stolen.csv": "1\n"})
    git(peer, "add", "-A")
    git(peer, "commit", "-qm", "directory")
    git(peer, "push", "-q")
    update(tmp_path / "clone")
    assert not (tmp_path / "stolen.csv").exists()
    assert files_in(tmp_path / "clone") == {"day1.csv", "link/stolen.csv"}


def test_a_file_that_becomes_a_directory_and_back_is_followed(peer: Path, url: str, tmp_path: Path) -> None:
    clone(url, tmp_path / "clone", local=True)
    (peer / "day1.csv").unlink()
    write(peer, {"day1.csv/part.csv": "1\n"})
    sync(peer, "peer")
    update(tmp_path / "clone")
    assert files_in(tmp_path / "clone") == {"day1.csv/part.csv"}
    shutil.rmtree(peer / "day1.csv")
    write(peer, {"day1.csv": "1\n2\n"})
    sync(peer, "peer")
    update(tmp_path / "clone")
    assert files_in(tmp_path / "clone") == {"day1.csv"}
    assert git(tmp_path / "clone", "status", "--porcelain") == ""


def test_own_edits_in_the_way_of_an_update_are_named_and_kept(peer: Path, url: str, tmp_path: Path) -> None:
    mine = tmp_path / "clone"
    clone(url, mine, local=True)
    write(peer, {"day1.csv": "1\n2\n3\n", "day2.csv": "1\n"})
    sync(peer, "peer")
    write(mine, {"day1.csv": "mine\n", "free.csv": "mine\n"})
    with pytest.raises(GitFailed, match=r"in the way: day1\.csv"):
        update(mine)
    assert files_in(mine) == {"day1.csv", "free.csv"}
    git(mine, "checkout", "-q", "day1.csv")
    update(mine)
    assert (mine / "free.csv").read_text() == "mine\n"
    assert (mine / "day2.csv").exists()


@pytest.mark.parametrize("name", ["sub", "sub/new.csv/mine.csv"])
def test_own_files_where_directories_would_go_stop_an_update_before_it_begins(
    peer: Path, url: str, tmp_path: Path, name: str
) -> None:
    mine = tmp_path / "clone"
    clone(url, mine, local=True)
    write(peer, {"sub/new.csv": "1\n", "other.csv": "1\n"})
    sync(peer, "peer")
    write(mine, {name: "mine\n"})
    with pytest.raises(GitFailed, match=r"in the way: sub/new\.csv"):
        update(mine)
    assert files_in(mine) == {"day1.csv", name}


def test_own_commits_are_not_left_behind_by_an_update(peer: Path, url: str, tmp_path: Path) -> None:
    mine = tmp_path / "clone"
    clone(url, mine, local=True)
    write(mine, {"mine.csv": "1\n"})
    git(mine, "add", "-A")
    git(mine, "commit", "-qm", "mine")
    own = head(mine)
    assert update(mine).after == own
    add_day(peer, 2)
    with pytest.raises(GitFailed, match="1 commit of your own") as caught:
        update(mine)
    assert "Sync them first" in caught.value.hint
    assert head(mine) == own


def test_an_announced_commit_is_shown_and_the_next_update_moves_on(
    peer: Path, url: str, tmp_path: Path
) -> None:
    mine = tmp_path / "clone"
    second, third = add_day(peer, 2), add_day(peer, 3)
    clone(url, mine, local=True)
    checkout(mine, second)
    checkout(mine, second)
    assert files_in(mine) == {"day1.csv", "day2.csv"}
    assert git(mine, "status", "--porcelain") == ""
    fourth = add_day(peer, 4)
    checkout(mine, fourth)
    assert head(mine) == fourth
    checkout(mine, third)
    assert update(mine).after == fourth
    assert files_in(mine) == {"day1.csv", "day2.csv", "day3.csv", "day4.csv"}


def test_a_commit_is_not_shown_over_edits_or_own_commits(peer: Path, url: str, tmp_path: Path) -> None:
    mine = tmp_path / "clone"
    first = git(peer, "rev-parse", "HEAD")
    add_day(peer, 2)
    clone(url, mine, local=True)
    write(mine, {"day2.csv": "edited\n"})
    with pytest.raises(GitFailed, match=r"You edited files in .*day2\.csv"):
        checkout(mine, first)
    assert (mine / "day2.csv").read_text() == "edited\n"
    git(mine, "commit", "-qam", "own")
    with pytest.raises(GitFailed, match="1 commit of your own"):
        checkout(mine, first)
    assert (mine / "day2.csv").read_text() == "edited\n"


def test_a_commit_that_is_not_in_the_repository_is_said(peer: Path, url: str, tmp_path: Path) -> None:
    mine = tmp_path / "clone"
    clone(url, mine, local=True)
    foreign = git(mine, "commit-tree", "-m", "not published", "HEAD^{tree}")
    for commit in ("0" * 40, foreign):
        with pytest.raises(NotFound, match="history was rewritten"):
            checkout(mine, commit)
    for text in ("main", "--help", "abc", "HEAD~1", ""):
        with pytest.raises(BadInput, match="is not a commit"):
            checkout(mine, text)


def test_a_damaged_clone_is_said_to_be_damaged(url: str, tmp_path: Path) -> None:
    mine = tmp_path / "clone"
    clone(url, mine, local=True)
    (mine / ".git" / "index").write_bytes(b"garbage")
    write(mine, {"day2.csv": "1\n"})
    with pytest.raises(GitFailed, match="damaged"):
        sync(mine, "alice")


@pytest.mark.parametrize("make", ["absent", "file", "directory", "bare"])
def test_what_is_not_a_clone_is_said(tmp_path: Path, make: str) -> None:
    place = tmp_path / "place"
    if make == "file":
        place.write_text("x")
    elif make == "directory":
        place.mkdir()
    elif make == "bare":
        subprocess.run(["git", "init", "-q", "--bare", str(place)], check=True)
    for question in (head, origin, update):
        with pytest.raises(GitFailed, match="is not a git repository"):
            question(place)
