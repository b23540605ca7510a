"""One of the two files: its survey, and the hashes of its columns as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from roforlmao.compare.bulk.arrays import AnyPlaces, Growing, Hashes
from roforlmao.compare.bulk.cut import Cut
from roforlmao.compare.bulk.cutter import cut
from roforlmao.compare.bulk.hashing import Hasher
from roforlmao.compare.bulk.rows import FileRows
from roforlmao.compare.bulk.source import BLOCK
from roforlmao.compare.bulk.survey import Part, Survey
from roforlmao.compare.table import numbered, unique_labels
from roforlmao.progress import Progress

_HELD = 400_000_000  # bytes of columns that are kept
_NONE: Hashes = np.empty(0, np.uint64)
_SINGLY = 100  # records of a block; fewer are read by themselves
_FEW = 3  # one record of so many: the others of its block are not cut


class Side:
    """``head`` of the records, 0 or 1, are no rows; ``width`` is the number of columns."""

    def __init__(self, survey: Survey, header: bool, hasher: Hasher, progress: Progress) -> None:
        self.survey, self.header = survey, header
        self.hasher, self.progress = hasher, progress
        head = self.head = int(header and survey.count > 0)
        self.first_row = FileRows(survey, 0)[0] if survey.count else ()
        self.labels = unique_labels(self.first_row) if head else numbered(survey.usual(0))
        self.width = len(self.labels)
        self._columns = {place: hashes[head:] for place, hashes in survey.columns.items()}
        self._most = max(2, _HELD // (8 * max(1, survey.count)))

    @property
    def count(self) -> int:
        return self.survey.count - self.head

    def column(self, place: int) -> Hashes:
        """The hashes of its cells, one of each row. Errors: BadInput (the file was changed)."""
        if place not in self._columns:
            if len(self._columns) >= self._most:
                self._columns.clear()
            room = self._most - len(self._columns)
            wanted = [one for one in range(place, self.width) if one not in self._columns][:room]
            self._columns |= self._collect(wanted or [place])
        return self._columns[place]

    def combined(self, places: Sequence[int]) -> Hashes:
        """Of several columns together; of one, its own."""
        if len(places) == 1:
            return self.column(places[0])
        found = self.hasher.start(self.count)
        for place in places:
            self.hasher.combined(found, self.column(place))
        return found

    def sample(self, places: Sequence[int], blocks: int) -> Hashes:
        """As ``combined``, of the rows of the first blocks only."""
        found = Growing(np.uint64)
        for block in self.survey.sample[:blocks]:
            found.add(
                block.column(places[0], self.hasher) if len(places) == 1 else self._folded(block, places)
            )
        return found.taken()[self.head :]

    def take_whole(self) -> Hashes:
        """The hash of each row as a whole; once, then they are gone."""
        whole, self.survey.hashes = self.survey.hashes[self.head :], _NONE
        return whole

    def forget(self) -> None:
        """The hashes of columns."""
        self._columns.clear()

    def projected(self, places: Sequence[int]) -> Hashes:
        """The hashes of each row's record: those columns, then what stands beyond the last one."""
        found = Growing(np.uint64)
        for block in self._blocks():
            hashes = self._folded(block, places)
            for place in range(self.width, int(block.widths.max(initial=0))):
                longer = np.flatnonzero(block.widths > place)
                part = hashes[longer]
                self.hasher.combined(part, block.column(place, self.hasher)[longer])
                hashes[longer] = part
            found.add(hashes)
        return found.taken()[self.head :]

    def cells(self, rows: AnyPlaces) -> Iterator[tuple[slice, Cut, AnyPlaces | slice]]:
        """Of increasing rows: which of them, the records that hold them, and which of those they are."""
        survey = self.survey
        pieces: list[bytes] = []
        done = size = 0
        for part in survey.parts(rows + self.head):
            self.progress.checkpoint()
            dense = len(part.inner) * _FEW > len(part.begins)
            if pieces and (dense or size > BLOCK):
                yield slice(done, part.which.start), self._cut(pieces), slice(None)
                pieces, done, size = [], part.which.start, 0
            if dense:
                yield (
                    part.which,
                    self._cut([survey.source.read(part.start, part.end - part.start)]),
                    part.inner,
                )
                done = part.which.stop
                continue
            pieces += self._pieces(part)
            size += sum(map(len, pieces[-len(part.inner) :]))
        if pieces:
            yield slice(done, len(rows)), self._cut(pieces), slice(None)

    def _cut(self, pieces: Sequence[bytes]) -> Cut:
        return cut(b"".join(pieces), self.survey.form, 0, final=True)

    def _pieces(self, part: Part) -> list[bytes]:
        """The records that are wanted of a block."""
        source = self.survey.source
        ends = np.append(part.begins[1:], part.end - part.start)[part.inner].tolist()
        extents = zip(part.begins[part.inner].tolist(), ends, strict=True)
        if len(part.inner) < _SINGLY:
            return [source.read(part.start + begin, end - begin) for begin, end in extents]
        raw = source.read(part.start, part.end - part.start)
        return [raw[begin:end] for begin, end in extents]

    def _folded(self, block: Cut, places: Sequence[int]) -> Hashes:
        found = self.hasher.start(len(block))
        for place in places:
            self.hasher.combined(found, block.column(place, self.hasher))
        return found

    def _blocks(self) -> Iterator[Cut]:
        survey = self.survey
        for block in survey.source.blocks(survey.form, self.progress):
            yield block.cut

    def _collect(self, places: Sequence[int]) -> dict[int, Hashes]:
        found = {place: Growing(np.uint64) for place in places}
        for block in self._blocks():
            for place, growing in found.items():
                growing.add(block.column(place, self.hasher))
        return {place: growing.taken()[self.head :] for place, growing in found.items()}
