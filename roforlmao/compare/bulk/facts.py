"""What the search for a key and for renamed columns asks of two tables, answered by their hashes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import product

import numpy as np

from roforlmao.compare.bulk.arrays import Hashes
from roforlmao.compare.bulk.match import Matched, common, distinct, unique
from roforlmao.compare.bulk.side import Side
from roforlmao.compare.bulk.survey import SAMPLED
from roforlmao.compare.keys import Column

_FEW = 4  # one row of so many has no equal one: sorting all new ones would cost more


class HashFacts:
    """``pairs`` are the compared columns, ``different`` the numbers of different rows."""

    def __init__(
        self,
        sides: tuple[Side, Side],
        pairs: Sequence[tuple[int, int]],
        matched: Matched,
        different: tuple[int, int],
    ) -> None:
        self._sides = sides
        self._pairs = pairs
        self._matched = matched
        self._different = different
        self._checkpoint = sides[0].progress.checkpoint

    @property
    def rows(self) -> tuple[int, int]:
        old, new = self._sides
        return old.count, new.count

    def distinct(self) -> tuple[int, int]:
        return self._different

    def unique(self, place: int) -> int | None:
        for blocks, (turn, side) in product((1, SAMPLED), enumerate(self._sides)):
            sample = side.sample([self._pairs[place][turn]], blocks)
            if not self._filled(sample) or not unique(np.sort(sample)):
                return None
        columns = self._columns(place)
        if not all(self._filled(column) for column in columns):
            return None
        if len(self._matched.lone_new) * _FEW > len(columns[1]):
            return self._common([np.sort(column) for column in columns])
        return self._common_beside(*columns)

    def composed(self, places: tuple[int, ...]) -> int | None:
        chosen = [[self._pairs[place][turn] for place in places] for turn in (0, 1)]
        for side, columns in zip(self._sides, chosen, strict=True):
            if not unique(np.sort(side.sample(columns, SAMPLED))):
                return None
        return self._common([np.sort(s.combined(c)) for s, c in zip(self._sides, chosen, strict=True)])

    def column(self, place: int) -> Column:
        columns = self._columns(place)
        filled = all(self._filled(column) for column in columns)
        old, new = (np.unique(column) for column in columns)
        both = common(old, new, self._checkpoint)
        nothing = (self._empty, self._sides[0].hasher.missing)
        empty = sum(bool((old == one).any()) and bool((new == one).any()) for one in nothing)
        return Column(len(old), len(new), both, both - empty, filled)

    def occurring(self, place: int) -> int:
        old, new = (np.sort(column) for column in self._columns(place))
        return common(old, new, self._checkpoint)

    def _common(self, columns: Sequence[Hashes]) -> int | None:
        old, new = columns
        return common(old, new, self._checkpoint) if unique(old) and unique(new) else None

    def _common_beside(self, old: Hashes, new: Hashes) -> int | None:
        """The same, where few rows differ: equal ones have equal cells, only the others are looked at."""
        every, rest = np.sort(old), np.sort(new[self._matched.lone_new])
        if not (unique(every) and unique(rest)):
            return None
        shared = common(rest, np.sort(old[self._matched.lone_old]), self._checkpoint)
        # a cell that more old rows have is that of an equal row too
        if common(rest, every, self._checkpoint) > shared:
            return None
        return len(old) - len(self._matched.lone_old) + shared

    def _columns(self, place: int) -> tuple[Hashes, Hashes]:
        self._checkpoint()
        old, new = self._pairs[place]
        return self._sides[0].column(old), self._sides[1].column(new)

    @property
    def _empty(self) -> np.uint64:
        return np.uint64(self._sides[0].hasher.empty)

    def _filled(self, column: Hashes) -> bool:
        return not bool(((column == self._empty) | (column == self._sides[0].hasher.missing)).any())


class HashLikeness:
    """Columns as multisets of the hashes of their cells."""

    def __init__(self, old: Side, new: Side) -> None:
        self.rows = (old.count, new.count)
        self._checkpoint = old.progress.checkpoint
        missing = old.hasher.missing

        def cells(side: Side, place: int) -> Hashes:
            column = side.column(place)
            return np.sort(column[column != missing])

        self._old = cache(lambda place: cells(old, place))
        self._new = cache(lambda place: cells(new, place))

    def share(self, i: int, j: int) -> float:
        one, other = self._old(i), self._new(j)
        fewer = min(len(one), len(other))
        return common(one, other, self._checkpoint) / fewer if fewer else 0.0

    def constant(self, i: int, j: int) -> bool:
        return distinct(self._old(i)) < 2 or distinct(self._new(j)) < 2
