"""How many of the rows that two files share stand elsewhere in the other."""

from __future__ import annotations

from array import array
from bisect import bisect_left

import numpy as np
import numpy.typing as npt

from roforlmao.compare.bulk.arrays import slices
from roforlmao.compare.keys import Checkpoint

_STEP = 256  # rows for which one look-up serves
_BEHIND = 2**31 - 1  # larger than every place


def in_order(partner: npt.NDArray[np.int32]) -> bool:
    """Whether the new rows of the old ones stand as these do; -1: there is none."""
    last = -1
    for piece in slices(partner):
        places = partner[piece]
        places = places[places >= 0]
        if len(places):
            if places[0] < last or bool((places[1:] < places[:-1]).any()):
                return False
            last = int(places[-1])
    return True


def count_moved(places: npt.NDArray[np.int32], checkpoint: Checkpoint) -> int:
    """As ``pairing.count_moved``, of millions.

    The place where a row belongs only grows while others come in before it, so that one look-up for
    many rows gives each a place from which it is seldom more than a step.
    """
    tops = array("i", [_BEHIND])
    for at in range(0, len(places), _STEP):
        checkpoint()
        block = places[at : at + _STEP]
        if (len(tops) == 1 or int(block[0]) > tops[-2]) and bool((block[1:] > block[:-1]).all()):
            tops.pop()
            tops.frombytes(block.tobytes())
            tops.append(_BEHIND)
            continue
        # a view, gone before the array grows again
        starts = np.searchsorted(np.frombuffer(tops, np.int32), block).tolist()
        _insert(tops, block.tolist(), starts)
    return len(places) - len(tops) + 1


def _insert(tops: array[int], places: list[int], starts: list[int]) -> None:
    end = len(tops) - 1
    for place, start in zip(places, starts, strict=True):
        where = start
        if tops[where] < place:
            where = start + 1
            if tops[where] < place:
                where = end if place > tops[end - 1] else bisect_left(tops, place, where + 1)
        tops[where] = place
        if where == end:
            tops.append(_BEHIND)
            end += 1
