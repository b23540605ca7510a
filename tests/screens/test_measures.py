"""Cells, the status line, kinds of terminals: pure functions."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest

from roforlmao.ui.cells import cut, fold, head, pad, width
from roforlmao.ui.status import Status, status_line
from roforlmao.ui.terminal import terminal_kind, wants_color


@pytest.mark.parametrize(("text", "cells"), [("", 0), ("abc", 3), ("日本", 4), ("e\u0301", 1), ("é", 1)])
def test_width_counts_cells(text: str, cells: int) -> None:
    assert width(text) == cells


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("日本語", 6, "日本語"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
        ("abc", -2, ""),
        ("", 0, ""),
    ],
)
def test_cut_never_takes_more_than_its_limit(text: str, limit: int, shown: str) -> None:
    assert cut(text, limit) == shown


def test_pad_gives_exactly_the_cells() -> None:
    assert [pad("日", 4), pad("日本語", 4), pad("abc", 4)] == ["日  ", "日… ", "abc "]


def test_head_never_splits_a_wide_glyph() -> None:
    assert [head("日本", limit) for limit in (0, 1, 2, 3, 4)] == ["", "", "日", "日", "日本"]


@pytest.mark.parametrize("limit", [2, 3, 10, 58])
@pytest.mark.parametrize(
    "text", ["", "a\n\nb", "word " * 40, "x" * 200, "日本語" * 30, "a\tb", "e\u0301" * 50]
)
def test_fold_keeps_every_glyph_and_the_limit(text: str, limit: int) -> None:
    rows = fold(text, limit)
    assert all(width(row) <= limit for row in rows)
    assert "".join(rows) == text.expandtabs(4).replace("\n", "")


def test_fold_breaks_after_blanks() -> None:
    assert fold("one two three", 9) == ["one two ", "three"]


FULL = Status("ada", "registry embedded", "next: spike at 02:30", 3)


@pytest.mark.parametrize(
    ("limit", "line"),
    [
        (80, "ada · registry embedded · next: spike at 02:30 · 3 unread notices"),
        (60, "ada · registry embedded · next: spike at 02:30 · 3 notices"),
        (50, "ada · registry embedded · next: spike… · 3 notices"),
        (40, "ada · registry embedded · 3 notices"),
        (20, "ada · 3 notices"),
        (10, "ada"),
        (2, "a…"),
        (0, ""),
    ],
)
def test_the_status_line_gives_up_what_matters_least(limit: int, line: str) -> None:
    assert status_line(FULL, limit) == line


@pytest.mark.parametrize("limit", range(90))
def test_the_status_line_always_fits(limit: int) -> None:
    wide = Status("日本語の会", "registry \x1b[31mdown", "next: " + "長い" * 10, 12)
    assert width(status_line(wide, limit)) <= limit


def test_empty_parts_of_the_status_are_left_out() -> None:
    assert status_line(Status("ada"), 80) == "ada"
    assert status_line(Status("ada", notices=1), 80) == "ada · 1 unread notice"


class _Stream(io.StringIO):
    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.mark.parametrize(
    ("stdin", "stdout", "term", "flag", "kind"),
    [
        (True, True, "xterm-256color", False, "full"),
        (True, True, "tmux-256color", False, "full"),
        (True, True, "screen-256color", False, "full"),
        (True, True, "xterm", True, "plain"),
        (True, True, "dumb", False, "plain"),
        (True, True, "", False, "plain"),
        (False, True, "xterm", False, "none"),
        (True, False, "xterm", False, "none"),
        (False, False, "xterm", True, "none"),
    ],
)
def test_the_kind_of_terminal(stdin: bool, stdout: bool, term: str, flag: bool, kind: str) -> None:
    assert terminal_kind(_Stream(stdin), _Stream(stdout), {"TERM": term} if term else {}, flag) == kind


def test_a_closed_stream_is_no_terminal() -> None:
    closed = io.StringIO()
    closed.close()
    assert terminal_kind(closed, _Stream(True), {"TERM": "xterm"}, False) == "none"


@pytest.mark.parametrize(
    ("terminal", "environ", "flag", "wanted"),
    [
        (True, {"TERM": "xterm"}, False, True),
        (True, {"TERM": "xterm", "NO_COLOR": ""}, False, True),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, False, False),
        (True, {"TERM": "xterm"}, True, False),
        (True, {"TERM": "dumb"}, False, False),
        (False, {"TERM": "xterm"}, False, False),
    ],
)
def test_colour_is_wanted(terminal: bool, environ: Mapping[str, str], flag: bool, wanted: bool) -> None:
    assert wants_color(_Stream(terminal), environ, flag) is wanted
