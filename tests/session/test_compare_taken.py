"""What the verb compare writes: default names, files that are there already, a form for each ending."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.screens.terminal import Terminal
from tests.session.test_menus import launcher
from tests.session.world import Operator, World

OLD = "id,name,stars\n1,Kyber,5\n2,Maker,7\n"
NEW = "id,name,stars\n1,Kyber,6\n3,Aave,1\n"


@pytest.fixture
def alice(world: World) -> Operator:
    return world.operator("alice")


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.csv").write_text(OLD)
    (tmp_path / "new.csv").write_text(NEW)
    return tmp_path / "old.csv", tmp_path / "new.csv"


def test_added_rows_go_to_the_name_of_old_unless_another_is_given(
    alice: Operator, pair: tuple[Path, Path]
) -> None:
    assert alice.verb("compare", *pair, "--added-to").status == 1
    assert Path("update.csv").read_text() == "id,name,stars\n3,Aave,1\n"


@pytest.mark.parametrize("option", ["--added-to", "--output"])
def test_a_file_that_is_there_is_written_over_after_a_yes_only(
    option: str, alice: Operator, pair: tuple[Path, Path]
) -> None:
    Path("taken.csv").write_text("precious")
    refused = alice.verb("compare", *pair, option, "taken.csv")
    assert (refused.status, refused.data["error"]["code"]) == (2, "already-exists")
    assert "--overwrite" in refused.data["error"]["hint"]
    assert Path("taken.csv").read_text() == "precious"
    assert alice.verb("compare", *pair, option, "taken.csv", "--overwrite").status == 1
    assert "Aave" in Path("taken.csv").read_text()
    Path("taken.csv").write_text("precious")
    assert alice.verb("--yes", "compare", *pair, option, "taken.csv").status == 1
    assert "Aave" in Path("taken.csv").read_text()


@pytest.mark.parametrize("name", ["r.json", "r.csv", "r.md", "r.html", "R.HTM"])
def test_every_form_holds_the_change(name: str, alice: Operator, pair: tuple[Path, Path]) -> None:
    answer = alice.verb("compare", *pair, "--output", name)
    assert answer.status == 1, answer.out
    text = Path(name).read_text()
    assert "Aave" in text
    assert "stars" in text
    if name == "r.json":
        assert json.loads(text) == answer.data


def test_nothing_is_left_of_a_file_that_could_not_be_written(
    alice: Operator, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    Path("directory.json").mkdir()
    assert alice.verb("compare", *pair, "--output", "directory.json").status == 2
    Path("file").write_text("")
    failed = alice.verb("compare", *pair, "--output", "file/result.json")
    assert (failed.status, failed.data["error"]["code"]) == (3, "storage-failed")
    assert sorted(path.name for path in tmp_path.glob("*.json*")) == ["directory.json"]


def answer(terminal: Terminal, question: str, text: str) -> None:
    terminal.wait_for(question)
    terminal.send(f"{text}\r")


def test_plain_menus_read_the_comparison_out(world: World, alice: Operator) -> None:
    work = alice.home / "work"
    work.mkdir()
    (work / "dapps-2019-11-03.csv").write_text(OLD)
    (work / "dapps-2019-11-04.csv").write_text(NEW)
    with launcher(world, alice.home, "--plain", rows=60) as terminal:
        answer(terminal, "Your choice", "Compare two")
        answer(terminal, "Two days of a stream", "Two days")
        answer(terminal, "which stream", "1")
        answer(terminal, "the later one", "1")
        answer(terminal, "the earlier one", "1")
        screen = terminal.wait_for("Again: python launcher.py")
        assert "1 added, 1 removed, 1 changed" in screen
        assert "1: stars 5 -> 6" in screen
        assert b"\x1b[?25l" not in terminal.raw
