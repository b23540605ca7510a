"""How many cells of each column differ between rows that were paired."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from roforlmao.compare.bulk.arrays import AnyPlaces, Flags, Hashes, Pairs, Places
from roforlmao.compare.bulk.cut import Cut
from roforlmao.compare.bulk.side import Side


class CellCounter:
    """``pairs`` are the compared columns; ``usual`` are the cells that most rows of either side have."""

    def __init__(self, old: Side, new: Side, pairs: Sequence[tuple[int, int]]) -> None:
        self._old, self._new = old, new
        usual = [side.survey.usual(side.head) for side in (old, new)]
        extra = max(usual[0] - old.width, usual[1] - new.width, 0)
        # a usual row may be longer than the header; what stands beyond the last column is compared too
        self._places_old = [i for i, _ in pairs] + [old.width + turn for turn in range(extra)]
        self._places_new = [j for _, j in pairs] + [new.width + turn for turn in range(extra)]
        self._odd = [side.survey.irregular(size) for side, size in zip((old, new), usual, strict=True)]

    def odd(self, changed: Pairs) -> Flags:
        """Pairs with a row of unusual length, of which the cells have no fixed places."""
        return np.isin(changed.old + self._old.head, self._odd[0]) | np.isin(
            changed.new + self._new.head, self._odd[1]
        )

    def count(self, changed: Pairs) -> Counter[int]:
        """Of pairs that are not odd."""
        before = [np.empty(len(changed), np.uint64) for _ in self._places_old]
        for which, block, inner in self._old.cells(changed.old):
            for column, place in zip(before, self._places_old, strict=True):
                column[which] = self._column(block, place, inner)
        order: Places = np.argsort(changed.new)
        found: Counter[int] = Counter()
        for which, block, inner in self._new.cells(changed.new[order]):
            partners = order[which]
            for turn, place in enumerate(self._places_new):
                column = self._column(block, place, inner)
                found[turn] += int(np.count_nonzero(column != before[turn][partners]))
        return +found

    def _column(self, block: Cut, place: int, inner: AnyPlaces | slice) -> Hashes:
        column: Hashes = block.column(place, self._old.hasher)[inner]
        return column
