"""What a comparison found: counts and sentences at once, rows as they are asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from roforlmao.compare.cells import Record, Same, differing, sameness
from roforlmao.compare.columns import Alignment
from roforlmao.compare.keys import Key
from roforlmao.compare.options import Options
from roforlmao.compare.pairing import Pairing
from roforlmao.compare.result import (
    CellChange,
    ChangedRow,
    ColumnChanges,
    Comparison,
    Counts,
    LoneRow,
    Renamed,
    Side,
)
from roforlmao.compare.table import Table
from roforlmao.text import counted, one_line


class Totals(NamedTuple):
    """``moved`` rows (None: there are some, not counted), changed cells by the column's place, and rows of
    either table that share their key.
    """

    moved: int | None = 0
    changed: Mapping[int, int] = {}
    sharing: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Outcome:
    """The tables, their records (the columns compared, in the same order), and how they pair.

    Of large files the rows, the records and the pairing are sequences that are read from the file or
    made when they are indexed (a row in some 20 microseconds; BadInput if the file was changed since):
    there may be millions, so page through them; everything that is counted is ready.
    """

    old: Table
    new: Table
    alignment: Alignment
    before: Sequence[Record]
    after: Sequence[Record]
    key: Key
    pairing: Pairing
    totals: Totals
    options: Options

    def comparison(self, limit: int | None = None) -> Comparison:
        """The lists cut to ``limit`` rows each."""
        pairing = self.pairing
        lists = (pairing.added, pairing.removed, pairing.changed)
        return Comparison(
            _side(self.old),
            _side(self.new),
            self.identical,
            tuple(self.alignment.labels[place] for place in self.key.places),
            self.key.source,
            self.key.reason,
            self.columns,
            self.counts,
            [self.added_row(j) for j in pairing.added[:limit]],
            [self.removed_row(i) for i in pairing.removed[:limit]],
            [self.changed_row(i, j) for i, j in pairing.changed[:limit]],
            limit is not None and any(len(found) > limit for found in lists),
            self.warnings,
        )

    @property
    def identical(self) -> bool:
        """Whether nothing that carries meaning differs; order of rows and of named columns does not."""
        columns, rows = self.alignment, self.pairing
        return not any(
            (columns.added, columns.removed, columns.renamed, rows.added, rows.removed, rows.changed)
        )

    @cached_property
    def counts(self) -> Counts:
        pairing = self.pairing
        return Counts(
            len(pairing.added),
            len(pairing.removed),
            len(pairing.changed),
            len(pairing.same),
            self.totals.moved,
        )

    @cached_property
    def columns(self) -> ColumnChanges:
        """The changes of columns, and the number of changed cells in each."""
        changed: Counter[str] = Counter()
        for place, times in sorted(self.totals.changed.items(), key=lambda one: (-one[1], one[0])):
            changed[self.label(place)] += times
        found = self.alignment
        return ColumnChanges(
            found.added,
            found.removed,
            tuple(Renamed(self.old.labels[i], self.new.labels[j]) for i, j in found.renamed),
            found.reordered,
            dict(changed),
        )

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        found = [*self.old.warnings, *(w for w in self.new.warnings if w not in self.old.warnings)]
        for table in (self.old, self.new):
            if not table.rows:
                name = one_line(table.path)
                found.append(f"{name} holds no rows; an empty snapshot usually means a failed crawl.")
        return (*found, *self._repeated())

    def added_row(self, j: int) -> LoneRow:
        return LoneRow(self._key_of(self.after[j]), self.new.rows[j])

    def removed_row(self, i: int) -> LoneRow:
        return LoneRow(self._key_of(self.before[i]), self.old.rows[i])

    def changed_row(self, i: int, j: int) -> ChangedRow:
        before, after = self.before[i], self.after[j]
        cells = tuple(
            CellChange(self.label(place), _cell(before, place), _cell(after, place))
            for place in differing(before, after, self._same)
        )
        return ChangedRow(self._key_of(after), cells)

    def label(self, place: int) -> str:
        """A column's; beyond the last one, cells of ragged rows stand under their number."""
        if place < len(self.alignment.labels):
            return self.alignment.labels[place]
        number = len(self.new.labels or self.old.labels) + place - len(self.alignment.labels) + 1
        return f"column {number}" if self.new.header else str(number)

    @cached_property
    def _same(self) -> Same:
        return sameness(self.options.tolerance)

    def _key_of(self, record: Record) -> Record:
        return tuple(_cell(record, place) for place in self.key.places)

    def _repeated(self) -> list[str]:
        """How many rows of either table share their key with another row."""
        if not self.key.places:
            return []
        shared = self.totals.sharing
        if not any(shared):
            return []
        labels = ", ".join(one_line(self.alignment.labels[place], 40) for place in self.key.places)
        one, other = counted(shared[0], "row"), f"{shared[1]:,}"
        warning = (
            f"The key {labels} is not unique: {one} of the old file and {other} of the new one share it "
            "with another row. Equal rows were set off first, the rest paired in order of occurrence."
        )
        return [warning]


def _cell(record: Record, place: int) -> str | None:
    return record[place] if place < len(record) else None


def _side(table: Table) -> Side:
    return Side(
        table.path,
        len(table.rows),
        len(table.labels),
        table.header,
        table.delimiter,
        table.encoding,
        table.line_ending,
        table.quoted,
        table.labels,
    )
