"""A small drawing of dots and glyphs in cells: Braille where the terminal has it, else plain ASCII.

Drawn here and not by a plotting library: those keep one figure for the whole process, tell a band from
a line by colour only, and are larger than all that a series in a terminal needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

Segment = tuple[str, str]
"""A style's name and the text in it: ``line``, ``mark``, ``dim`` or ``title``."""

# Unicode's Braille patterns: U+2800 plus one bit for each of 2 x 4 dots.
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BRAILLE = 0x2800


class Canvas:
    """Cells of ``columns`` by ``rows``; dots are counted from the lower left, finer than cells."""

    def __init__(self, columns: int, rows: int, *, ascii_only: bool) -> None:
        self.columns, self.rows = columns, rows
        self._across, self._up = (1, 1) if ascii_only else (2, 4)
        self._shade, self._ascii = ("." if ascii_only else "░"), ascii_only
        self._dots: dict[tuple[int, int], int] = {}
        self._glyphs: dict[tuple[int, int], str] = {}
        self._shaded: set[tuple[int, int]] = set()

    @property
    def width(self) -> int:
        """In dots."""
        return self.columns * self._across

    @property
    def height(self) -> int:
        """In dots."""
        return self.rows * self._up

    def line(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Dots from one place to another, both included."""
        (x, y), (to_x, to_y) = start, end
        steps = max(abs(to_x - x), abs(to_y - y), 1)
        for step in range(steps + 1):
            self._dot(x + round((to_x - x) * step / steps), y + round((to_y - y) * step / steps))

    def shade(self, x: int, low: int, high: int) -> None:
        """What lies between two heights, where no line is drawn."""
        for y in range(max(0, low), min(self.height - 1, high) + 1):
            self._shaded.add(self._cell(x, y))

    def put(self, x: int, y: int, glyph: str) -> None:
        """A glyph in the cell of that dot, above all else."""
        self._glyphs[self._cell(x, y)] = glyph

    def lines(self) -> Iterator[list[Segment]]:
        """The rows from the top, in segments of one style."""
        for row in range(self.rows):
            cells = (self._shown(column, row) for column in range(self.columns))
            yield [
                (style, "".join(text for _, text in run))
                for style, run in groupby(cells, lambda cell: cell[0])
            ]

    def _cell(self, x: int, y: int) -> tuple[int, int]:
        return x // self._across, self.rows - 1 - y // self._up

    def _dot(self, x: int, y: int) -> None:
        if 0 <= x < self.width and 0 <= y < self.height:
            bit = 1 if self._ascii else _DOTS[3 - y % 4][x % 2]
            cell = self._cell(x, y)
            self._dots[cell] = self._dots.get(cell, 0) | bit

    def _shown(self, column: int, row: int) -> Segment:
        cell = (column, row)
        if cell in self._glyphs:
            return "mark", self._glyphs[cell]
        if cell in self._dots:
            return "line", "*" if self._ascii else chr(_BRAILLE + self._dots[cell])
        return ("dim", self._shade) if cell in self._shaded else ("", " ")
