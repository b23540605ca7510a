"""Wide tables and long cells in a viewer: scrolling and choosing columns, cards, hostile text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roforlmao.ui.card import card_lines
from roforlmao.ui.grid import Grid
from roforlmao.ui.painted import Cell, line, natural, plain, rows
from roforlmao.ui.prompter import Back
from roforlmao.ui.sheet import Field, Place, Rows, Sheet
from roforlmao.ui.viewer import view
from tests.screens.glass import Script, glass

LEFT, RIGHT, DOWN, END = "\x1b[D", "\x1b[C", "\x1b[B", "\x1b[F"
WIDE = Sheet(
    "Wide",
    ("name", *(f"column{number}" for number in range(1, 20))),
    [(f"row {row}", *(f"cell{row}.{number}" for number in range(1, 20))) for row in range(3)],
)


def cells(drawn: list[list[tuple[str, str]]]) -> list[str]:
    return ["".join(text for _, text in row) for row in drawn]


@pytest.mark.parametrize("cols", [40, 60, 80])
def test_columns_are_scrolled_and_the_first_one_stays(cols: int) -> None:
    with glass(cols=cols) as (ask, screen):

        def script() -> Script:
            yield "column1 "
            assert "column19" not in screen.text
            screen.press(RIGHT * 3)
            yield "columns 5-"
            assert " » row 0" in screen.text
            assert "column3 " not in screen.text
            screen.press(RIGHT * 50)
            yield "column19"
            screen.press(LEFT * 50)
            yield "column1 "
            screen.press("\x1b")

        screen.follow(script())
        with pytest.raises(Back):
            view(ask.frame, WIDE)


def test_columns_are_switched_off_and_all_come_back() -> None:
    place = Place()
    with glass() as (ask, screen):

        def script() -> Script:
            yield "column1 "
            screen.press("c")
            yield "[x] column1"
            screen.press("\r")
            yield "[ ] column1"
            screen.press("column3\r")
            yield "[ ] column3"
            screen.press("\x1b")
            yield "column2 "
            assert "column1 " not in screen.text
            assert "column3 " not in screen.text
            screen.press("c")
            yield "[ ] column3"
            screen.press("Show all\r")
            yield "19 of 19 columns shown"
            screen.press("\x1b")
            yield "column1 "
            screen.press("\x1b")

        screen.follow(script())
        with pytest.raises(Back):
            view(ask.frame, WIDE, place=place)
    assert place.hidden == set()


def test_a_hundred_thousand_columns_are_drawn_at_once() -> None:
    sheet = Sheet(
        "Wide",
        [str(number) for number in range(100_000)],
        Rows(1000, lambda row: Rows(100_000, lambda column: f"{row}.{column}")),
    )
    with glass() as (ask, screen):

        def script() -> Script:
            yield " » 0.0 "
            screen.press(DOWN + RIGHT)
            yield " » 1.0 "
            yield "columns 3-"
            assert "of 100,000" in screen.text
            screen.press("\x1b")

        screen.follow(script())
        with pytest.raises(Back):
            view(ask.frame, sheet)


def test_a_card_shows_every_field_folds_long_values_and_turns_to_other_records() -> None:
    text = "a long description of what it does " * 12
    sheet = Sheet("Tools", ("name", "about"), [("one", text), ("two", "second\nline"), ("three", "")])
    with glass(rows=12) as (ask, screen):

        def script() -> Script:
            yield " » one"
            screen.press("\r")
            yield "Record 1 of 3"
            assert " name   one" in screen.lines
            screen.press("\x1b[6~")
            yield "what it does"
            screen.press(RIGHT)
            yield "Record 2 of 3"
            assert screen.lines[2:4] == [" about  second", "        line"]
            screen.press("\x1b")
            yield " » two"
            screen.press("\x1b")

        screen.follow(script())
        with pytest.raises(Back):
            view(ask.frame, sheet)


@pytest.mark.parametrize("columns", [20, 58, 78, 200])
def test_values_side_by_side_stay_in_their_columns(columns: int) -> None:
    fields = [Field("stars", ("old " * 30, "new " * 30), "+1"), Field("id", ("7",))]
    drawn = cells(card_lines(fields, ("old", "new"), columns))
    assert all(len(row) <= columns + 2 for row in drawn)
    start = drawn[0].index("new")
    assert all(row[start : start + 3] in ("new", "   ", "") for row in drawn[1:-2])
    assert drawn[-2].strip() == "+1"


def test_the_middle_of_a_long_key_is_left_out() -> None:
    shown = "".join(text for _, text in line("https://example.org/tron/clickout/440", 20, inner=True))
    assert shown == "https://e…ickout/440"
    assert "".join(text for _, text in line("short", 8, inner=True)) == "short   "


hostile = st.text(st.sampled_from("ab \t\n\x1b[31m]0;\x07\u202e日e\u0301\u200b\ud800😀\x9b"), max_size=60)
fragments = st.one_of(hostile, st.lists(st.tuples(st.sampled_from(["", "class:new"]), hostile), max_size=3))


@settings(max_examples=300, deadline=None)
@given(fragments, st.integers(1, 40), st.booleans(), st.booleans())
def test_a_hostile_cell_takes_exactly_its_cells_and_no_control_character(
    cell: Cell, width: int, right: bool, inner: bool
) -> None:
    drawn = line(cell, width, right=right, inner=inner)
    assert natural(drawn) == width
    shown = plain(drawn)
    assert shown.isprintable() or "\u200b" in shown
    for row in rows(cell, max(2, width)):
        assert natural(row) <= max(2, width)
        assert not set(plain(row)) & set("\x1b\x07\x9b\u202e\n\t")


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.lists(fragments, max_size=5), max_size=5),
    st.lists(hostile, min_size=1, max_size=4),
    st.integers(1, 100),
    st.integers(1, 30),
    st.lists(st.sampled_from(["down", "up", "left", "right"]), max_size=8),
)
def test_no_table_breaks_the_drawing(
    table: list[list[Cell]], names: list[str], columns: int, height: int, moves: list[str]
) -> None:
    grid = Grid(Sheet("t", names, table), Place(row=3, column=2, hidden={1}))
    for move in moves:
        grid.move({"down": 1, "up": -1}.get(move, 0))
        grid.scroll({"right": 1, "left": -1}.get(move, 0))
        drawn = grid.lines(columns, height)
        assert len(drawn) <= max(2, height)
        assert all(natural(row) <= max(columns, 3 + 8) for row in drawn[: len(table) and None])
        grid.whereabouts(columns)


def test_a_cell_of_a_megabyte_is_searched_drawn_and_opened() -> None:
    huge = "x" * 1_000_000 + "needle"
    sheet = Sheet("Huge", ("name", "text"), [("a", "small"), ("b", huge)])
    with glass() as (ask, screen):

        def script() -> Script:
            yield " » a"
            screen.press("/needle\r")
            yield " » b"
            screen.press("\r")
            yield "Record 2 of 2"
            screen.press(END)
            yield "980,006 more"
            screen.press("\x1b")
            yield " » b"
            screen.press("\x1b")

        screen.follow(script())
        with pytest.raises(Back):
            view(ask.frame, sheet)
