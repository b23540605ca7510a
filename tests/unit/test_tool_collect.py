"""What a run left goes to the data clone: whole files, nothing deleted, no link followed."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

from roforlmao.errors import Cancelled, NotFound
from roforlmao.progress import Progress
from roforlmao.tools.collect import collect, uncollected
from roforlmao.tools.model import Command, Definition
from roforlmao.tools.records import Installed


class Told(Progress):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def log(self, line: str) -> None:
        self.lines.append(line)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def tool(tmp_path: Path) -> Installed:
    code, data = tmp_path / "code", tmp_path / "data"
    (code / ".git").mkdir(parents=True)
    (code / "out").mkdir()
    (data / ".git").mkdir(parents=True)
    definition = Definition("sar", "", "out", "", "", None, (Command("Run", "", "sh"),))
    return Installed("sar", "script", code, data, "u", "u", "c", "", "f", "me", "t", definition)


def leave(tool: Installed, name: str, text: str) -> Path:
    path = tool.path / "out" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def data(tool: Installed) -> Path:
    assert tool.data_path
    return tool.data_path


def test_new_and_changed_files_are_copied_once_with_their_directories(tool: Installed, told: Told) -> None:
    leave(tool, "b.csv", "1\n")
    leave(tool, "2024/a.csv", "2\n")
    assert collect(tool, told) == ["2024/a.csv", "b.csv"]
    assert (data(tool) / "2024" / "a.csv").read_text() == "2\n"
    assert collect(tool, told) == []
    leave(tool, "b.csv", "1\n3\n")
    assert collect(tool, told) == ["b.csv"]
    assert (data(tool) / "b.csv").read_text() == "1\n3\n"
    assert told.lines == []


def test_the_copy_keeps_its_time_and_leaves_no_half_file(tool: Installed, told: Told) -> None:
    source = leave(tool, "a.csv", "1\n")
    os.utime(source, ns=(5, 1_000_000_007))
    collect(tool, told)
    assert (data(tool) / "a.csv").stat().st_mtime_ns == 1_000_000_007
    assert sorted(path.name for path in data(tool).iterdir()) == [".git", "a.csv"]


def test_nothing_is_deleted_in_the_data_clone(tool: Installed, told: Told) -> None:
    leave(tool, "a.csv", "1\n")
    collect(tool, told)
    (tool.path / "out" / "a.csv").unlink()
    (data(tool) / "of-a-peer.csv").write_text("2\n")
    assert collect(tool, told) == []
    assert sorted(path.name for path in data(tool).glob("*.csv")) == ["a.csv", "of-a-peer.csv"]


def test_what_a_peer_corrected_since_is_not_reverted(tool: Installed, told: Told) -> None:
    leave(tool, "a.csv", "wrong\n")
    collect(tool, told)
    (data(tool) / "a.csv").write_text("corrected by a peer\n")
    assert collect(tool, told) == []
    assert (data(tool) / "a.csv").read_text() == "corrected by a peer\n"
    leave(tool, "a.csv", "collected anew\n")
    assert collect(tool, told) == ["a.csv"]


def test_a_result_that_vanished_from_the_data_clone_is_brought_again(tool: Installed, told: Told) -> None:
    leave(tool, "a.csv", "1\n")
    collect(tool, told)
    (data(tool) / "a.csv").unlink()
    assert uncollected(tool) == ["a.csv"]
    assert collect(tool, told) == ["a.csv"]


def test_links_pipes_and_git_files_are_left_out(tool: Installed, told: Told, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    out = tool.path / "out"
    (out / "link.csv").symlink_to(tmp_path / "secret")
    (out / "folder").symlink_to(tmp_path)
    os.mkfifo(out / "pipe")
    for name in (
        ".git/config",
        "deep/.git/hooks/x",
        ".gitattributes",
        "deep/.gitmodules",
        ".gitkeep",
        ".keep",
    ):
        leave(tool, name, "x")
    leave(tool, "deep/good.csv", "1\n")
    assert collect(tool, told) == ["deep/good.csv"]
    left_out = [line.removeprefix("Left out, not a regular file: ") for line in told.lines]
    assert sorted(left_out) == ["folder", "link.csv", "pipe"]


def test_a_link_in_the_data_clone_is_not_written_through(tool: Installed, told: Told, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (data(tool) / "deep").symlink_to(outside)
    (data(tool) / "b.csv").symlink_to(outside / "b.csv")
    (data(tool) / "c.csv").mkdir()
    for name in ("deep/a.csv", "b.csv", "c.csv"):
        leave(tool, name, "1\n")
    assert collect(tool, told) == ["b.csv"]
    assert list(outside.iterdir()) == []
    assert not (data(tool) / "b.csv").is_symlink()
    assert len(told.lines) == 2


def test_a_data_directory_that_became_a_link_is_not_followed(
    tool: Installed, told: Told, tmp_path: Path
) -> None:
    (tool.path / "out").rmdir()
    (tool.path / "out").symlink_to(tmp_path)
    (tmp_path / "secret").write_text("x")
    assert collect(tool, told) == []
    assert "symbolic link" in told.lines[0]


def test_a_missing_data_directory_is_said(tool: Installed, told: Told) -> None:
    (tool.path / "out").rmdir()
    assert collect(tool, told) == []
    assert told.lines == ["Nothing was collected: the tool left no directory 'out'."]


def test_without_a_data_repository_results_stay_and_count_as_uncollected(tool: Installed, told: Told) -> None:
    leave(tool, "a.csv", "1\n")
    alone = dataclasses.replace(tool, data_path=None)
    assert collect(alone, told) == []
    assert "no data repository" in told.lines[0]
    assert uncollected(alone) == ["a.csv"]


def test_a_data_clone_that_is_gone_has_a_sentence(tool: Installed, told: Told) -> None:
    (data(tool) / ".git").rmdir()
    with pytest.raises(NotFound, match="data clone of 'sar' is gone"):
        collect(tool, told)


def test_cancel_stops_between_files(tool: Installed, told: Told) -> None:
    leave(tool, "a.csv", "1\n")
    told.cancel()
    with pytest.raises(Cancelled):
        collect(tool, told)
    assert not (data(tool) / "a.csv").exists()


def test_a_damaged_memory_of_the_last_time_costs_only_a_comparison(tool: Installed, told: Told) -> None:
    leave(tool, "a.csv", "1\n")
    collect(tool, told)
    (tool.path / ".git" / "roforlmao-collected.json").write_text("{broken")
    assert collect(tool, told) == []
