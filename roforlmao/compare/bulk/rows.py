"""Rows of a large file, read back one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from roforlmao.compare.bulk.cutter import unified
from roforlmao.compare.bulk.survey import Survey
from roforlmao.compare.cells import Record
from roforlmao.compare.records import Row, records_of


class FileRows(Sequence[Row]):
    """The rows as they stand in the file; ``head`` of its records, 0 or 1, are no rows."""

    def __init__(self, survey: Survey, head: int) -> None:
        self._survey = survey
        self._head = head
        self._last: tuple[int, Row] = (-1, ())  # a row is often asked for twice, for its key and its cells

    def __len__(self) -> int:
        return self._survey.count - self._head

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        """Errors: BadInput (the file was changed since)."""
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        if self._last[0] != place:
            self._last = (place, self._row(place))
        return self._last[1]

    def _row(self, index: int) -> Row:
        found = self._survey
        source = found.source
        source.check_unchanged("after it was compared")
        start, end = found.extent(index + self._head)
        text = unified(source.read(start, end - start)).decode()
        if '"' not in text:  # a single line; below it there may be empty ones
            return tuple(text.partition("\n")[0].split(found.form.delimiter))
        # the text of one record has quotes that close, so that the next one is there
        _, row, _ = next(records_of(text, found.form.delimiter, source.name))
        return row


class Records(Sequence[Record]):
    """The compared cells of each row; then those of a ragged row that stand beyond the last column."""

    def __init__(self, rows: Sequence[Row], places: Sequence[int], width: int) -> None:
        self._rows = rows
        self._places = places
        self._width = width

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Record]: ...
    def __getitem__(self, index: int | slice) -> Record | Sequence[Record]:
        """Errors: BadInput (the file was changed since)."""
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        row = self._rows[index]
        cells = (row[place] if place < len(row) else None for place in self._places)
        return (*cells, *row[self._width :])
