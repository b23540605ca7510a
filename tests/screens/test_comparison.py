"""The screen of a comparison, as it stands on terminals of 80 and 60 columns, and what its keys do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from roforlmao.actions.base import Answers, Report
from roforlmao.actions.comparing import compare
from roforlmao.app import App
from roforlmao.errors import Cancelled
from roforlmao.paths import Home
from roforlmao.progress import Progress
from roforlmao.ui.comparison import open_screen
from roforlmao.ui.prompter import Back
from roforlmao.ui.screens import Stage
from tests.screens.glass import Glass, Script, glass

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "compare.md"
TAB, BACKTAB, DOWN, END = "\t", "\x1b[Z", "\x1b[B", "\x1b[F"
NAMES = ("Kyber", "Maker", "Aave", "Uniswap", "Synthetix", "Compound", "Augur", "Bancor", "Gnosis", "Idex")


def rows(day: int) -> str:
    """Ten exchanges; on the second day numbers moved, a text changed, one went and two came."""
    lines = ["link,name,users,volume,about"]
    for place, name in enumerate(NAMES):
        if day == 2 and name == "Idex":
            continue
        users = 100 * (place + 1) + (place * 7 if day == 2 and place % 3 else 0)
        volume = round(12.5 * (place + 1) * (1 if day == 1 or place == 6 else 0.9 + place / 25), 2)
        about = f"A decentralised exchange that lists {40 + place} pairs"
        if day == 2 and name == "Maker":
            about = "A decentralised lender that lists 41 pairs"
        lines.append(f"https://dapps.example.org/eth/{1000 + place},{name},{users},{volume},{about}")
    if day == 2:
        lines += [f"https://dapps.example.org/eth/{n},New {n},1,2.5,=1+1" for n in (1500, 1501)]
    return "\n".join(lines) + "\n"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Two days, by names that do not depend on where the tests run."""
    monkeypatch.chdir(tmp_path)
    for day in (1, 2):
        Path(f"dapps-2026-11-{day:02}.csv").write_text(rows(day))
    return {"old": Path("dapps-2026-11-01.csv"), "new": Path("dapps-2026-11-02.csv")}


@contextmanager
def screen(
    home: Path,
    answers: dict[str, Any],
    script: Callable[[Glass], Script],
    *,
    again: Callable[[Answers], Report] | None = None,
    **terminal: Any,
) -> Iterator[Glass]:
    """The screen with the script at its keys; it ends with an Esc of the script's."""
    app = App(Home.locate(None, str(home), {}), {})
    shown = compare(app, Progress(), **answers)
    with glass(**terminal) as (ask, drawn):
        stage = Stage(
            app,
            ask,
            answers,
            again=again or (lambda changed: compare(app, Progress(), **{**answers, **changed})),
            do=lambda *_: None,
            work=lambda call: call(Progress()),
        )
        drawn.follow(script(drawn))
        with pytest.raises(Back):
            open_screen(shown.view, stage)
        yield drawn


def pictures(files: dict[str, Path], home: Path, columns: int) -> dict[str, list[str]]:
    """Each list, and a record, as lines of the terminal."""
    taken: dict[str, list[str]] = {}

    def script(drawn: Glass) -> Script:
        for name, keys, awaited in (
            ("columns", "", "fall  rise"),
            ("changed", TAB, "[Changed"),
            ("record", DOWN + "\r", "Record 2"),
            ("added", "\x1b" + "", "c columns"),
        ):
            drawn.press(keys)
            yield awaited
            taken[name] = drawn.lines
        drawn.press(TAB)
        yield "[Added"
        taken["added"] = drawn.lines
        drawn.press("\x1b")

    with screen(home, files, script, cols=columns, rows=24):
        return taken


@pytest.mark.parametrize("columns", [80, 60])
def test_the_screens_are_those_of_the_documentation(
    columns: int, files: dict[str, Path], tmp_path: Path
) -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    for name, lines in pictures(files, tmp_path, columns).items():
        text = "\n".join(lines).rstrip()
        assert f"<!-- {name} at {columns} columns -->\n```\n{text}\n```" in document, f"\n{name}:\n{text}"


def test_without_colour_a_difference_stands_in_brackets(files: dict[str, Path], tmp_path: Path) -> None:
    def script(drawn: Glass) -> Script:
        yield "fall  rise"
        drawn.press(TAB + DOWN + "\r")
        yield "Record 2"
        assert "A decentralised [exchange] that" in drawn.text
        drawn.press("\x1b")
        yield "c columns"
        drawn.press("\x1b")

    with screen(tmp_path, files, script, color=False) as drawn:
        assert "\x1b[3" not in drawn.raw, "no colour was written"


def test_a_column_shows_its_own_rows_and_all_come_back(files: dict[str, Path], tmp_path: Path) -> None:
    def script(drawn: Glass) -> Script:
        yield "fall  rise"
        drawn.press("/about\r")
        yield " » about"
        drawn.press("\r")
        yield "[Changed 1 by about]"
        assert "users" not in drawn.text
        drawn.press("a")
        yield "[Changed 8]"
        assert "users" in drawn.text
        drawn.press(BACKTAB)
        yield "[Columns]"
        drawn.press(END + "\r")
        yield "No cell of name changed."
        drawn.press("\x1b")

    with screen(tmp_path, files, script):
        pass


def test_columns_are_ignored_and_keys_chosen_without_leaving(files: dict[str, Path], tmp_path: Path) -> None:
    def script(drawn: Glass) -> Script:
        yield "8 changed, 2 added, 1 removed"
        assert " » volume" in drawn.text
        drawn.press("i")
        yield "Ignored: volume."
        assert "6 changed, 2 added, 1 removed" in drawn.text
        drawn.press("i")
        yield "8 changed, 2 added, 1 removed"
        assert "Ignored" not in drawn.text
        drawn.press("/name\r")
        yield " » name"
        drawn.press("k")
        yield "Key: name (given)"
        assert " » name  key" in drawn.text
        drawn.press("k")
        yield "Key: link (unique)"
        drawn.press("\x1b")

    with screen(tmp_path, files, script):
        pass


def test_a_tolerance_is_checked_and_taken_back(files: dict[str, Path], tmp_path: Path) -> None:
    def script(drawn: Glass) -> Script:
        yield "8 changed"
        drawn.press("t")
        yield "no further apart"
        drawn.press("abc\r")
        yield "'abc' is not a tolerance"
        drawn.press("\x15100\r")
        yield "Tolerance: 100."
        assert "1 changed" in drawn.text, "only the text is left"
        drawn.press("t")
        yield "no further apart"
        drawn.press("\x15\r")
        yield "8 changed"
        drawn.press("t")
        yield "no further apart"
        drawn.press("\x1b")
        yield "8 changed"
        drawn.press("\x1b")

    with screen(tmp_path, files, script):
        pass


def test_a_comparison_that_is_stopped_leaves_the_earlier_one(files: dict[str, Path], tmp_path: Path) -> None:
    def stopped(_: Answers) -> Report:
        raise Cancelled("Stopped.")

    def script(drawn: Glass) -> Script:
        yield "8 changed"
        drawn.press("i")
        yield "Stopped; this is still the earlier result."
        assert "8 changed" in drawn.text
        drawn.press("\x1b")

    with screen(tmp_path, files, script, again=stopped):
        pass


def test_what_cannot_be_is_told_in_the_screen(files: dict[str, Path], tmp_path: Path) -> None:
    def script(drawn: Glass) -> Script:
        yield "8 changed"
        files["new"].unlink()
        drawn.press("i")
        yield "There is no file"
        assert "8 changed" in drawn.text  # the earlier result stays
        drawn.press("\x1b")

    with screen(tmp_path, files, script):
        pass


@pytest.mark.parametrize(
    ("choice", "name", "holds"),
    [
        ("added rows", "update.csv", "eth/1500,New 1500,1,2.5,=1+1\n"),
        ("page", "comparison.html", "<del>A decentralised <mark>"),
        ("Markdown", "comparison.md", "## Changed: 8 rows"),
        ("CSV", "comparison.csv", ",about,,'=1+1\n"),
        ("JSON", "comparison.json", '"identical": false'),
    ],
)
def test_results_are_taken_along(
    choice: str, name: str, holds: str, files: dict[str, Path], tmp_path: Path
) -> None:
    def script(drawn: Glass) -> Script:
        yield "8 changed"
        for existing in (False, True):
            drawn.press("e")
            yield "Take along"
            drawn.press(f"{choice}\r")
            yield "Write to"
            drawn.press("\r")
            if existing:
                yield "Write over"
                drawn.press("y")
                yield "Wrote"
            else:
                yield "Wrote"
        drawn.press("\x1b")

    with screen(tmp_path, files, script):
        written = (tmp_path / "work" / name).read_text()
    assert holds in written
    if name.endswith(".json"):
        assert json.loads(written)["counts"]["changed"] == 8


def test_the_compared_files_are_not_written_over(files: dict[str, Path], tmp_path: Path) -> None:
    def script(drawn: Glass) -> Script:
        yield "8 changed"
        drawn.press("e")
        yield "Take along"
        drawn.press("CSV\r")
        yield "Write to"
        drawn.press(f"\x15{files['new']}\r")
        yield "would be written over"
        drawn.press("\x15result.xls\r")
        yield "does not say in what form"
        drawn.press("\x1b")
        yield "8 changed"
        drawn.press("\x1b")

    with screen(tmp_path, files, script):
        assert files["new"].read_text() == rows(2)


def open_on(tmp_path: Path, old: str, new: str, keys: Sequence[tuple[str, str]]) -> str:
    """What stood on the screen at last; ``keys`` are pairs of what is awaited and then pressed."""
    seen = []
    for name, text in (("old", old), ("new", new)):
        (tmp_path / f"{name}.csv").write_text(text)

    def script(drawn: Glass) -> Script:
        for awaited, pressed in keys:
            yield awaited
            seen.append(drawn.text)
            drawn.press(pressed)

    with screen(tmp_path, {"old": tmp_path / "old.csv", "new": tmp_path / "new.csv"}, script):
        return seen[-1]


def test_an_empty_file_and_added_columns_are_shown(tmp_path: Path) -> None:
    shown = open_on(tmp_path, "", "id,v\n1,a\n", [("0 changed, 1 added", TAB * 2), ("[Added 1]", "\x1b")])
    assert " » 1   a" in shown
    shown = open_on(tmp_path, "id,v\n1,a\n", "", [("1 removed", TAB * 3), ("[Removed 1]", "\x1b")])
    assert " » 1   a" in shown
    shown = open_on(tmp_path, "id,v\n1,a\n", "id,v,w\n1,a,b\n", [("0 changed", "\x1b")])
    assert "w  only in the new file" in shown


def test_ragged_rows_whole_row_keys_and_hostile_cells_are_shown(tmp_path: Path) -> None:
    shown = open_on(
        tmp_path,
        "id,v\n1,a\n2,b\n",
        "id,v\n1,a,\x1b]0;owned\x07extra\n2,\x1b[31mred\n",
        [("2 changed", TAB), ("[Changed 2]", "\r"), ("Record 1", "\x1b"), ("c columns", "\x1b")],
    )
    assert "column 3" in shown
    assert "(none) → extra" in shown
    shown = open_on(
        tmp_path, "a,b\nx,y\nx,y\n", "a,b\nx,y\nz,w\n", [("removed", TAB * 2), ("[Added", "\x1b")]
    )
    assert "z  w" in shown


def test_files_that_are_read_in_blocks_page_and_search_alike(tmp_path: Path) -> None:
    old = [f"{number},name {number},{number % 977},{'x' * 160}" for number in range(50_000)]
    new = [row.replace("x", "y", 1) if number % 10 == 0 else row for number, row in enumerate(old)]
    for name, lines in (("old", old), ("new", [*new[2:], new[1], "50001,name 50001,1,z"])):
        (tmp_path / f"{name}.csv").write_text("id,name,stars,text\n" + "\n".join(lines) + "\n")

    def script(drawn: Glass) -> Script:
        yield "4,999 changed, 1 added, 1 removed, 45,000 unchanged, some moved"
        drawn.press("m")
        yield "45,000 unchanged, 1 moved"
        assert "count moved" not in drawn.text
        drawn.press("\r")
        yield "[Changed 4,999 by text]"
        drawn.press(END)
        yield " » 49990"
        drawn.press("/name 25000\r")
        yield " » 25000"
        drawn.press("\r")
        yield "Record 2,500 of 4,999"
        drawn.press("\x1b")
        yield "c columns"
        drawn.press(TAB)
        yield " » 50001"
        drawn.press("\x1b")

    with screen(tmp_path, {"old": tmp_path / "old.csv", "new": tmp_path / "new.csv"}, script) as drawn:
        assert drawn.text == ""
