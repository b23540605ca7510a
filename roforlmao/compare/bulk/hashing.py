"""64-bit hashes of pieces of a buffer, thousands at a time.

Each eight bytes are multiplied by an odd number, reversed, and multiplied by another; these are added up.
Each place has numbers of its own, drawn anew for every comparison with the seed, so that nobody can prepare
files whose rows collide. Texts that differ in one word never do. In more words one multiplication would not
do: a difference in the highest bits passes it as it is, and that of another word could undo it. Behind the
second one it can be any of 2**56 values or more. Two texts have the same hash with a probability of 2**-64:
among 10,000,000 rows a side, one comparison in 100,000 would take two for equal.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable

import numpy as np

from roforlmao.compare.bulk.arrays import Hashes, Places

_WORDS = 16  # that are taken at a time
PADDING = bytes(8 * _WORDS)  # readable behind every buffer
_FEW = 2  # words: up to so many are copied out of the buffer one after the other
_ONE = np.uint64(1)
_LONG = 2_048  # bytes; from there on one by one, else a single long cell would cost a step for all
# which bytes of each word belong to a piece of so many bytes
_MASKS = np.array(
    [
        [(1 << 8 * min(max(size - at, 0), 8)) - 1 for size in range(8 * _WORDS + 1)]
        for at in range(0, 8 * _WORDS, 8)
    ],
    np.uint64,
)


class Hasher:
    """One for both files of a comparison."""

    def __init__(self) -> None:
        self._secret = os.urandom(16)
        self._seed, self.missing = np.frombuffer(os.urandom(16), np.uint64)
        self.empty = self._seed  # of an empty cell; ``missing`` is that of one before which its row ends
        self._firsts, self._seconds = np.frombuffer(os.urandom(2 * _LONG), np.uint64).reshape(2, -1) | _ONE
        self._copied: tuple[bytes, Places, Hashes] | None = None

    def spans(self, data: bytes, starts: Places, ends: Places) -> Hashes:
        """Of ``data[start:end]`` for each; ``data`` ends with ``PADDING`` and holds no other NUL."""
        sizes = ends - starts
        found = self.start(len(starts))
        if not len(starts):
            return found
        long = np.flatnonzero(sizes > _LONG) if int(sizes.max()) > _LONG else ()
        if len(long):
            sizes[long] = 0
        self._add_words(found, data, starts, sizes)
        for place in long:
            digest = hashlib.blake2b(data[starts[place] : ends[place]], digest_size=8, key=self._secret)
            found[place] = int.from_bytes(digest.digest(), "little")
        return found

    def combined(self, found: Hashes, cells: Hashes) -> None:
        """Folds one more cell of each row into the row's hash, in place."""
        found ^= cells
        self._mix(found, -1, found)  # by numbers that hardly a cell is long enough for

    def start(self, rows: int) -> Hashes:
        """The hashes of so many rows of which no cell was folded in yet."""
        return np.full(rows, self._seed, np.uint64)

    def _add_words(self, found: Hashes, data: bytes, at: Places, left: Places, turn: int = 0) -> None:
        """Adds ``left`` bytes from ``at`` for each; the words before them were ``turn``."""
        size = min((int(left.max()) + 7) >> 3, _WORDS)
        whole = int(left.min()) >> 3
        inside = np.minimum(left, 8 * _WORDS)
        mixed = np.empty_like(found)
        for place, words in enumerate(self._words(data, at, size)):
            if place < whole:
                self._mix(words, turn + place, mixed)
            else:  # zeros behind the end of a piece, which add nothing
                _MASKS[place].take(inside, out=mixed, mode="clip")
                mixed &= words
                self._mix(mixed, turn + place, mixed)
            found += mixed
        longer = np.flatnonzero(left > 8 * size)
        if len(longer):
            part = found[longer]
            self._add_words(part, data, at[longer] + 8 * size, left[longer] - 8 * size, turn + size)
            found[longer] = part

    def _mix(self, words: Hashes, place: int, mixed: Hashes) -> None:
        np.multiply(words, self._firsts[place], out=mixed)
        mixed.byteswap(inplace=True)
        mixed *= self._seconds[place]

    def _words(self, data: bytes, at: Places, size: int) -> Iterable[Hashes]:
        """The first eight bytes from each place, the second ones, and so on."""
        if self._copied and self._copied[0] is data and self._copied[1] is at:
            known = self._copied[2].T
            if len(known) >= size:  # first cells begin where their records do
                return known[:size]
        if size <= _FEW:
            words: Hashes = np.ndarray(len(data) - 7, "<u8", data, strides=(1,))
            return [words[at + 8 * place] for place in range(size)]
        # of more words, copying whole pieces is many times as fast
        pieces: Hashes = np.ndarray((len(data) - 8 * size + 1, size), "<u8", data, strides=(1, 8))[at]
        self._copied = (data, at, pieces)
        return pieces.T
