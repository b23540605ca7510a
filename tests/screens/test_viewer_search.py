"""Searching the rows of a viewer: as one types, next and previous, many rows, and back again."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from roforlmao.ui import seek
from roforlmao.ui.prompter import Back
from roforlmao.ui.sheet import Place, Rows, Sheet
from roforlmao.ui.viewer import view
from tests.screens.glass import Glass, Script, glass

UP, DOWN = "\x1b[A", "\x1b[B"
NAMES = ["Apple", "Banana", "Café", "日本語", "banana split", "Cherry"]
SHEET = Sheet("Fruit", ("name", "place"), [(name, str(place)) for place, name in enumerate(NAMES)])


def searched(sheet: Sheet, script_of: Callable[[Glass], Script], place: Place | None = None) -> int:
    """The row where the pointer stood when the script pressed x."""
    with glass() as (ask, screen):
        screen.follow(script_of(screen))
        return view(ask.frame, sheet, {"x": "done"}, place).row


@pytest.mark.parametrize(
    ("typed", "row"),
    [
        ("ban", "Banana"),
        ("BANANA S", "banana split"),
        ("café", "Café"),
        ("cafe\u0301", "Café"),
        ("本", "日本語"),
    ],
)
def test_typing_goes_to_the_first_match(typed: str, row: str) -> None:
    def script(screen: Glass) -> Script:
        yield " » Apple"
        screen.press(f"/{typed}")
        yield f" » {row}"
        screen.press("\rx")

    assert searched(SHEET, script) == NAMES.index(row)


def test_n_goes_on_and_around_and_capital_n_back() -> None:
    def script(screen: Glass) -> Script:
        yield " » Apple"
        for keys, row in (
            ("/banana\r", "Banana"),
            ("n", "banana split"),
            ("n", "Banana "),
            ("N", "banana split"),
        ):
            screen.press(keys)
            yield f" » {row}"
        screen.press("x")

    assert searched(SHEET, script) == 4


def test_up_and_down_go_to_other_matches_while_typing() -> None:
    def script(screen: Glass) -> Script:
        yield " » Apple"
        screen.press("/banana")
        yield " » Banana"
        screen.press(DOWN)
        yield " » banana split"
        screen.press(UP)
        yield " » Banana"
        screen.press("\rx")

    assert searched(SHEET, script) == 1


def test_escape_leaves_the_search_where_it_began_and_then_the_sheet() -> None:
    with glass() as (ask, screen):

        def script() -> Script:
            yield " » Apple"
            screen.press("/cherry")
            yield " » Cherry"
            screen.press("\x1b")
            yield " » Apple"
            assert "n next" not in screen.text
            screen.press("\x1b")

        screen.follow(script())
        with pytest.raises(Back):
            view(ask.frame, SHEET)


def test_what_is_nowhere_is_said_and_the_pointer_stays() -> None:
    with glass() as (ask, screen):

        def script() -> Script:
            yield " » Apple"
            screen.press("/zzz")
            yield "no row with 'zzz'"
            assert " » Apple" in screen.text
            screen.press("\r")
            yield "/ search"
            screen.press("\x1b")

        screen.follow(script())
        with pytest.raises(Back):
            view(ask.frame, SHEET)


def test_keys_are_heard_while_many_rows_are_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seek, "_SLICE", 0.0)
    sheet = Sheet("Many", ("name", "value"), Rows(1_000_000, lambda row: (f"row {row}", "x")))
    with glass() as (ask, screen):

        def script() -> Script:
            yield " » row 0 "
            screen.press("/nowhere")
            yield "searching"
            screen.press("\x1b")
            yield "/ search"
            screen.press("\x1b")

        screen.follow(script())
        began = time.monotonic()
        with pytest.raises(Back):
            view(ask.frame, sheet)
        assert time.monotonic() - began < 5


def test_a_search_in_no_rows_finds_nothing() -> None:
    assert list(seek.seek([], "x", 0, 1)) == [-1]


@pytest.mark.parametrize(
    ("start", "step", "found"), [(0, 1, 2), (3, 1, 5), (3, -1, 2), (1, -1, 5), (6, 1, 2)]
)
def test_a_search_goes_either_way_around_the_ends(start: int, step: int, found: int) -> None:
    rows = [(letter,) for letter in "abXabX"]
    assert [row for row in seek.seek(rows, "x", start, step) if row is not None] == [found]
