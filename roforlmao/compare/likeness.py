"""How alike two columns are by their cells: for renamed columns, and where there are no names.

A renamed column has the same cells under another name, save for the rows that came and went.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from roforlmao.compare.options import SEARCH
from roforlmao.compare.records import Row

Pair = tuple[int, int]
_Way = tuple[float, list[Pair]]  # score, and the columns that are paired
_WORK = 20_000_000  # cells that are looked at, some five seconds
_ALIKE = 0.8  # share of the shorter column's cells that the other must have


def find_renamed(
    old: Sequence[Row], new: Sequence[Row], lone_old: Sequence[int], lone_new: Sequence[int]
) -> list[Pair]:
    """The best pairs first, each column once; none where there are too many to look through."""
    if not _bearable(len(lone_old) * len(lone_new), old, new):
        return []
    cells_old, cells_new = _cells(old, lone_old), _cells(new, lone_new)
    found = []
    for i in lone_old:
        for j in lone_new:
            share = _share(cells_old[i], cells_new[j])
            constant = len(cells_old[i]) < 2 or len(cells_new[j]) < 2
            # a column of one value is like any other such column: only its place can tell
            if share >= _ALIKE and (not constant or (share == 1 and i == j)):
                found.append((-share, abs(i - j), min(i, j), max(i, j), (i, j)))
    return _each_once([pair for *_, pair in sorted(found)])


def fit_positions(old: Sequence[Row], new: Sequence[Row], width_old: int, width_new: int) -> list[Pair]:
    """Columns without names: the same position; where one table is wider, the columns fit in order."""
    if width_old > width_new:
        return [(i, j) for j, i in fit_positions(new, old, width_new, width_old)]
    if width_old == width_new or not _bearable(width_old * width_new, old, new):
        return [(place, place) for place in range(width_old)]
    return _best_fit(old, new, width_old, width_new)


def _bearable(pairs: int, old: Sequence[Row], new: Sequence[Row]) -> bool:
    """Whether there are rows to compare, and not too many of them or of pairs of columns."""
    rows = max(len(old), len(new))
    return bool(old and new) and pairs <= SEARCH and pairs * rows <= _WORK


def _best_fit(narrow: Sequence[Row], wide: Sequence[Row], short: int, long: int) -> list[Pair]:
    """Every narrow column gets a wide one, in order, with the most cells in common.

    Dynamic programming over (narrow column, offset), as in the alignment of sequences; where two
    ways are as good, columns stay where they are.
    """
    slack = long - short
    cells_narrow, cells_wide = _cells(narrow, range(short)), _cells(wide, range(long))
    best: list[_Way] = [(0.0, [])] * (slack + 1)
    for i in range(short):
        ways = [
            (score + _share(cells_narrow[i], cells_wide[i + offset]), [*way, (i, i + offset)])
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


def _cells(rows: Sequence[Row], places: Sequence[int]) -> dict[int, Counter[str]]:
    return {place: Counter(row[place] for row in rows if place < len(row)) for place in places}


def _share(one: Counter[str], other: Counter[str]) -> float:
    fewer = min(one.total(), other.total())
    if not fewer:
        return 0.0
    return sum((one & other).values()) / fewer


def _each_once(pairs: Sequence[Pair]) -> list[Pair]:
    taken: list[Pair] = []
    for i, j in pairs:
        if all(i != a and j != b for a, b in taken):
            taken.append((i, j))
    return taken
