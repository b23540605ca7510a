"""Records and cells of a block of a file, as positions in its bytes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from roforlmao.compare.bulk.arrays import Hashes, Places
from roforlmao.compare.bulk.hashing import Hasher


class Form(NamedTuple):
    """How a file is cut: its delimiter, and whether the other file has the same."""

    delimiter: str
    shared: bool
    name: str


@dataclass(frozen=True)
class Cut(ABC):
    """Records without their quotes, as positions in ``data``, which ends with ``PADDING``.

    ``width`` is the number of cells of every record, 0 where they differ. ``begins`` is where the records
    begin in ``text``, which is the block with ``\\n`` for line breaks; ``used`` are its bytes up to the
    first record that goes on behind it, with ``breaks`` line breaks in them.
    """

    text: bytes
    data: bytes
    width: int
    begins: Places
    used: int
    breaks: int

    def __len__(self) -> int:
        return len(self.begins)

    @property
    @abstractmethod
    def widths(self) -> Places:
        """Of each record, its number of cells."""

    @property
    @abstractmethod
    def stray(self) -> tuple[int, ...]:
        """The lines with quotes that stand in a field."""

    @abstractmethod
    def hashes(self, hasher: Hasher) -> Hashes:
        """Of each record as a whole; they say the same as those of its cells where delimiters are shared."""

    @abstractmethod
    def column(self, place: int, hasher: Hasher) -> Hashes:
        """Of the cells at that place; ``hasher.missing`` where the record is shorter."""

    def line(self, record: int) -> int:
        """On which line of the text it begins, from 0."""
        return self.text.count(b"\n", 0, int(self.begins[record]))


@dataclass(frozen=True)
class Cells(Cut):
    """Every cell is known.

    ``ends`` are those of every cell, which begins behind the one before it, or at ``starts`` where that
    is given; ``last`` is the number of each record's last cell.
    """

    ends: Places
    last: Places
    starts: Places | None = None
    stray: tuple[int, ...] = ()

    @cached_property
    def widths(self) -> Places:
        return np.diff(self.last, prepend=-1)

    def hashes(self, hasher: Hasher) -> Hashes:
        ends = self.ends[self.last]
        starts = after(ends) if self.starts is None else self.starts[after(self.last)]
        return hasher.spans(self.data, starts, ends)

    def column(self, place: int, hasher: Hasher) -> Hashes:
        if self.width > place:
            return self._spans(slice(place, None, self.width), hasher)
        found = np.full(len(self), hasher.missing, np.uint64)
        there = np.flatnonzero(self.widths > place)
        found[there] = self._spans(after(self.last)[there] + place, hasher)
        return found

    def _spans(self, cells: Places | slice, hasher: Hasher) -> Hashes:
        return hasher.spans(self.data, self._starts[cells], self.ends[cells])

    @cached_property
    def _starts(self) -> Places:
        return after(self.ends) if self.starts is None else self.starts


def after(ends: Places) -> Places:
    """Where what follows the previous end begins; the first at 0."""
    starts = np.zeros(len(ends), np.int64)
    np.add(ends[:-1], 1, out=starts[1:])
    return starts
