"""The viewer of rows: moving, searching, records as cards, choice of columns, at any number of rows."""

from __future__ import annotations

import pytest

from roforlmao.errors import BadInput
from roforlmao.ui.prompter import Back, Closed, Interrupt
from roforlmao.ui.sheet import Place, Pressed, Rows, Sheet
from roforlmao.ui.viewer import view
from tests.screens.glass import Script, glass

UP, DOWN, HOME, END, PGUP, PGDN = "\x1b[A", "\x1b[B", "\x1b[H", "\x1b[F", "\x1b[5~", "\x1b[6~"
LEFT, RIGHT = "\x1b[D", "\x1b[C"
SMALL = Sheet("Peers", ("name", "rows", "note"), [("ada", "12", "first"), ("béla", "7", ""), ("cy", "900")])


def big(count: int = 1_000_000) -> Sheet:
    return Sheet("Many", ("name", "value"), Rows(count, lambda n: (f"row {n}", str(n * n))), right=(1,))


def pressed(keys: str, sheet: Sheet = SMALL, place: Place | None = None) -> Pressed:
    with glass() as (ask, screen):
        screen.press(keys + "x")
        found = view(ask.frame, sheet, {"x": "export"}, place)
        assert screen.text == "", "what was shown vanishes"
        return found


@pytest.mark.parametrize(
    ("keys", "row"),
    [
        ("", 0),
        (DOWN, 1),
        (UP, 0),
        (DOWN * 5, 2),
        (END, 2),
        (END + HOME, 0),
        (PGDN, 2),
        (END + PGUP, 0),
        ("\r\x1b", 0),
    ],
)
def test_keys_move_the_pointer_and_stop_at_the_ends(keys: str, row: int) -> None:
    assert pressed(keys) == Pressed("x", row)


def test_an_empty_sheet_says_so_and_has_no_record() -> None:
    with glass() as (ask, screen):

        def script() -> Script:
            yield "No peer has this day."
            assert "0 of 0" in screen.text
            screen.press("\rx")

        screen.follow(script())
        sheet = Sheet("Peers", ("name",), [], empty="No peer has this day.")
        assert view(ask.frame, sheet, {"x": "export"}) == Pressed("x", -1)


@pytest.mark.parametrize(("key", "reason"), [("\x1b", Back), ("\x03", Interrupt), ("\x04", Closed)])
def test_ways_out(key: str, reason: type[Exception]) -> None:
    with glass() as (ask, screen):
        screen.press(key)
        with pytest.raises(reason):
            view(ask.frame, SMALL)


def test_a_million_rows_are_drawn_at_once_and_only_those_seen_are_made() -> None:
    made: list[int] = []

    def make(row: int) -> tuple[str, str]:
        made.append(row)
        return f"row {row}", str(row)

    with glass() as (ask, screen):

        def script() -> Script:
            yield " » row 0 "
            screen.press(END)
            yield " » row 999999 "
            assert "1,000,000 of 1,000,000" in screen.text
            screen.press("\x1b")

        screen.follow(script())
        with pytest.raises(Back):
            view(ask.frame, Sheet("Many", ("name", "value"), Rows(1_000_000, make)))
    assert len(made) < 100


def test_the_place_is_kept_for_the_next_time() -> None:
    place = Place()
    assert pressed(DOWN + RIGHT, place=place).row == 1
    assert pressed("", place=place).row == 1
    assert place.row == 1


def test_a_place_beyond_the_rows_is_the_last_one() -> None:
    assert pressed("", place=Place(row=99)).row == 2


@pytest.mark.parametrize("keys", [END, "/needle", "\r\x1b[C"])
def test_a_row_that_can_no_longer_be_read_ends_the_viewer_with_its_error(keys: str) -> None:
    def make(row: int) -> tuple[str, str]:
        if row > 0:
            raise BadInput("old.csv changed since it was compared.")
        return f"row {row}", ""

    with glass(rows=5) as (ask, screen):

        def script() -> Script:
            yield " » row 0"
            screen.press(keys)

        screen.follow(script())
        sheet = Sheet("Large", ("name", "value"), Rows(900, make))
        with pytest.raises(BadInput, match="changed since"):
            view(ask.frame, sheet)
        assert screen.text == ""
