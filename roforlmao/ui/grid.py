"""The visible part of a sheet: which rows and columns are drawn, and how wide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from roforlmao.ui.painted import Cell, Fragment, line, natural
from roforlmao.ui.sheet import Place, Sheet

_POINTER = 3  # cells before the first column
_GAP = 2
_WIDEST = 0.4  # of the room is what a column takes at most, unless there is some to spare
_LEAST = 8  # cells; less of a column is not begun


class Span(NamedTuple):
    """A column, and the cells it is drawn in."""

    column: int
    cells: int


class Grid:
    """Moves within the sheet and draws what can be seen of it; columns grow as wider cells are seen."""

    def __init__(self, sheet: Sheet, place: Place) -> None:
        self.sheet = sheet
        self.place = place
        self.page = 10  # rows that a page key moves; known once it is drawn
        self._spans: list[Span] = []
        self._more_right = False
        self._widths: dict[int, int] = {}
        self._seen: dict[int, Sequence[Cell]] = {}

    def show(self, sheet: Sheet) -> None:
        """Another sheet with the same columns, as it is now."""
        self.sheet = sheet
        self._seen = {}

    def move(self, steps: int) -> None:
        """Down, or up when negative; it stops at the ends."""
        self.place.row = max(0, min(self.place.row + steps, len(self.sheet.rows) - 1))

    def scroll(self, steps: int) -> None:
        """Columns to the right, or to the left when negative."""
        if steps < 0 or self._more_right:
            self.place.column = max(0, self.place.column + steps)

    @property
    def cursor(self) -> int:
        """The line of the drawing where the pointer stands."""
        return 1 + self.place.row - self.place.top

    def whereabouts(self, room: int) -> str:
        """Row, and which columns: in words where there is room for them, else where there are more."""
        count, others = len(self.sheet.rows), len(self._others())
        row = f"{min(self.place.row + 1, count):,} of {count:,}"
        shown, first = len(self._spans) - 1, self.place.column + 2
        if not 0 < shown < others:
            return row
        columns = f"{row}, columns {first:,}-{first + shown - 1:,} of {others + 1:,}"
        more = " ←" * (first > 2) + " →" * self._more_right
        return columns if len(columns) <= room else row + more

    def lines(self, columns: int, height: int) -> list[list[Fragment]]:
        """The header and the rows, in ``height`` lines at most."""
        self.page = max(1, height - 2)
        self._scroll_to_pointer(max(1, height - 1))
        last = min(self.place.top + max(1, height - 1), len(self.sheet.rows))
        visible = range(self.place.top, last)
        self._seen = {row: self._seen.get(row) or self.sheet.rows[row] for row in visible}
        self._spans = self._fit(max(1, columns - _POINTER - 1))
        drawn = [self._header(), *(self._row(row) for row in visible)]
        return drawn if visible else [*drawn, [("class:ask-dim", f"   {self.sheet.empty}")]]

    def _scroll_to_pointer(self, height: int) -> None:
        self.move(0)
        lowest = max(0, len(self.sheet.rows) - height)
        self.place.top = max(0, min(self.place.top, self.place.row, lowest))
        self.place.top = max(self.place.top, self.place.row - height + 1)

    def _others(self) -> list[int]:
        hidden = self.place.hidden
        return [column for column in range(1, len(self.sheet.columns)) if column not in hidden]

    def _fit(self, room: int) -> list[Span]:
        others = self._others()
        self.place.column = min(self.place.column, max(0, len(others) - 1))
        first = min(self._wanted(0), max(_LEAST, room // 4) if others else room)
        spans, left, widest = [Span(0, first)], room - first, max(_LEAST, int(room * _WIDEST))
        for column in others[self.place.column :]:
            wanted = min(self._wanted(column), widest)
            cells = min(wanted, left - _GAP)
            if cells < wanted and cells < _LEAST:
                break
            spans.append(Span(column, cells))
            left -= cells + _GAP
        shown = self.place.column + len(spans) - 1
        self._more_right = len(spans) > 1 and (
            shown < len(others) or spans[-1].cells < min(self._wanted(spans[-1].column), widest)
        )
        return self._widened(spans, left)

    def _widened(self, spans: list[Span], left: int) -> list[Span]:
        """Room to spare goes to the columns that want it."""
        found = []
        for column, cells in spans:
            more = min(max(0, left), self._wanted(column) - cells)
            left -= max(0, more)
            found.append(Span(column, cells + max(0, more)))
        return found

    def _wanted(self, column: int) -> int:
        cells = (self._cell(row, column) for row in self._seen)
        known = self._widths.get(column) or natural(self.sheet.columns[column] if self.sheet.columns else "")
        self._widths[column] = max(1, known, *map(natural, cells))
        return self._widths[column]

    def _cell(self, row: int, column: int) -> Cell:
        cells = self._seen[row]
        return cells[column] if column < len(cells) else ""

    def _header(self) -> list[Fragment]:
        drawn: list[Fragment] = [("", " " * _POINTER)]
        names = self.sheet.columns
        for number, (column, cells) in enumerate(self._spans):
            name = names[column] if names else ""
            drawn += [("", " " * _GAP * bool(number))]
            drawn += line(name, cells, right=column in self.sheet.right, style="class:ask-title")
        return drawn

    def _row(self, row: int) -> list[Fragment]:
        here = row == self.place.row
        drawn: list[Fragment] = [("class:ask-pointer", " » " if here else "   ")]
        for number, (column, cells) in enumerate(self._spans):
            style = "class:ask-chosen" if here and not number else ""
            drawn += [("", " " * _GAP * bool(number))]
            cell, right = self._cell(row, column), column in self.sheet.right
            drawn += line(cell, cells, right=right, inner=not number, style=style)
        return drawn
