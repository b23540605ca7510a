"""One pass over a file: where its records are, what they hash to, and how it is written."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from roforlmao.compare.bulk.arrays import AnyPlaces, Growing, Hashes, Places
from roforlmao.compare.bulk.cut import Cut, Form
from roforlmao.compare.bulk.hashing import Hasher
from roforlmao.compare.bulk.source import Block, Source
from roforlmao.compare.decode import line_ending
from roforlmao.compare.records import stray_warning
from roforlmao.compare.table import ragged_warning, usual_width
from roforlmao.progress import Progress

SAMPLED = 4  # blocks that refute most keys before all are looked at
_MORE = 1.02  # than the first block makes expect
_STRAY = 6  # lines that a warning names, and one more


class Part(NamedTuple):
    """A block of the file: which of the records that were asked for it holds, which of its own those are.

    ``begins`` are the places of its own records, from ``start``.
    """

    start: int
    end: int
    which: slice
    inner: AnyPlaces
    begins: Places


class Survey:
    """Of all records, the first one included, whether it is a header or not."""

    def __init__(self, source: Source, form: Form) -> None:
        self.source, self.form = source, form
        self.count = 0
        self.quoted = False
        self.stray: list[int] = []
        self.hashes: Hashes = np.empty(0, np.uint64)
        self.columns: dict[int, Hashes] = {}
        self.sample: list[Cut] = []  # the first blocks
        self._starts: list[int] = []  # of the blocks, in the file
        self._ends: list[int] = []
        self._firsts: list[int] = []  # records before each block
        self._begins: npt.NDArray[np.uint32] = np.empty(0, np.uint32)  # of the records, in their block
        self._widths: list[npt.NDArray[np.int32] | int] = []  # of the records of a block; a number: of all
        self._lines: dict[int, int] = {}  # of the first record of each width, the very first one aside
        self._breaks: Counter[str] = Counter()

    def take(self, block: Block) -> None:
        """Adds what is known of the next block."""
        found = block.cut
        self._count_breaks(block)
        if not len(found):
            return
        self._starts.append(block.at)
        self._ends.append(block.end)
        self._firsts.append(self.count)
        if len(self.sample) < SAMPLED:
            self.sample.append(found)
        self.quoted = self.quoted or b'"' in block.raw
        self.stray = [*self.stray, *found.stray][:_STRAY]
        self._take_widths(block)
        self.count += len(found)

    def finish(self, begins: npt.NDArray[np.uint32], hashes: Hashes, columns: dict[int, Hashes]) -> None:
        """What was found of all blocks."""
        self._begins, self.hashes, self.columns = begins, hashes, columns
        self._firsts.append(self.count)

    def extent(self, record: int) -> tuple[int, int]:
        """Its place in the file, from and up to; empty lines may stand at its end."""
        number = bisect_right(self._firsts, record) - 1
        start = self._starts[number]
        more = record + 1 < self._firsts[number + 1]
        end = start + int(self._begins[record + 1]) if more else self._ends[number]
        return start + int(self._begins[record]), end

    def parts(self, records: AnyPlaces) -> Iterator[Part]:
        """Of increasing records, those of each block that holds any."""
        bounds = np.searchsorted(records, self._firsts)
        for number, start in enumerate(self._starts):
            low, high = int(bounds[number]), int(bounds[number + 1])
            if low < high:
                first, behind = self._firsts[number : number + 2]
                begins = self._begins[first:behind].astype(np.int64)
                inner = records[low:high] - first
                yield Part(start, self._ends[number], slice(low, high), inner, begins)

    @property
    def line_ending(self) -> str:
        return line_ending(*(self._breaks[mark] for mark in ("\r\n", "\r", "\n")))

    def widths(self, head: int) -> Counter[int]:
        """Cells of a record: how many have so many, without the header's."""
        found: Counter[int] = Counter()
        for (first, behind), widths in zip(pairwise(self._firsts), self._widths, strict=True):
            if isinstance(widths, int):
                found[widths] += behind - first
            else:
                values, times = np.unique(widths, return_counts=True)
                found.update(dict(zip(values.tolist(), times.tolist(), strict=True)))
        if head and self.count:
            found[self._width(0)] -= 1
        return +found

    def usual(self, head: int) -> int:
        """The most frequent number of cells of a row."""
        return usual_width(self.widths(head))

    def irregular(self, width: int) -> Places:
        """The records of another width."""
        found = [np.empty(0, np.int64)]
        for (first, behind), widths in zip(pairwise(self._firsts), self._widths, strict=True):
            if not isinstance(widths, int):
                found.append(first + np.flatnonzero(widths != width))
            elif widths != width:
                found.append(np.arange(first, behind))
        return np.concatenate(found)

    def warnings(self, width: int, head: int) -> list[str]:
        """Of stray quotes, and of records of another width."""
        name = self.source.name
        found = [stray_warning(name, self.stray)] if self.stray else []
        ragged = sum(times for size, times in self.widths(head).items() if size != width)
        if not ragged:
            return found
        first = (
            min(line for size, line in self._lines.items() if size != width) if head else self._line(width)
        )
        return [*found, ragged_warning(name, ragged, width, first)]

    def _line(self, width: int) -> int:
        """Of the first record of another width, the very first one included."""
        if self._width(0) != width:
            return self._first_line
        return min(line for size, line in self._lines.items() if size != width)

    def _width(self, record: int) -> int:
        number = bisect_right(self._firsts, record) - 1
        widths = self._widths[number]
        return widths if isinstance(widths, int) else int(widths[record - self._firsts[number]])

    def _take_widths(self, block: Block) -> None:
        found = block.cut
        if not self.count:
            self._first_line = block.line + found.line(0)
        rest = 1 if not self.count else 0
        if found.width:
            self._widths.append(found.width)
            if len(found) > rest and found.width not in self._lines:
                self._lines[found.width] = block.line + found.line(rest)
            return
        self._widths.append(found.widths.astype(np.int32))
        values, places = np.unique(found.widths[rest:], return_index=True)
        for width, place in zip(values.tolist(), places.tolist(), strict=True):
            if width not in self._lines:
                self._lines[width] = block.line + found.line(place + rest)

    def _count_breaks(self, block: Block) -> None:
        if block.cut.text is block.raw:  # nothing had to be unified
            self._breaks["\n"] += block.cut.breaks
            return
        used = block.raw[: block.end - block.at]
        for mark in ("\r\n", "\r", "\n"):
            self._breaks[mark] += used.count(mark.encode())


def survey(source: Source, form: Form, hasher: Hasher, columns: Sequence[int], progress: Progress) -> Survey:
    """The hashes of all records and of the cells of those columns. Errors: BadInput, Unsuited."""
    found = Survey(source, form)
    begins, hashes = Growing(np.uint32), Growing(np.uint64)
    cells = {place: Growing(np.uint64) for place in columns}
    for block in source.blocks(form, progress):
        if not found.count:
            expected = _MORE * (source.size - block.at) * len(block.cut) // (block.end - block.at) + 1
            begins.expect(int(expected))
            for growing in (hashes, *cells.values()):
                growing.expect(int(expected))
        found.take(block)
        begins.add(block.begins.astype(np.uint32))
        hashes.add(block.cut.hashes(hasher))
        for place, growing in cells.items():
            growing.add(block.cut.column(place, hasher))
    found.finish(begins.taken(), hashes.taken(), {place: one.taken() for place, one in cells.items()})
    return found
