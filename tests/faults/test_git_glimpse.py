"""A few files of one foreign commit: from hosts that help and hosts that do not, gone, huge, hostile."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from roforlmao.errors import BadInput, Cancelled, NotFound, Unreachable
from roforlmao.git import glimpse as module
from roforlmao.git.glimpse import Glimpse, glimpse
from roforlmao.progress import Progress
from tests.faults.gitrepos import git, remote_with, write
from tests.faults.gitservers import http_server

BIG = "x" * 3_000_000


def days(paths: Sequence[str]) -> Sequence[str]:
    return [path for path in paths if "2024-05-01" in path]


def look(
    url: str | Path,
    target: Path,
    commit: str = "",
    wanted: Callable[[Sequence[str]], Sequence[str]] = days,
) -> Glimpse:
    return glimpse(str(url), commit, wanted, target, Progress(), local=True)


def texts(found: Glimpse) -> dict[str, str]:
    return {one.path: one.copy.read_text() for one in found.taken}


@pytest.fixture
def remote(tmp_path: Path, home: Path) -> Path:
    """A day's file, a big one of another day, and a younger commit that changed the day's."""
    path = tmp_path / "r.git"
    remote_with(path, {"a/x-2024-05-01.csv": "1\n", "x-2024-04-30.csv": BIG})
    return path


def change(remote: Path, files: dict[str, str], *options: str) -> None:
    """One more commit on the remote's branch."""
    seed = remote.parent / f"{remote.name}-seed"
    write(seed, files)
    git(seed, "add", "--all")
    git(seed, "commit", "--quiet", "--message", "a change", *options)
    git(seed, "push", "--quiet", "--force", "origin", "main")


def test_the_announced_commit_is_seen_though_the_branch_went_on(remote: Path, tmp_path: Path) -> None:
    announced = git(remote, "rev-parse", "main")
    change(remote, {"a/x-2024-05-01.csv": "2\n"})
    found = look(remote, tmp_path / "seen", announced)
    assert (found.commit, found.files, texts(found)) == (announced, 2, {"a/x-2024-05-01.csv": "1\n"})
    assert texts(look(remote, tmp_path / "seen")) == {"a/x-2024-05-01.csv": "2\n"}  # no commit: as it stands
    assert texts(look(remote, tmp_path / "seen", announced[:8])) == {"a/x-2024-05-01.csv": "1\n"}
    assert [path.name for path in tmp_path.iterdir() if ".part-" in path.name] == []


@pytest.mark.parametrize("helps", [True, False])
def test_other_days_do_not_come_from_a_host_that_can_leave_them_out(
    remote: Path, tmp_path: Path, helps: bool
) -> None:
    git(remote, "config", "uploadpack.allowFilter", str(helps))
    git(remote, "config", "core.looseCompression", "0")
    size: list[int] = []

    def weigh(paths: Sequence[str]) -> Sequence[str]:
        size.append(sum(path.stat().st_size for path in tmp_path.glob(".seen.part-*/bare/**/*.pack")))
        return days(paths)

    with http_server(tmp_path) as url:
        commit = git(remote, "rev-parse", "main")
        found = look(f"{url}/r.git", tmp_path / "seen", commit, weigh)
    assert texts(found) == {"a/x-2024-05-01.csv": "1\n"}
    assert (size[0] < 1500) is helps


def test_a_host_that_gives_out_branches_only_is_asked_for_those(
    remote: Path, tmp_path: Path, home: Path
) -> None:
    announced = git(remote, "rev-parse", "main")
    change(remote, {"a/x-2024-05-01.csv": "2\n"})
    with (home / ".gitconfig").open("a") as configuration:
        configuration.write("[protocol]\n version = 0\n")  # where ids that no branch shows are refused
    assert texts(look(remote, tmp_path / "seen", announced)) == {"a/x-2024-05-01.csv": "1\n"}


@pytest.mark.parametrize("version", [0, 2])
def test_a_commit_that_was_rewritten_away_is_told(
    remote: Path, tmp_path: Path, home: Path, version: int
) -> None:
    announced = git(remote, "rev-parse", "main")
    change(remote, {"a/x-2024-05-01.csv": "2\n"}, "--amend")
    git(remote, "gc", "--quiet", "--prune=now")
    with (home / ".gitconfig").open("a") as configuration:
        configuration.write(f"[protocol]\n version = {version}\n")
    with pytest.raises(NotFound, match="its history was rewritten"):
        look(remote, tmp_path / "seen", announced)
    assert not (tmp_path / "seen").exists()


def test_a_repository_that_is_gone_empty_or_forbidden_is_told(tmp_path: Path, home: Path) -> None:
    with pytest.raises(Unreachable):
        look(tmp_path / "nothing.git", tmp_path / "seen", "0" * 40)
    empty = tmp_path / "empty.git"
    empty.mkdir()
    git(empty, "init", "--quiet", "--bare")
    with pytest.raises(NotFound, match="no default branch"):
        look(empty, tmp_path / "seen")
    for url in ("ext::sh -c id", "-x", "https://user:pass@example.org/x"):
        with pytest.raises(BadInput):
            look(url, tmp_path / "seen")


def test_fifty_thousand_files_are_counted_and_one_is_taken(tmp_path: Path, home: Path) -> None:
    remote = tmp_path / "many.git"
    remote.mkdir()
    git(remote, "init", "--quiet", "--bare", "--initial-branch=main")
    paths = "".join(f"M 100644 :1 d{n % 50}/f{n}.csv\n" for n in range(50_000))
    stream = f"blob\nmark :1\ndata 2\n1\n\ncommit refs/heads/main\ncommitter T <t@e> 0 +0000\ndata 0\n{paths}"
    stream += "M 100644 :1 x-2024-05-01.csv\n"
    subprocess.run(["git", "fast-import", "--quiet"], cwd=remote, input=stream.encode(), check=True)
    found = look(remote, tmp_path / "seen")
    assert (found.files, texts(found)) == (50_001, {"x-2024-05-01.csv": "1\n"})
    with pytest.raises(BadInput, match="files are of that day"):
        look(remote, tmp_path / "seen", wanted=lambda paths: paths)


def test_links_are_no_files_and_foreign_paths_are_not_followed(tmp_path: Path, home: Path) -> None:
    remote = tmp_path / "hostile.git"
    remote.mkdir()
    git(remote, "init", "--quiet", "--bare", "--initial-branch=main")
    names = ("120000 link-2024-05-01.csv", '100644 "-2024-05-01\\nx.csv"', "100644 a/../../2024-05-01.csv")
    stream = (
        "blob\nmark :1\ndata 11\n/etc/passwd\ncommit refs/heads/main\ncommitter T <t@e> 0 +0000\ndata 0\n"
    )
    stream += "".join(f"M {mode} :1 {name}\n" for mode, name in (one.split(" ", 1) for one in names[:2]))
    subprocess.run(["git", "fast-import", "--quiet"], cwd=remote, input=stream.encode(), check=True)
    found = look(remote, tmp_path / "seen")
    assert [(one.path, one.copy.name) for one in found.taken] == [("-2024-05-01\nx.csv",) * 2]
    assert found.taken[0].copy.resolve().is_relative_to(tmp_path / "seen")


def test_a_file_over_the_limit_is_told_and_the_others_come(
    remote: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FILE_LIMIT", 1000)
    found = look(remote, tmp_path / "seen", wanted=lambda paths: paths)
    assert (list(texts(found)), found.too_large) == (["a/x-2024-05-01.csv"], ("x-2024-04-30.csv",))


def test_a_tree_without_end_is_refused(remote: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FILES", 1)
    with pytest.raises(Exception, match="more than 1 files"):
        look(remote, tmp_path / "seen")


def test_what_a_cancelled_look_began_is_gone_and_the_earlier_one_stays(remote: Path, tmp_path: Path) -> None:
    look(remote, tmp_path / "seen")
    progress = Progress()
    done = threading.Event()

    def stop(paths: Sequence[str]) -> Sequence[str]:
        progress.cancel()
        done.set()
        return days(paths)

    with pytest.raises(Cancelled):
        glimpse(str(remote), "", stop, tmp_path / "seen", progress, local=True)
    assert done.is_set()
    assert (tmp_path / "seen/0/x-2024-05-01.csv").read_text() == "1\n"
    assert [path.name for path in tmp_path.iterdir() if ".part-" in path.name] == []
