"""Charts as text: wide and narrow, with and without Braille, and what must never break them."""

from __future__ import annotations

import io
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roforlmao.actions.base import Report
from roforlmao.actions.chart import Band, Chart, Line, Mark
from roforlmao.ui.cells import width
from roforlmao.ui.chart import draw
from roforlmao.ui.render import make_console, render

VALUES: list[float | None] = [630.0 + run * 7 % 9 for run in range(40)]
VALUES[20], VALUES[30] = 412.0, None
SERIES = Chart(
    "Values of apps",
    [f"2026-{1 + run // 28:02}-{1 + run % 28:02}" for run in range(40)],
    [Line("value", VALUES)],
    Band("usual range", [None, *[600.0] * 39], [None, *[660.0] * 39]),
    [Mark(20, 412.0, "alarm"), Mark(30, None, "unreadable")],
)
BARS = Chart(
    "Added and removed",
    ["a", "b", "c", "d"],
    [Line("added", [1.0, 3.0, None, 2.0], bars=True), Line("removed", [0.0, -2.0, None, -1.0], bars=True)],
)


def text(chart: Chart, columns: int, *, ascii_only: bool = False, rows: int = 12) -> str:
    drawn = draw(chart, columns, ascii_only=ascii_only, rows=rows)
    return "\n".join("".join(part for _, part in row).rstrip() for row in drawn)


def test_a_series_at_80_columns() -> None:
    assert text(SERIES, 79, rows=6) == WIDE.strip("\n")


def test_a_series_at_60_columns_without_braille() -> None:
    assert text(SERIES, 59, ascii_only=True, rows=6) == PLAIN.strip("\n")


def test_bars_stand_on_zero() -> None:
    assert text(BARS, 40, rows=5) == STANDING.strip("\n")


WIDE = """
Values of apps
660 │⣀⡠⠤⠤⠤⣀⣀⣀⣀⠤⠤⠤⠤⠤⢄⣀⣀⣀⡠⠤⠤⠤⣀⣀⣀⣀⠤⠤⠤⠤⠤⢄⣀⣀⣀⡠⡄░░⢀⣀⣀⣀⠤⠤⠤⠤⠤⢄⣀⣀⣀⡠⠤⠤░░░⢀⣀⠤⠤⠤⠤⠤⢄⣀⣀⣀⠤⠤⠤⠤⣀
    │░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░⢣░░⡜░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░
536 │                                    ⢸ ⢀⠇
    │                                    ⠈⡆⢸
    │                                     ⡇⡇
412 │                                     X⠁                 O
     2026-01-01                     2026-01-20                       2026-02-12
⣀ value   ░ usual range   X alarm (1)   O unreadable (1)
"""
PLAIN = """
Values of apps
660 | **....***....*....***....*....***....*....***....**..
    |*..****...****.****...*****..**...****.*..*...****..**
536 |                          *  *
    |                           **
    |                           *
412 |                           X             O
     2026-01-01           2026-01-20             2026-02-12
* value   . usual range   X alarm (1)   O unreadable (1)
"""
STANDING = """
Added and removed
  3 │           ⢸
    │           ⢸                      ⢸
0.5 │⡇          ⢸                      ⢸
    │           ⢸                      ⢸
 -2 │           ⢸
     a          b                      d
⡇ added   ⡇ removed
"""


def test_a_line_is_not_drawn_over_a_gap() -> None:
    at = [1, 2, 3, 40]
    torn = Chart("t", ["a", "b", "c", "d"], [Line("v", [1.0, 2.0, 1.0, 2.0])], at=at)
    whole = Chart("t", ["a", "b", "c", "d"], [Line("v", [1.0, 2.0, 1.0, 2.0])])
    middle = [[row[20:45].strip() for row in text(one, 60).splitlines()[1:13]] for one in (torn, whole)]
    assert not any(middle[0])
    assert all(middle[1])


@pytest.mark.parametrize("chart", [
    Chart("none", [], []), Chart("none", ["a"], [Line("v", [None])]),
    Chart("none", ["a"], [Line("v", [math.nan])]), Chart("none", ["a", "b"], [Line("v", [math.inf, 1e308])]),
])  # fmt: skip
def test_where_there_is_nothing_to_draw_nothing_is(chart: Chart) -> None:
    assert draw(chart, 79, ascii_only=False) == []
    assert draw(SERIES, 12, ascii_only=False) == []


@pytest.mark.parametrize(
    "values", [[5.0], [5.0, 5.0], [0.0, 0.0], [-3.0, -3.0], [1e150, -1e150], [1e-300, 0.0]]
)
def test_flat_and_extreme_series_are_drawn(values: list[float | None]) -> None:
    shown = text(Chart("t", ["a"] * len(values), [Line("v", values)]), 40)
    assert any(glyph > "\u2800" for glyph in shown)


CELLS = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True), st.integers(-9, 9).map(float))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(CELLS, CELLS, CELLS, st.text(max_size=30)), min_size=1, max_size=30),
    st.text(max_size=50),
    st.integers(0, 130),
    st.booleans(),
)
def test_whatever_stands_in_a_series_the_chart_fits_and_is_clean(
    points: list[tuple[float | None, float | None, float | None, str]], name: str, columns: int, plain: bool
) -> None:
    values, low, high, labels = (list(column) for column in zip(*points, strict=True))
    marks = [Mark(place, value, name) for place, value in enumerate(values[:3])]
    chart = Chart(
        name, labels, [Line(name, values), Line(name, low, bars=True)], Band(name, low, high), marks
    )
    for row in draw(chart, columns, ascii_only=plain):
        shown = "".join(part for _, part in row)
        assert width(shown) <= columns
        assert not any(ord(glyph) < 32 or glyph in "\x7f\x9b\u202e" for glyph in shown)


def test_hostile_words_are_harmless() -> None:
    chart = Chart("\x1b[2Jt\n", ["\x1b]0;x\x07a", "b\u202e"], [Line("\x1b[31mv", [1.0, 2.0])])
    assert "\x1b" not in text(chart, 60)


def rendered(*, columns: int, terminal: bool, plain: bool = False, encoding: str = "utf-8") -> str:
    class Screen(io.TextIOWrapper):
        def isatty(self) -> bool:
            return terminal

    stream = Screen(io.BytesIO(), encoding=encoding, write_through=True)
    console = make_console(color=False, file=stream, width=columns)
    render(Report([], charts=(SERIES,)), console, plain=plain)
    raw = stream.buffer
    assert isinstance(raw, io.BytesIO)
    return raw.getvalue().decode(encoding)


@pytest.mark.parametrize("columns", [80, 60])
def test_a_report_on_a_terminal_draws_its_charts(columns: int) -> None:
    shown = rendered(columns=columns, terminal=True)
    assert "Values of apps" in shown
    assert "░ usual range   X alarm (1)   O unreadable (1)" in shown
    assert max(map(width, shown.splitlines())) < columns


def test_an_encoding_without_braille_gets_ascii() -> None:
    shown = rendered(columns=80, terminal=True, encoding="latin-1")
    assert "* value   . usual range   X alarm (1)" in shown
    assert shown.isascii()


def test_pipes_and_screen_readers_get_no_chart() -> None:
    assert rendered(columns=80, terminal=False) == ""
    assert rendered(columns=80, terminal=True, plain=True) == ""
