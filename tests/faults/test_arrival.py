"""What arrived in a dataset is laid out for a tool: harmless whatever a foreign tree holds."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from roforlmao.data import arrival
from roforlmao.data.arrival import Arrived, freeze, lay_out, thaw
from roforlmao.git.repository import Repository
from roforlmao.progress import Progress
from tests.session.world import World


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    place = tmp_path / "clone"
    place.mkdir()
    World.git(place, "init", "--quiet", "--initial-branch=main")
    return place


def commit(clone: Path, files: dict[str, str]) -> str:
    World.write(clone, files)
    World.git(clone, "add", "--all")
    World.git(clone, "commit", "--quiet", "--allow-empty", "--message", "x")
    return World.git(clone, "rev-parse", "HEAD")


def laid(clone: Path, before: str, after: str, target: Path) -> tuple[Arrived, ...]:
    return lay_out(Repository(clone), before, after, target, Progress()).files


def below(target: Path) -> list[str]:
    return sorted(path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file())


def test_tables_come_with_their_rows_and_other_files_whole(clone: Path, tmp_path: Path) -> None:
    first = commit(clone, {"t.csv": "k,v\n1,a\n2,b\n", "x.bin": "\0\1", "gone.csv": "k\n1\n"})
    (clone / "gone.csv").unlink()
    second = commit(clone, {"t.csv": "k,v\n1,a\n2,c\n3,d\n", "x.bin": "\0\2", "broken.csv": '"\n'})
    found = laid(clone, first, second, tmp_path / "in")
    assert found[1:] == (Arrived("t.csv", "t.csv", 1, 1), Arrived("x.bin", "x.bin", None, None))
    assert set(below(tmp_path / "in")) >= {"added/t.csv", "changed/t.csv", "snapshot/t.csv", "snapshot/x.bin"}
    assert "snapshot/gone.csv" not in below(tmp_path / "in")
    assert (tmp_path / "in/snapshot/x.bin").read_bytes() == b"\0\2"
    assert (tmp_path / "in/changed/t.csv").read_text() == "k,v\n2,c\n"


def test_a_new_day_is_compared_with_the_day_before_it_and_not_with_a_later_one(
    clone: Path, tmp_path: Path
) -> None:
    names = [f"a/{kind}-2026-11-{day:02}.csv" for kind in ("x", "y") for day in (1, 2, 9)]
    first = commit(clone, {name: f"k\n{number}\n" for number, name in enumerate(names)})
    second = commit(clone, {"a/x-2026-11-05.csv": "k\n1\n7\n"})
    assert laid(clone, first, second, tmp_path / "in") == (
        Arrived("a/x-2026-11-05.csv", "a/x-2026-11-02.csv", 1, 0),
    )
    assert (tmp_path / "in/added/a/x-2026-11-05.csv").read_text() == "k\n7\n"


def test_the_first_commit_of_all_is_compared_with_nothing(clone: Path, tmp_path: Path) -> None:
    only = commit(clone, {"t.csv": "k\n1\n2\n"})
    assert laid(clone, "", only, tmp_path / "in") == (Arrived("t.csv", "", 2, 0),)


def test_links_and_paths_that_lead_elsewhere_are_left_out(clone: Path, tmp_path: Path) -> None:
    (clone / "link.csv").symlink_to("/etc/passwd")
    first = commit(clone, {"good.csv": "k\n1\n"})
    blob = World.git(clone, "rev-parse", "HEAD:good.csv")
    inner = mktree(clone, f"100644 blob {blob}\tevil.csv\n")
    lines = [f"040000 tree {inner}\t..", f"040000 tree {inner}\t.git", f"100644 blob {blob}\tok.csv"]
    tree = mktree(clone, "".join(f"{line}\n" for line in lines))
    second = World.git(clone, "commit-tree", "-m", "evil", "-p", first, tree)
    assert [one.path for one in laid(clone, "", first, tmp_path / "one")] == ["good.csv"]
    assert [one.path for one in laid(clone, first, second, tmp_path / "in/side")] == ["ok.csv"]
    assert not (tmp_path / "in" / "evil.csv").exists()
    assert below(tmp_path / "in") == ["side/added/ok.csv", "side/snapshot/ok.csv"]


def mktree(clone: Path, text: str) -> str:
    done = subprocess.run(
        ["git", "mktree"], cwd=clone, input=text, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_of_very_many_files_the_last_are_laid_out_and_the_rest_counted(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrival, "_MOST", 3)
    only = commit(clone, {f"{number}.txt": "x\n" for number in range(8)})
    found = lay_out(Repository(clone), "", only, tmp_path / "in", Progress())
    assert [one.path for one in found.files] == ["5.txt", "6.txt", "7.txt"]
    assert found.left_out == 5


def test_what_is_frozen_can_be_read_and_thawed_again(clone: Path, tmp_path: Path) -> None:
    only = commit(clone, {"a/t.csv": "k\n1\n"})
    laid(clone, "", only, tmp_path / "in")
    freeze(tmp_path / "in")
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "in").rglob("*")}
    assert modes == {0o444, 0o555}
    thaw(tmp_path / "in")
    assert (tmp_path / "in").stat().st_mode & 0o777 == 0o755
