"""One of the two files: its survey, and the hashes of its columns as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from roforlmao.compare.bulk.arrays import AnyPlaces, Hashes, Places
from roforlmao.compare.bulk.cut import Cut, cut
from roforlmao.compare.bulk.hashing import Hasher
from roforlmao.compare.bulk.rows import FileRows
from roforlmao.compare.bulk.survey import Survey, together
from roforlmao.compare.table import numbered, unique_labels
from roforlmao.progress import Progress

_HELD = 400_000_000  # bytes of columns that are kept
_NONE: Hashes = np.empty(0, np.uint64)
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

    def sample(self, places: Sequence[int]) -> Hashes:
        """As ``combined``, of the first rows only."""
        return together([self._combined(block, places) for block in self.survey.sample])[self.head :]

    def take_whole(self) -> Hashes:
        """The hash of each row as a whole; once, then they are gone."""
        whole, self.survey.hashes = self.survey.hashes[self.head :], _NONE
        return whole

    def forget(self) -> None:
        """The hashes of columns."""
        self._columns.clear()

    def projected(self, places: Sequence[int]) -> Hashes:
        """The hashes of each row's record: those columns, then what stands beyond the last one."""
        found = []
        for block in self._blocks():
            hashes = self.hasher.start(len(block))
            for place in places:
                self.hasher.combined(hashes, block.column(place, self.hasher))
            for place in range(self.width, int(block.widths.max(initial=0))):
                longer = np.flatnonzero(block.widths > place)
                part = hashes[longer]
                self.hasher.combined(part, block.column(place, self.hasher)[longer])
                hashes[longer] = part
            found.append(hashes)
        return together(found)[self.head :]

    def cells(self, rows: AnyPlaces) -> Iterator[tuple[slice, Cut, Places | slice]]:
        """Of increasing rows: which of them, the records that hold them, and which of those they are."""
        survey = self.survey
        for part in survey.parts(rows + self.head):
            self.progress.checkpoint()
            raw = survey.source.read(part.start, part.end - part.start)
            if len(part.inner) * _FEW > len(part.begins):
                yield part.which, cut(raw, survey.form, 0, final=True), part.inner
                continue
            ends = np.append(part.begins[1:], part.end - part.start)
            extents = zip(part.begins[part.inner].tolist(), ends[part.inner].tolist(), strict=True)
            some = b"".join([raw[begin:end] for begin, end in extents])
            yield part.which, cut(some, survey.form, 0, final=True), slice(None)

    def _combined(self, block: Cut, places: Sequence[int]) -> Hashes:
        if len(places) == 1:
            return block.column(places[0], self.hasher)
        found = self.hasher.start(len(block))
        for place in places:
            self.hasher.combined(found, block.column(place, self.hasher))
        return found

    def _blocks(self) -> Iterator[Cut]:
        survey = self.survey
        for block in survey.source.blocks(survey.form, self.progress):
            yield block.cut

    def _collect(self, places: Sequence[int]) -> dict[int, Hashes]:
        found: dict[int, list[Hashes]] = {place: [] for place in places}
        for block in self._blocks():
            for place, parts in found.items():
                parts.append(block.column(place, self.hasher))
        return {place: together(parts)[self.head :] for place, parts in found.items()}
