"""How alike two columns are by their cells: for renamed columns, and where there are no names.

A renamed column has the same cells under another name, save for the rows that came and went.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import Protocol

from roforlmao.compare.options import SEARCH
from roforlmao.compare.records import Row

Pair = tuple[int, int]
_Way = tuple[float, list[Pair]]  # score, and the columns that are paired
_WORK = 20_000_000  # cells that are looked at, some five seconds
_ALIKE = 0.8  # share of the shorter column's cells that the other must have


class Likeness(Protocol):
    """The cells of two tables, column by column: counted as they are, or by their hashes."""

    @property
    def rows(self) -> tuple[int, int]:
        """How many, old and new."""
        ...

    def share(self, i: int, j: int) -> float:
        """How many of the cells of the shorter column the other has too, of 1."""
        ...

    def constant(self, i: int, j: int) -> bool:
        """Whether either column holds fewer than two different cells."""
        ...


def find_renamed(cells: Likeness, lone_old: Sequence[int], lone_new: Sequence[int]) -> list[Pair]:
    """The best pairs first, each column once; none where there are too many to look through."""
    if not _bearable(len(lone_old) * len(lone_new), cells):
        return []
    found = []
    for i in lone_old:
        for j in lone_new:
            share = cells.share(i, j)
            # a column of one value is like any other such column: only its place can tell
            if share >= _ALIKE and (not cells.constant(i, j) or (share == 1 and i == j)):
                found.append((-share, abs(i - j), min(i, j), max(i, j), (i, j)))
    return _each_once([pair for *_, pair in sorted(found)])


def fit_positions(cells: Likeness, width_old: int, width_new: int) -> list[Pair]:
    """Columns without names: the same position; where one table is wider, the columns fit in order."""
    if width_old == width_new or not _bearable(width_old * width_new, cells):
        return [(place, place) for place in range(min(width_old, width_new))]
    if width_old < width_new:
        return _best_fit(cells.share, width_old, width_new)
    return [(i, j) for j, i in _best_fit(lambda j, i: cells.share(i, j), width_new, width_old)]


def _bearable(pairs: int, cells: Likeness) -> bool:
    """Whether there are rows to compare, and not too many of them or of pairs of columns."""
    return bool(min(cells.rows)) and 0 < pairs <= SEARCH and pairs * max(cells.rows) <= _WORK


def _best_fit(share: Callable[[int, int], float], short: int, long: int) -> list[Pair]:
    """Every narrow column gets a wide one, in order, with the most cells in common.

    Dynamic programming over (narrow column, offset), as in the alignment of sequences; where two
    ways are as good, columns stay where they are.
    """
    slack = long - short
    best: list[_Way] = [(0.0, [])] * (slack + 1)
    for i in range(short):
        ways = [
            (score + share(i, i + offset), [*way, (i, i + offset)])
            for offset, (score, way) in enumerate(best)
        ]
        best = _up_to(ways)
    return best[-1][1]


def _up_to(ways: Sequence[_Way]) -> list[_Way]:
    """For each offset the best way that ends at it or before; the earlier one where both are as good."""
    kept = [ways[0]]
    for way in ways[1:]:
        kept.append(way if way[0] > kept[-1][0] + 1e-9 else kept[-1])
    return kept


class CellCounts:
    """Columns as multisets of their cells; each is counted once, when it is asked for."""

    def __init__(self, old: Sequence[Row], new: Sequence[Row]) -> None:
        self.rows = (len(old), len(new))
        self._old = cache(lambda place: _cells(old, place))
        self._new = cache(lambda place: _cells(new, place))

    def share(self, i: int, j: int) -> float:
        one, other = self._old(i), self._new(j)
        fewer = min(one.total(), other.total())
        return sum((one & other).values()) / fewer if fewer else 0.0

    def constant(self, i: int, j: int) -> bool:
        return len(self._old(i)) < 2 or len(self._new(j)) < 2


def _cells(rows: Sequence[Row], place: int) -> Counter[str]:
    return Counter(row[place] for row in rows if place < len(row))


def _each_once(pairs: Sequence[Pair]) -> list[Pair]:
    taken: list[Pair] = []
    for i, j in pairs:
        if all(i != a and j != b for a, b in taken):
            taken.append((i, j))
    return taken
