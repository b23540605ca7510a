"""Two files in, an Outcome out: read, align the columns, find the key, pair the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from roforlmao.compare.cells import Record, Same, differing, sameness
from roforlmao.compare.columns import Alignment, align
from roforlmao.compare.keys import Columns, Key, find_key
from roforlmao.compare.options import Options
from roforlmao.compare.pairing import Pairing, count_moved, pair_rows
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
from roforlmao.compare.table import Table, read_tables
from roforlmao.progress import Progress
from roforlmao.text import counted, one_line


def compare(old: Path, new: Path, options: Options, progress: Progress) -> Outcome:
    """Errors: BadInput, NotFound."""
    return compare_tables(*read_tables(old, new, options, progress), options, progress)


def compare_tables(old: Table, new: Table, options: Options, progress: Progress) -> Outcome:
    """Errors: BadInput (a column that does not exist)."""
    progress.start("Comparing")
    # an empty file tells nothing about columns
    first = replace(old, labels=new.labels, header=new.header) if not old.labels else old
    second = replace(new, labels=old.labels, header=old.header) if not new.labels else new
    if not first.labels:
        options = replace(options, key=(), ignore=())
    alignment = align(first, second, options.ignore)
    before = _records(first, [i for i, _ in alignment.pairs])
    after = _records(second, [j for _, j in alignment.pairs])
    key = _key(first, second, alignment, (before, after), options, progress)
    if alignment.pairs or not (alignment.added or alignment.removed):
        same = sameness(options.tolerance)
        pairing = pair_rows(before, after, key, same, options.tolerance is None, progress)
    else:  # without a column in common no row is like another
        pairing = Pairing((), (), range(len(before)), range(len(after)))
    return Outcome(old, new, alignment, before, after, key, pairing, options)


@dataclass(frozen=True)
class Outcome:
    """The tables, their records (the columns compared, in the same order), and how they pair."""

    old: Table
    new: Table
    alignment: Alignment
    before: Sequence[Record]
    after: Sequence[Record]
    key: Key
    pairing: Pairing
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
            count_moved(pairing.same),
        )

    @cached_property
    def columns(self) -> ColumnChanges:
        """The changes of columns, and the number of changed cells in each."""
        changed = Counter(
            cell.column for i, j in self.pairing.changed for cell in self.changed_row(i, j).cells
        )
        found = self.alignment
        return ColumnChanges(
            found.added,
            found.removed,
            tuple(Renamed(self.old.labels[i], self.new.labels[j]) for i, j in found.renamed),
            found.reordered,
            dict(changed.most_common()),
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
        shared = [_sharing(rows, self.key) for rows in (self.before, self.after)]
        if not any(shared):
            return []
        labels = ", ".join(one_line(self.alignment.labels[place], 40) for place in self.key.places)
        one, other = counted(shared[0], "row"), f"{shared[1]:,}"
        warning = (
            f"The key {labels} is not unique: {one} of the old file and {other} of the new one share it "
            "with another row. Equal rows were set off first, the rest paired in order of occurrence."
        )
        return [warning]


def _key(
    old: Table,
    new: Table,
    alignment: Alignment,
    records: tuple[Sequence[Record], Sequence[Record]],
    options: Options,
    progress: Progress,
) -> Key:
    if options.key:
        places = dict.fromkeys(alignment.place(name, old, new) for name in options.key)
        return Key(tuple(places), "given", "given with --key")
    ranks = [
        (min(i, j), max(i, j), tuple(sorted((old.labels[i], new.labels[j])))) for i, j in alignment.pairs
    ]
    return find_key(*records, Columns(alignment.labels, ranks), progress.checkpoint)


def _records(table: Table, places: Sequence[int]) -> Sequence[Record]:
    """The compared cells of each row; then those of a ragged row that stand beyond the last column."""
    width = len(table.labels)
    plain = list(places) == list(range(width))
    return [
        row
        if plain and len(row) == width
        else (*(row[place] if place < len(row) else None for place in places), *row[width:])
        for row in table.rows
    ]


def _sharing(rows: Sequence[Record], key: Key) -> int:
    times = Counter(map(key.of, rows))
    return sum(count for count in times.values() if count > 1)


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
