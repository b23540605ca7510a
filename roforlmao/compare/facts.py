"""What the search for a key asks of two lists of records, answered by sets of their cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import itemgetter

from roforlmao.compare.cells import Record
from roforlmao.compare.keys import Checkpoint, Column

_SAMPLE = 1_000  # rows that refute most composites before all rows are looked at


class RecordFacts:
    """Sets are made when they are asked for, and not kept."""

    def __init__(self, old: Sequence[Record], new: Sequence[Record], checkpoint: Checkpoint) -> None:
        self._tables = (old, new)
        self._checkpoint = checkpoint
        self._columns: dict[int, Column] = {}

    @property
    def rows(self) -> tuple[int, int]:
        old, new = self._tables
        return len(old), len(new)

    def unique(self, place: int) -> int | None:
        column = self.column(place)
        return column.common if (column.old, column.new) == self.rows and column.filled else None

    def column(self, place: int) -> Column:
        if place not in self._columns:
            self._columns[place] = self._look(place)
        return self._columns[place]

    def distinct(self) -> tuple[int, int]:
        old, new = self._tables
        return len(set(old)), len(set(new))

    def composed(self, places: tuple[int, ...]) -> int | None:
        self._checkpoint()
        of = itemgetter(*places)
        found = []
        for rows in self._tables:
            start = rows[:_SAMPLE]
            if len(set(map(of, start))) < len(start):
                return None
            found.append(set(map(of, rows)))
            if len(found[-1]) < len(rows):
                return None
        return len(found[0] & found[1])

    def occurring(self, place: int) -> int:
        old, new = (Counter(row[place] for row in rows) for rows in self._tables)
        return (old & new).total()

    def _look(self, place: int) -> Column:
        self._checkpoint()
        first, second = ({row[place] for row in rows} for rows in self._tables)
        common = first & second
        filled = not any(nothing in cells for cells in (first, second) for nothing in ("", None))
        return Column(len(first), len(second), len(common), len(common - {"", None}), filled)
