"""What a version of a table has that the one before it had not, counted by one of two rules."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from roforlmao import __version__
from roforlmao.compare.columns import unknown_column
from roforlmao.compare.options import Limits, Options
from roforlmao.compare.table import Table, read_tables
from roforlmao.progress import Progress

Rule = Literal["rows", "names"]
_EDITION = 1  # of the counting below: raise it where the same files would be counted otherwise


class Tally(NamedTuple):
    """Rows of both versions and what became of them; ``changed`` is None where it is not counted."""

    before: int
    after: int
    added: int
    removed: int
    changed: int | None


@dataclass(frozen=True)
class Counting:
    """``rows`` counts as ``compare`` does. ``names`` looks only at what rows are called.

    Names added are counted by row, names removed once each, and nothing after an empty version. A name
    is the cell in the columns ``key``; else in the column 'name', else in the first one.
    """

    rule: Rule = "rows"
    key: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)

    @property
    def fingerprint(self) -> str:
        """The same for countings that give the same numbers for the same files."""
        return json.dumps([_EDITION, __version__, self.rule, self.key, self.ignore])

    def tally(self, old: Path, new: Path, progress: Progress) -> Tally:
        """Errors: BadInput, NotFound (a file that cannot be read, a column that is not there)."""
        return (_by_names if self.rule == "names" else _by_rows)(old, new, self, progress)


def _by_rows(old: Path, new: Path, counting: Counting, progress: Progress) -> Tally:
    from roforlmao.compare.engine import compare

    options = Options(counting.key, ignore=counting.ignore, limits=counting.limits)
    found = compare(old, new, options, progress).comparison(0)
    counts = found.counts
    return Tally(found.old.rows, found.new.rows, counts.added, counts.removed, counts.changed)


def _by_names(old: Path, new: Path, counting: Counting, progress: Progress) -> Tally:
    tables = read_tables(old, new, Options(limits=counting.limits), progress)
    before, after = (_names(table, counting.key) for table in tables)
    if not before:
        return Tally(0, len(after), 0, 0, None)
    known = set(before)
    added = sum(name not in known for name in after)
    return Tally(len(before), len(after), added, len(known.difference(after)), None)


def _names(table: Table, key: Sequence[str]) -> list[tuple[str, ...]]:
    if not table.rows:
        return []
    places = [_place(table, label) for label in key] or [_place_of_name(table)]
    return [tuple(row[place] if place < len(row) else "" for place in places) for row in table.rows]


def _place(table: Table, label: str) -> int:
    if label not in table.labels:
        raise unknown_column(label, table.labels, f"in {table.path}")
    return table.labels.index(label)


def _place_of_name(table: Table) -> int:
    folded = [label.strip("# ").casefold() for label in table.labels]
    return folded.index("name") if "name" in folded else 0
