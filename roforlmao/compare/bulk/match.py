"""Equal hashes of two lists paired as in a multiset: the first with the first, the second with the second."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from roforlmao.compare.bulk.arrays import Flags, Hashes, Places, slices
from roforlmao.compare.keys import Checkpoint


class Ordered(NamedTuple):
    """Hashes in increasing order, and where each stands; equal ones in the order of their places."""

    hashes: Hashes
    places: npt.NDArray[np.int32]


class Matched(NamedTuple):
    """``partner`` of each old row among the new ones, -1 without; ``lone`` rows of either side."""

    partner: npt.NDArray[np.int32]
    lone_old: Places
    lone_new: Places


def ordered(hashes: Hashes, room: Hashes | None = None) -> Ordered:
    """Sorts the upper bits of each hash with its place below them: several times as fast as ``argsort``.

    ``room`` is memory that may be written over: such as is new to the process costs as much as the work.
    """
    bits = np.uint64(max(len(hashes) - 1, 1).bit_length())
    low = (np.uint64(1) << bits) - np.uint64(1)
    found = np.empty_like(hashes) if room is None or len(room) < len(hashes) else room[: len(hashes)]
    for piece in slices(hashes):
        np.bitwise_and(hashes[piece], ~low, out=found[piece])
        found[piece] |= np.arange(piece.start, piece.start + len(found[piece]), dtype=np.uint64)
    found.sort()
    places = np.empty(len(hashes), np.int32)
    for piece in slices(hashes):
        places[piece] = found[piece] & low
        found[piece] = hashes[places[piece]]
    _settle(found, places, bits)
    return Ordered(found, places)


def _settle(found: Hashes, places: npt.NDArray[np.int32], bits: np.uint64) -> None:
    """Sorts the few hashes that differ in their lower bits only, in place."""
    wrong = np.flatnonzero(found[1:] < found[:-1])
    if not len(wrong):
        return
    lowest = np.unique(found[wrong] >> bits << bits)
    firsts = np.searchsorted(found, lowest)
    lasts = np.searchsorted(found, lowest | ((np.uint64(1) << bits) - np.uint64(1)), side="right")
    some = np.concatenate([np.arange(first, last) for first, last in zip(firsts, lasts, strict=True)])
    order = some[np.lexsort((places[some], found[some]))]
    found[some], places[some] = found[order], places[order]


def match(old: Ordered, new: Ordered, checkpoint: Checkpoint) -> Matched:
    partner = np.full(len(old.places), -1, np.int32)
    lone: Flags = np.ones(len(new.places), np.bool_)
    turns = _occurrences(old.hashes)
    for piece in slices(old.hashes if len(new.places) else old.hashes[:0]):
        checkpoint()
        hashes = old.hashes[piece]
        there = _places(hashes, new.hashes)
        if turns is not None:
            there += turns[piece]
        hit = new.hashes[np.minimum(there, len(new.places) - 1)] == hashes
        hit &= there < len(new.places)
        places = new.places[there[hit]]
        partner[old.places[piece][hit]] = places
        lone[places] = False
    return Matched(partner, np.flatnonzero(partner < 0), np.flatnonzero(lone))


def _places(hashes: Hashes, among: Hashes) -> Places:
    """Where the first that is not less stands, for each; of two lists in increasing order."""
    low, high = _between(hashes, among)
    found: Places = np.searchsorted(among[low:high], hashes)
    found += low
    return found


def _between(hashes: Hashes, among: Hashes) -> tuple[np.int64, np.int64]:
    """Where those stand that are neither less than the first nor greater than the last."""
    return np.searchsorted(among, hashes[0]), np.searchsorted(among, hashes[-1], side="right")


def common(one: Hashes, other: Hashes, checkpoint: Checkpoint) -> int:
    """How many pairs there are, of two lists in increasing order."""
    if not len(other):
        return 0
    turns = _occurrences(one)
    if turns is None and unique(other):
        return _common_unique(one, other, checkpoint)
    found = 0
    for piece in slices(one):
        checkpoint()
        hashes = one[piece]
        last = np.searchsorted(other, hashes, side="right")
        first = np.searchsorted(other, hashes)
        found += int(np.count_nonzero(first + (0 if turns is None else turns[piece]) < last))
    return found


def _common_unique(one: Hashes, other: Hashes, checkpoint: Checkpoint) -> int:
    """Of lists in which none comes twice: to merge them takes a fraction of looking each up."""
    found = 0
    for piece in slices(one):
        checkpoint()
        low, high = _between(one[piece], other)
        both = np.concatenate((one[piece], other[low:high]))
        both.sort(kind="stable")
        found += len(both) - distinct(both)
    return found


def _new_runs(hashes: Hashes) -> Flags:
    """Where a hash is not that before it; of increasing ones."""
    found: Flags = np.ones(len(hashes), np.bool_)
    np.not_equal(hashes[1:], hashes[:-1], out=found[1:])
    return found


def unique(hashes: Hashes) -> bool:
    """Whether none comes twice; of increasing ones."""
    return bool((hashes[1:] != hashes[:-1]).all())


def alone(hashes: Hashes) -> Flags:
    """Which have no equal one; of increasing ones."""
    found = _new_runs(hashes)
    found[:-1] &= found[1:].copy()
    return found


def sharing(hashes: Hashes) -> int:
    """How many have an equal one; of increasing ones."""
    return len(hashes) - int(np.count_nonzero(alone(hashes)))


def distinct(hashes: Hashes) -> int:
    """Of increasing ones."""
    return int(np.count_nonzero(_new_runs(hashes)))


def _occurrences(hashes: Hashes) -> Places | None:
    """How many equal ones stand before each; of increasing ones. None: each comes once."""
    begins = _new_runs(hashes)
    if bool(begins.all()):
        return None
    starts = np.flatnonzero(begins)
    return np.arange(len(hashes)) - np.repeat(starts, np.diff(starts, append=len(hashes)))
