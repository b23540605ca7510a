"""Files of one stream as tables of the same form, one after the other in memory."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from roforlmao.audit.lines import Lines, Memo, lines_of
from roforlmao.compare.cells import Record
from roforlmao.compare.columns import Alignment, align
from roforlmao.compare.decode import decode
from roforlmao.compare.delimiter import find_delimiters
from roforlmao.compare.files import read_bytes
from roforlmao.compare.header import find_headers
from roforlmao.compare.keys import Columns, Key, find_key
from roforlmao.compare.records import Row, read_records
from roforlmao.compare.table import Table, make_table
from roforlmao.errors import BadInput
from roforlmao.progress import Progress
from roforlmao.text import one_line

MOST_BYTES = 60_000_000  # of one file; it takes some eight times that while it is read
MOST_ROWS = 2_000_000
_HEAD = 20_000  # characters that tell the delimiter
_SAMPLE = 1_000  # rows that tell whether the first is a header
_TRIES = 3  # snapshots that a key is sought with
_CERTAIN = ("unique", "composite")
_NO_KEY = Key((), "whole-row", "no column tells which row is which")


@dataclass
class Stream:
    """What the files of a stream have in common, as the ``base`` tells it.

    ``columns`` are those of the base and then those that only others have; ``key`` gives places in it.
    """

    base: Table
    beginning: str
    columns: list[str]
    key: Key = _NO_KEY
    memo: Memo = field(default_factory=lambda: Memo(0))
    _extra: dict[str, int] = field(default_factory=dict)
    _tries: int = 0

    def table(self, path: Path, progress: Progress, *, careful: bool = False) -> Table:
        """Another file, read as the base was; its rows are ``Lines`` where that is likely to do.

        ``careful`` parses it as a whole. Errors: BadInput, NotFound.
        """
        found = _read(path, self.beginning, progress)
        quick = None if careful else self._quick(path, found)
        if quick:
            return quick
        records, _ = read_records(found.text, found.delimiter, found.name, progress)
        _, header = find_headers(_all(self.base), records)
        return make_table(str(path), records, header=header)

    def _quick(self, path: Path, found: _Text) -> Table | None:
        """A table of the base's own columns."""
        lines = lines_of(found.text) if found.delimiter == self.base.delimiter else None
        if not lines:
            return None
        rows = Lines(lines, found.delimiter)
        try:
            if self.base.header:
                if rows[0] != self.base.head:
                    return None
                rows = Lines(lines[1:], found.delimiter)
            elif find_headers(self.base.rows[:_SAMPLE], list(rows[:_SAMPLE]))[1]:
                return None
        except csv.Error:
            return None
        return replace(self.base, path=str(path), rows=rows)

    def places(self, table: Table, progress: Progress) -> list[int]:
        """The place in ``columns`` of each of the table's; on the way a key is sought."""
        if not table.rows or table.path == self.base.path:
            return list(range(len(table.labels)))
        found = align(self.base, table)
        known = {j: i for i, j in found.pairs}
        self._seek_key(found, table, progress)
        return [
            known[j] if j in known else self._place_of_extra(label) for j, label in enumerate(table.labels)
        ]

    def _place_of_extra(self, label: str) -> int:
        """Of a column that the base lacks; the same for all that call it so."""
        if label not in self._extra:
            self._extra[label] = len(self.columns)
            self.columns.append(label)
        return self._extra[label]

    def _seek_key(self, found: Alignment, table: Table, progress: Progress) -> None:
        """Tries the first few snapshots until one shows a key that is unique in both."""
        if self.key.source in _CERTAIN or self._tries >= _TRIES or not found.pairs:
            return
        self._tries += 1
        old = _projected(self.base, [i for i, _ in found.pairs])
        new = _projected(table, [j for _, j in found.pairs])
        ranks = [
            (min(i, j), max(i, j), (label,)) for (i, j), label in zip(found.pairs, found.labels, strict=True)
        ]
        key = find_key(old, new, Columns(found.labels, ranks), progress.checkpoint)
        if key.source in _CERTAIN or self.key.source == "whole-row":
            self.key = Key(tuple(found.pairs[place][0] for place in key.places), key.source, key.reason)


def open_stream(path: Path, partner: Path | None, progress: Progress) -> Stream:
    """The stream whose base is that file; another file of it helps to tell whether it has a header.

    Errors: BadInput, NotFound.
    """
    found = _read(path, "", progress)
    records, _ = read_records(found.text, found.delimiter, found.name, progress)
    beside: Sequence[Row] = records
    if partner:
        try:
            other = _read(partner, found.text[:_HEAD], progress)
            beside, _ = read_records(other.text, other.delimiter, other.name, progress)
        except BadInput:
            beside = records  # it will be told of that file when its turn comes
    header, _ = find_headers(records, beside)
    base = replace(make_table(str(path), records, header=header), delimiter=found.delimiter)
    return Stream(base, found.text[:_HEAD], list(base.labels), memo=Memo(len(base.labels)))


class _Text(NamedTuple):
    name: str
    text: str
    delimiter: str


def _read(path: Path, beside: str, progress: Progress) -> _Text:
    """``beside`` is another file's beginning, which tells the delimiter where this one's does not."""
    name = one_line(path.name, 100)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise BadInput(f"{name} holds {size:,} bytes; at most {MOST_BYTES:,} can be audited.")
    text = decode(read_bytes(path, progress), name).text
    if text.count("\n") > MOST_ROWS:
        raise BadInput(f"{name} holds more than {MOST_ROWS:,} rows, too many to be audited.")
    return _Text(name, text, find_delimiters(text[:_HEAD], beside)[0])


def _all(table: Table) -> Sequence[Row]:
    """The records as they stand in the file, as far as a header shows in them."""
    return [table.head, *table.rows] if table.header else table.rows


def _projected(table: Table, places: Sequence[int]) -> list[Record]:
    if places == list(range(len(table.labels))) and all(len(row) == len(places) for row in table.rows):
        return list(table.rows)
    return [tuple(row[place] if place < len(row) else None for place in places) for row in table.rows]
