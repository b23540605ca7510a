"""The columns that tell which row is which: given, or found.

A key must be unique and never empty in both tables, and pair most rows: half of the smaller
table. Where none does, rows with the same value of the best column are paired in order of
occurrence; where no column is good enough for that, only whole rows are compared.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from operator import itemgetter
from typing import Any, Literal, NamedTuple

from roforlmao.compare.cells import Record
from roforlmao.text import counted

Source = Literal["given", "unique", "composite", "occurrence", "whole-row"]
Rank = tuple[int, int, tuple[str, ...]]  # orders columns the same whichever table is the old one
Checkpoint = Callable[[], None]

_WIDEST = 3  # columns of a composite key
_TRIED = 12  # columns that composite keys are made of: those with the most different cells
_SAMPLE = 1_000  # rows that refute most composites before all rows are looked at
_CLOSE = 0.9  # of the best: as good, so that the column's name may decide
_TELLING = re.compile(r"(?:^|[^a-z])(?:id|key|arn|ur[il]|[ug]uid)$|[a-z](?:Id|ID|Key|Arn|ARN|Ur[il]|UR[IL])$")


class Key(NamedTuple):
    """``places`` of the columns in a record; none where whole rows are compared."""

    places: tuple[int, ...]
    source: Source
    reason: str

    @property
    def of(self) -> Callable[[Record], Any]:
        """What two rows must have in common to be a pair."""
        return itemgetter(*self.places) if self.places else lambda record: record


class Columns(NamedTuple):
    """What the search needs to know of the columns of the records."""

    labels: Sequence[str]
    ranks: Sequence[Rank]


class _Column(NamedTuple):
    """Numbers of different cells in either table, and in both; the sets themselves are not kept."""

    old: int
    new: int
    common: int
    shared: int  # of those in common, the ones that are not empty
    filled: bool  # never empty, and no row ends before it


class _Candidate(NamedTuple):
    places: tuple[int, ...]
    pairs: int
    telling: bool
    rank: tuple[Rank, ...]


def find_key(old: Sequence[Record], new: Sequence[Record], columns: Columns, checkpoint: Checkpoint) -> Key:
    """The first of: one unique column, the smallest unique set, the best column, none."""
    search = _Search(old, new, columns, checkpoint)
    unique = search.best(search.unique())
    if unique and search.pairs_most(unique):
        return search.key(unique, "unique", "it is unique and never empty in both files")
    common = search.occurrence()
    composite = search.composite(at_least=common.pairs * _CLOSE if common else 0)
    if composite:
        return search.key(composite, "composite", "no single column is unique; together they are")
    if common:
        return search.key(common, "occurrence", "no column is unique; equal ones are paired in order")
    if unique:
        return search.key(unique, "unique", "it is unique in both files, though few rows have a partner")
    return Key((), "whole-row", "no column tells which row is which")


class _Search:
    """Two lists of records and what is known of their columns."""

    def __init__(
        self, old: Sequence[Record], new: Sequence[Record], columns: Columns, checkpoint: Checkpoint
    ) -> None:
        self._old, self._new = old, new
        self._columns = columns
        self._checkpoint = checkpoint
        self._fewer = min(len(old), len(new))
        self._known = [self._column(place) for place in range(len(columns.labels))]
        self._distinct = (len(set(old)), len(set(new)))

    def unique(self) -> Iterator[_Candidate]:
        for place, column in enumerate(self._known):
            if (column.old, column.new) == (len(self._old), len(self._new)) and column.filled:
                yield self._candidate((place,), column.common)

    def composite(self, at_least: float) -> _Candidate | None:
        """The smallest unique set of columns that pairs most rows, and at least so many."""
        if self._distinct != (len(self._old), len(self._new)):
            return None  # equal rows: no set of columns is unique
        places = self._for_composites()
        for size in range(2, min(_WIDEST, len(self._known) - 1) + 1):
            found = [one for one in map(self._composed, combinations(places, size)) if one]
            best = self.best(one for one in found if self.pairs_most(one) and one.pairs >= at_least)
            if best:
                return best
        return None

    def occurrence(self) -> _Candidate | None:
        """The column with the most different cells in common: half as many as there are different rows."""
        found = []
        for place, column in enumerate(self._known):
            if column.shared and 2 * column.shared >= min(self._distinct):
                found.append(self._candidate((place,), column.shared))
        best = self.best(found)
        if best is None or len(self._known) == 1:
            return None
        cells = [Counter(row[best.places[0]] for row in rows) for rows in (self._old, self._new)]
        return self._candidate(best.places, (cells[0] & cells[1]).total())

    def best(self, found: Iterator[_Candidate] | Sequence[_Candidate]) -> _Candidate | None:
        """The one that pairs most rows; among nearly equal ones a telling name, then the first place."""
        known = list(found)
        if not known:
            return None
        most = max(one.pairs for one in known)
        close = [one for one in known if one.telling and one.pairs >= _CLOSE * most]
        return min(close or known, key=lambda one: (-one.pairs, one.rank))

    def pairs_most(self, candidate: _Candidate) -> bool:
        return 2 * candidate.pairs >= self._fewer

    def key(self, candidate: _Candidate, source: Source, why: str) -> Key:
        pairs = f"{why}; it pairs {candidate.pairs:,} of {counted(self._fewer, 'row')}"
        return Key(candidate.places, source, pairs if self._fewer else why)

    def _column(self, place: int) -> _Column:
        self._checkpoint()
        first, second = ({row[place] for row in rows} for rows in (self._old, self._new))
        common = first & second
        filled = not any(nothing in cells for cells in (first, second) for nothing in ("", None))
        return _Column(len(first), len(second), len(common), len(common - {"", None}), filled)

    def _candidate(self, places: tuple[int, ...], pairs: int) -> _Candidate:
        telling = any(is_telling(self._columns.labels[place]) for place in places)
        return _Candidate(places, pairs, telling, tuple(self._columns.ranks[place] for place in places))

    def _for_composites(self) -> list[int]:
        """In the order of their ranks, so that the key names them in the table's order."""
        filled = [place for place, column in enumerate(self._known) if column.filled]
        ranks = self._columns.ranks
        filled.sort(key=lambda place: (-self._known[place].old - self._known[place].new, ranks[place]))
        return sorted(filled[:_TRIED], key=lambda place: ranks[place])

    def _composed(self, places: tuple[int, ...]) -> _Candidate | None:
        self._checkpoint()
        of = itemgetter(*places)
        found = []
        for rows in (self._old, self._new):
            start = rows[:_SAMPLE]
            if len(set(map(of, start))) < len(start):
                return None
            found.append(set(map(of, rows)))
            if len(found[-1]) < len(rows):
                return None
        return self._candidate(places, len(found[0] & found[1]))


def is_telling(label: str) -> bool:
    """Whether a column is called like a key: ``id``, ``app_id``, ``appId``, ``arn``, ``url``."""
    return bool(_TELLING.search(label) or _TELLING.search(label.strip().casefold()))
