"""Which row of the old table is which row of the new one.

Equal rows cancel first, as in a multiset; the rest are paired by key, in order of occurrence.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from roforlmao.compare.cells import Record, Same, differing
from roforlmao.compare.keys import Key
from roforlmao.compare.options import SEARCH
from roforlmao.progress import Progress

Pair = tuple[int, int]
Cancelled = tuple[list[Pair], list[int], list[int]]  # equal rows, and what is left of old and new
_BATCH = 4_096  # keys between two looks at the progress


class Pairing(NamedTuple):
    """Row numbers from 0: ``same`` and ``changed`` in old order, ``removed`` old and ``added`` new ones."""

    same: Sequence[Pair]
    changed: Sequence[Pair]
    removed: Sequence[int]
    added: Sequence[int]


def pair_rows(
    old: Sequence[Record], new: Sequence[Record], key: Key, same: Same, exact: bool, progress: Progress
) -> Pairing:
    """``exact``: only equal records are the same, so that no others need to be looked for."""
    return pair_rest(old, new, _cancel(old, new), key, same, exact, progress)


def pair_rest(
    old: Sequence[Record],
    new: Sequence[Record],
    cancelled: Cancelled,
    key: Key,
    same: Same,
    exact: bool,
    progress: Progress,
) -> Pairing:
    """As ``pair_rows``, when the equal rows are known."""
    equal, rest_old, rest_new = cancelled
    progress.checkpoint()
    by_key: defaultdict[object, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    # whole rows that are near each other have no key in common: all are looked through
    of = key.of if key.places or exact else lambda _: None
    for i in rest_old:
        by_key[of(old[i])][0].append(i)
    for j in rest_new:
        by_key[of(new[j])][1].append(j)
    near: list[Pair] = []
    changed: list[Pair] = []
    for turn, (left, right) in enumerate(by_key.values()):
        if turn % _BATCH == 0:
            progress.checkpoint()
        if left and right and not exact:
            near += _take_near(old, new, left, right, same)
        if key.places:
            changed += zip(left, right, strict=False)
            paired = min(len(left), len(right))
            del left[:paired], right[:paired]
    removed = sorted(i for left, _ in by_key.values() for i in left)
    added = sorted(j for _, right in by_key.values() for j in right)
    return Pairing(sorted(equal + near), sorted(changed), removed, added)


def count_moved(places: Sequence[int]) -> int:
    """The fewest rows that would have to move to make the old order of equal rows the new one.

    ``places`` are those of the rows in the new table, in the old order.

    All but a longest increasing subsequence (patience sorting, O(n log n)).
    """
    tops: list[int] = []
    for j in places:
        if not tops or j > tops[-1]:
            tops.append(j)
        else:
            tops[bisect_left(tops, j)] = j
    return len(places) - len(tops)


def _cancel(old: Sequence[Record], new: Sequence[Record]) -> Cancelled:
    """Equal records, the first with the first; and what is left on either side."""
    places: defaultdict[Record, list[int]] = defaultdict(list)
    for j in range(len(new) - 1, -1, -1):
        places[new[j]].append(j)
    equal, rest = [], []
    for i, record in enumerate(old):
        waiting = places.get(record)
        if waiting:
            equal.append((i, waiting.pop()))
        else:
            rest.append(i)
    return equal, rest, sorted(j for waiting in places.values() for j in waiting)


def _take_near(
    old: Sequence[Record], new: Sequence[Record], left: list[int], right: list[int], same: Same
) -> list[Pair]:
    """Takes pairs that are the same out of both lists, in an order that does not depend on the side."""
    if len(left) * len(right) > SEARCH:
        places = [(place, place) for place in range(min(len(left), len(right)))]
    else:
        every = [(a, b) for a in range(len(left)) for b in range(len(right))]
        places = sorted(every, key=lambda pair: (max(pair), min(pair)))
    taken: list[Pair] = []
    gone_left: set[int] = set()
    gone_right: set[int] = set()
    for a, b in places:
        if a in gone_left or b in gone_right or differing(old[left[a]], new[right[b]], same):
            continue
        taken.append((left[a], right[b]))
        gone_left.add(a)
        gone_right.add(b)
    left[:] = [i for place, i in enumerate(left) if place not in gone_left]
    right[:] = [j for place, j in enumerate(right) if place not in gone_right]
    return taken
