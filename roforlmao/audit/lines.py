"""Rows that are parsed when they are looked at, where each line of a file is a record."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, overload

from roforlmao.compare.records import Row

if TYPE_CHECKING:
    from roforlmao.audit.grid import Hashes


class Lines(Sequence[Row]):
    """The records of these lines, none of which is empty. Errors: csv.Error where one is none by itself."""

    def __init__(self, lines: Sequence[str], delimiter: str) -> None:
        self.lines = lines
        self.delimiter = delimiter

    def __len__(self) -> int:
        return len(self.lines)

    @overload
    def __getitem__(self, place: int) -> Row: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Row]: ...

    def __getitem__(self, place: int | slice) -> Row | Sequence[Row]:
        if isinstance(place, slice):
            return Lines(self.lines[place], self.delimiter)
        return parse([self.lines[place]], self.delimiter)[0]

    def __iter__(self) -> Iterator[Row]:
        return iter(parse(self.lines, self.delimiter))


def lines_of(text: str) -> list[str] | None:
    """The lines that are not empty; None where a quoted field may go on over the end of one."""
    lines = list(filter(None, text.split("\n")))
    if '"' in text and any(line.count('"') & 1 for line in lines):
        return None
    return lines


def parse(lines: Sequence[str], delimiter: str) -> list[Row]:
    """One record a line. Errors: csv.Error, also where a record takes several."""
    rows = list(map(tuple, csv.reader(lines, delimiter=delimiter, strict=True)))
    if len(rows) != len(lines):
        raise csv.Error("a record takes several lines")
    return rows


class Memo:
    """The cells' hashes of every line that was met: peers' snapshots have most lines in common."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._places: dict[str, int] = {}
        self._parts: list[Hashes] = []

    def cells(self, rows: Lines) -> Hashes | None:
        """A row of hashes for each; None where a line is not a record of the width."""
        import numpy as np

        known = self._places
        unseen = [line for line in dict.fromkeys(rows.lines) if line not in known]
        try:
            hashed = self._hashed(parse(unseen, rows.delimiter))
        except csv.Error:
            return None
        if hashed is None:
            return None
        known.update(zip(unseen, range(len(known), len(known) + len(unseen)), strict=True))
        self._parts.append(hashed)
        every = np.concatenate(self._parts)
        self._parts = [every]
        places = np.fromiter(map(known.__getitem__, rows.lines), np.intp, len(rows))
        return every[places]

    def _hashed(self, records: Sequence[Row]) -> Hashes | None:
        import numpy as np

        if any(len(record) != self._width for record in records):
            return None
        cells = (hash(cell) for record in records for cell in record)
        flat = np.fromiter(cells, np.int64, len(records) * self._width)
        return flat.view(np.uint64).reshape(len(records), self._width)
