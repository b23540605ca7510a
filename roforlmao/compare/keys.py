"""The columns that tell which row is which: given, or found.

A key must be unique and never empty in both tables, and pair most rows: half of the smaller
table. Where none does, rows with the same value of the best column are paired in order of
occurrence; where no column is good enough for that, only whole rows are compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import combinations
from operator import itemgetter
from typing import Any, Literal, NamedTuple, Protocol

from roforlmao.compare.cells import Record
from roforlmao.text import counted

Source = Literal["given", "unique", "composite", "occurrence", "whole-row"]
Rank = tuple[int, int, tuple[str, ...]]  # orders columns the same whichever table is the old one
Checkpoint = Callable[[], None]

_WIDEST = 3  # columns of a composite key
_TRIED = 12  # columns that composite keys are made of: those with the most different cells
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


class Column(NamedTuple):
    """Numbers of different cells in either table, and in both."""

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


class Facts(Protocol):
    """What is known of two lists of records: from the records themselves, or from hashes of their cells."""

    @property
    def rows(self) -> tuple[int, int]:
        """How many, old and new."""
        ...

    def unique(self, place: int) -> int | None:
        """The number of cells in common, where the column is unique and filled in both tables."""
        ...

    def column(self, place: int) -> Column: ...

    def distinct(self) -> tuple[int, int]:
        """How many different rows, old and new."""
        ...

    def composed(self, places: tuple[int, ...]) -> int | None:
        """As ``unique``, of several columns together that are known to be filled."""
        ...

    def occurring(self, place: int) -> int:
        """How many rows find a partner when equal cells of that column are paired in order."""
        ...


def find_key(old: Sequence[Record], new: Sequence[Record], columns: Columns, checkpoint: Checkpoint) -> Key:
    """The first of: one unique column, the smallest unique set, the best column, none."""
    from roforlmao.compare.facts import RecordFacts

    return search_key(RecordFacts(old, new, checkpoint), columns)


def search_key(facts: Facts, columns: Columns) -> Key:
    """As ``find_key``."""
    search = _Search(facts, columns)
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
    """Two lists of records, by what is known of their columns."""

    def __init__(self, facts: Facts, columns: Columns) -> None:
        self._facts = facts
        self._columns = columns
        self._fewer = min(facts.rows)
        self._places = range(len(columns.labels))
        self._known = cache(facts.column)

    def unique(self) -> Iterator[_Candidate]:
        for place in self._places:
            common = self._facts.unique(place)
            if common is not None:
                yield self._candidate((place,), common)

    def composite(self, at_least: float) -> _Candidate | None:
        """The smallest unique set of columns that pairs most rows, and at least so many."""
        if self._facts.distinct() != self._facts.rows:
            return None  # equal rows: no set of columns is unique
        places = self._for_composites()
        for size in range(2, min(_WIDEST, len(self._places) - 1) + 1):
            found = [one for one in map(self._composed, combinations(places, size)) if one]
            best = self.best(one for one in found if self.pairs_most(one) and one.pairs >= at_least)
            if best:
                return best
        return None

    def occurrence(self) -> _Candidate | None:
        """The column with the most different cells in common: half as many as there are different rows."""
        enough = min(self._facts.distinct())
        shared = {place: self._known(place).shared for place in self._places}
        found = [
            self._candidate((place,), count)
            for place, count in shared.items()
            if count and 2 * count >= enough
        ]
        best = self.best(found)
        if best is None or len(self._places) == 1:
            return None
        return self._candidate(best.places, self._facts.occurring(best.places[0]))

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

    def _candidate(self, places: tuple[int, ...], pairs: int) -> _Candidate:
        telling = any(is_telling(self._columns.labels[place]) for place in places)
        return _Candidate(places, pairs, telling, tuple(self._columns.ranks[place] for place in places))

    def _for_composites(self) -> list[int]:
        """In the order of their ranks, so that the key names them in the table's order."""
        known = {place: self._known(place) for place in self._places}
        filled = [place for place, column in known.items() if column.filled]
        ranks = self._columns.ranks
        filled.sort(key=lambda place: (-known[place].old - known[place].new, ranks[place]))
        return sorted(filled[:_TRIED], key=lambda place: ranks[place])

    def _composed(self, places: tuple[int, ...]) -> _Candidate | None:
        common = self._facts.composed(places)
        return None if common is None else self._candidate(places, common)


def is_telling(label: str) -> bool:
    """Whether a column is called like a key: ``id``, ``app_id``, ``appId``, ``arn``, ``url``."""
    return bool(_TELLING.search(label) or _TELLING.search(label.strip().casefold()))
