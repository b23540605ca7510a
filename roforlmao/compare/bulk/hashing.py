"""64-bit hashes of pieces of a buffer, thousands at a time.

Each step takes eight bytes: xor, multiply by an odd number, reverse the bytes, multiply again. Seed and
multipliers are drawn anew for every comparison, so that nobody can prepare files whose rows collide.
One multiplication would not do: a difference in the highest bits passes it as it is, and the next eight
bytes could undo it. Behind the second one it can be any of 2**56 or more. For other texts the
probability of the same hash is about 2**-64: among 10,000,000 rows a side, one comparison in 100,000
would take two for equal.
"""

from __future__ import annotations

import hashlib
import os

import numpy as np

from roforlmao.compare.bulk.arrays import Hashes, Places

_WORDS = 16  # that are taken at a time
PADDING = bytes(8 * _WORDS)  # readable behind every buffer
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
        self._seed, self.missing, self._first, self._second = (
            np.uint64(int.from_bytes(os.urandom(8)) | odd) for odd in (0, 0, 1, 1)
        )
        self.empty = self._seed  # of an empty cell; ``missing`` is that of one before which its row ends

    def spans(self, data: bytes, starts: Places, ends: Places) -> Hashes:
        """Of ``data[start:end]`` for each; ``data`` ends with ``PADDING`` and holds no other NUL."""
        sizes = ends - starts
        found = np.full(len(starts), self._seed, np.uint64)
        if not len(starts):
            return found
        long = np.flatnonzero(sizes > _LONG) if int(sizes.max()) > _LONG else ()
        if len(long):
            sizes[long] = 0
        self._fold_words(found, data, starts, sizes)
        for place in long:
            digest = hashlib.blake2b(data[starts[place] : ends[place]], digest_size=8, key=self._secret)
            found[place] = int.from_bytes(digest.digest(), "little")
        return found

    def combined(self, found: Hashes, cells: Hashes) -> None:
        """Folds one more cell of each row into the row's hash, in place."""
        found ^= cells
        found *= self._first
        found.byteswap(inplace=True)
        found *= self._second

    def start(self, rows: int) -> Hashes:
        """The hashes of so many rows of which no cell was folded in yet."""
        return np.full(rows, self._seed, np.uint64)

    def _fold_words(self, found: Hashes, data: bytes, at: Places, left: Places) -> None:
        """Folds in ``left`` bytes from ``at`` for each."""
        size = min((int(left.max()) + 7) >> 3, _WORDS)
        whole = min(int(left.min()) >> 3, size)
        # copying whole pieces out of the buffer is many times as fast as word after word
        words: Hashes = np.ndarray((len(data) - 8 * size + 1, size), "<u8", data, strides=(1, 8))[at]
        for place in range(whole):
            self.combined(found, words[:, place])
        inside = np.minimum(left, 8 * _WORDS)
        for place in range(whole, size):
            folded = found.copy()
            self.combined(folded, words[:, place] & _MASKS[place][inside])
            np.copyto(found, folded, where=inside > 8 * place)
        longer = np.flatnonzero(left > 8 * size)
        if len(longer):
            part = found[longer]
            self._fold_words(part, data, at[longer] + 8 * size, left[longer] - 8 * size)
            found[longer] = part
