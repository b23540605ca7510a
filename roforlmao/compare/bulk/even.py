"""Blocks without quotes whose records have as many cells each, as those of most files.

Their cells are not looked for: only lines are, and how many delimiters stand in each. A delimiter is a
bit; so that those of a line can be counted, and its first one found, 64 bytes at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from roforlmao.compare.bulk.arrays import Hashes, Places
from roforlmao.compare.bulk.cut import Cut, after
from roforlmao.compare.bulk.hashing import PADDING, Hasher

_NEWLINE = 10
_ONE = np.uint64(1)
_Bits = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Even(Cut):
    """``lines`` are the ends of the records; ``bits`` those of the delimiters, from the lowest on."""

    lines: Places
    bits: _Bits
    delimiter: str

    @property
    def widths(self) -> Places:
        return np.full(len(self), self.width)

    @property
    def stray(self) -> tuple[int, ...]:
        return ()

    def hashes(self, hasher: Hasher) -> Hashes:
        return hasher.spans(self.data, self.begins, self.lines)

    def column(self, place: int, hasher: Hasher) -> Hashes:
        if place >= self.width:
            return np.full(len(self), hasher.missing, np.uint64)
        starts = self._delimiters(place - 1) + 1 if place else self.begins
        ends = self._delimiters(place) if place < self.width - 1 else self.lines
        return hasher.spans(self.data, starts, ends)

    def _delimiters(self, place: int) -> Places:
        """Of each record, the one at that place."""
        found: Places = self._every[place] if place else self._first
        return found

    @cached_property
    def _first(self) -> Places:
        bits = _bits_from(self.begins, self.bits)
        found: Places = self.begins + np.bitwise_count((bits & -bits) - _ONE)
        return found if bits.all() else self._every[0]  # further away in some record

    @cached_property
    def _every(self) -> npt.NDArray[np.int64]:
        """By place and record."""
        found = np.flatnonzero(np.frombuffer(self.text, np.uint8) == ord(self.delimiter))
        every: Places = np.ascontiguousarray(found.reshape(len(self), self.width - 1).T)
        return every


def cut_even(text: bytes, delimiter: str) -> Even | None:
    """None where records differ in their number of cells, or lines are empty. ``text`` holds no quotes."""
    content = np.frombuffer(text, np.uint8)
    lines = np.flatnonzero(content == _NEWLINE)
    if not len(lines):
        return None
    begins = after(lines)
    bits = _packed(content == ord(delimiter))
    counts = _counts(bits, lines)
    each = int(counts[0])
    same = counts == each * np.arange(1, len(lines) + 1)
    if not bool(same.all()) or not (each or bool((lines > begins).all())):
        return None
    return Even(text, text + PADDING, each + 1, begins, len(text), len(lines), lines, bits, delimiter)


def _packed(flags: npt.NDArray[np.bool_]) -> _Bits:
    """With a word of zeros behind them."""
    bits = np.zeros((len(flags) >> 6) + 2, np.uint64)
    packed = np.packbits(flags, bitorder="little")
    bits.view(np.uint8)[: len(packed)] = packed
    return bits


def _counts(bits: _Bits, places: Places) -> Places:
    """How many bits stand before each place."""
    words = places >> 6
    counts: Places = np.cumsum(np.bitwise_count(bits), dtype=np.int64)[words]
    counts -= np.bitwise_count(bits[words] >> (places & 63).view(np.uint64))
    return counts


def _bits_from(places: Places, bits: _Bits) -> _Bits:
    """The 57 or more bits from each place on."""
    at_bytes = np.ndarray(8 * len(bits) - 7, "<u8", bits.data, strides=(1,))
    found: _Bits = at_bytes[places >> 3]
    found >>= (places & 7).view(np.uint64)
    return found
