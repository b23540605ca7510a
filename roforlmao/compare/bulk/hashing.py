"""64-bit hashes of pieces of a buffer, thousands at a time.

Each step takes eight bytes: xor, multiply by an odd number, fold the upper half onto the lower one
(as in MurmurHash3 and FxHash). Seed and multiplier are drawn anew for every comparison, so that
nobody can prepare files whose rows collide. Two different texts get the same hash with a probability
of about 2**-64: among 10,000,000 rows a side, one comparison in 100,000 would take two for equal.
"""

from __future__ import annotations

import hashlib
import secrets

import numpy as np

from roforlmao.compare.bulk.arrays import Hashes, Places

PADDING = b"\0" * 8  # readable behind every buffer, as eight bytes are taken at a time
_LONG = 2_048  # bytes; from there on one by one, else a single long cell would cost a step for all
_FOLD = np.uint64(32)
_MASKS = np.array([(1 << 8 * size) - 1 for size in range(9)], np.uint64)  # the first bytes of a word


class Hasher:
    """One for both files of a comparison."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(16)
        self._seed = np.uint64(secrets.randbits(64))
        self._multiplier = np.uint64(secrets.randbits(64) | 1)
        self.empty = self._seed  # of an empty cell
        self.missing = np.uint64(secrets.randbits(64))  # of a cell before which its row ends

    def spans(self, data: bytes, starts: Places, ends: Places) -> Hashes:
        """Of ``data[start:end]`` for each; ``data`` ends with ``PADDING`` and holds no other NUL."""
        sizes = ends - starts
        found = np.full(len(starts), self._seed, np.uint64)
        if not len(starts):
            return found
        long = np.flatnonzero(sizes > _LONG) if int(sizes.max()) > _LONG else ()
        if len(long):
            sizes[long] = 0
        self._fold_words(found, data, starts.copy(), sizes)
        for place in long:
            digest = hashlib.blake2b(data[starts[place] : ends[place]], digest_size=8, key=self._secret)
            found[place] = int.from_bytes(digest.digest(), "little")
        return found

    def combined(self, found: Hashes, cells: Hashes) -> None:
        """Folds one more cell of each row into the row's hash, in place."""
        found ^= cells
        found *= self._multiplier
        found ^= found >> _FOLD

    def start(self, rows: int) -> Hashes:
        """The hashes of so many rows of which no cell was folded in yet."""
        return np.full(rows, self._seed, np.uint64)

    def _fold_words(self, found: Hashes, data: bytes, at: Places, left: Places) -> None:
        words: Hashes = np.ndarray((len(data) - 7,), "<u8", data, strides=(1,))
        for _ in range(int(left.min()) >> 3):
            self.combined(found, words[at])
            at += 8
            left -= 8
        rows = np.flatnonzero(left > 0)
        self._fold_rest(found, words, rows, at[rows], left[rows])

    def _fold_rest(self, found: Hashes, words: Hashes, rows: Places, at: Places, left: Places) -> None:
        """The last words, of which only some of the pieces have one."""
        while len(rows):
            part = found[rows]
            self.combined(part, words[at] & _MASKS[np.minimum(left, 8)])
            found[rows] = part
            more = np.flatnonzero(left > 8)
            rows, at, left = rows[more], at[more] + 8, left[more] - 8
