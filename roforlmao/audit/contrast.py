"""One operator's snapshot held against the reference: how much differs, and what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from roforlmao.audit.grid import Pairs, pair
from roforlmao.audit.hashing import BEYOND
from roforlmao.audit.loading import Loaded
from roforlmao.compare.table import Table
from roforlmao.progress import Progress, Quiet

Cell = str | None


@dataclass(frozen=True)
class Difference:
    """A cell that differs, or with an empty ``column`` a row that only one side has; None is not there."""

    operators: tuple[str, ...]
    kind: Literal["differing", "missing", "extra"]
    file: str
    key: tuple[Cell, ...]
    column: str
    reference: Cell
    value: Cell


@dataclass(frozen=True)
class Contrast:
    """``pairs`` by stream; ``columns`` counts differing cells, ``shape`` says which columns are otherwise."""

    reference: str
    operator: str
    pairs: Mapping[str, Pairs]
    columns: Mapping[str, int]
    shape: tuple[str, ...]

    @property
    def missing(self) -> int:
        return sum(len(pairs.missing) for pairs in self.pairs.values())

    @property
    def extra(self) -> int:
        return sum(len(pairs.extra) for pairs in self.pairs.values())

    @property
    def differing(self) -> int:
        return sum(self.columns.values())


def contrast(streams: Sequence[Loaded], reference: str, operator: str, progress: Progress) -> Contrast:
    """Errors: Cancelled."""
    pairs: dict[str, Pairs] = {}
    columns: Counter[str] = Counter()
    shape: list[str] = []
    for loaded in streams:
        progress.checkpoint()
        old, new = loaded.grid(reference), loaded.grid(operator)
        found = pairs[loaded.name] = pair(old, new, loaded.key)
        unlike = (old.cells[found.old] != new.cells[found.new]).sum(axis=0)
        columns.update({_label(loaded, place): int(times) for place, times in enumerate(unlike) if times})
        if new.rows and old.rows:
            shape += _shape(old.shape, new.shape)
        elif operator not in loaded.paths:
            shape.append(f"has no {loaded.name}")
    return Contrast(reference, operator, pairs, dict(columns.most_common()), tuple(shape))


class Reader:
    """Reads back from the files what differs from the reference: the audit has kept hashes only."""

    def __init__(self, streams: Sequence[Loaded], reference: str, progress: Progress) -> None:
        self._streams = streams
        self._progress = progress
        self._sides = {loaded.name: _Side(loaded, reference, progress) for loaded in streams}

    def differences(self, found: Contrast, operators: tuple[str, ...], limit: int) -> list[Difference]:
        """The first ones, cells before rows. Errors: BadInput, Cancelled."""
        listed: list[Difference] = []
        for loaded in self._streams:
            pairs = found.pairs[loaded.name]
            if any(map(len, pairs)) and len(listed) < limit:
                sides = (self._sides[loaded.name], _Side(loaded, found.operator, self._progress))
                each = _each(loaded, sides, pairs, operators)
                listed += islice(each, limit - len(listed))
        return listed


def _each(
    loaded: Loaded, sides: tuple[_Side, _Side], pairs: Pairs, operators: tuple[str, ...]
) -> Iterator[Difference]:
    old, new = sides
    for i, j in zip(pairs.old.tolist(), pairs.new.tolist(), strict=True):
        for place in (old.grid.cells[i] != new.grid.cells[j]).nonzero()[0].tolist():
            cells = (old.cell(i, place), new.cell(j, place))
            yield Difference(operators, "differing", loaded.name, new.key(j), _label(loaded, place), *cells)
    for i in pairs.missing.tolist():
        yield Difference(operators, "missing", loaded.name, old.key(i), "", old.row(i), None)
    for j in pairs.extra.tolist():
        yield Difference(operators, "extra", loaded.name, new.key(j), "", None, new.row(j))


class _Side:
    """One operator's file as a table, by the audit's columns."""

    def __init__(self, loaded: Loaded, operator: str, progress: Progress) -> None:
        path = loaded.paths.get(operator)
        self.grid = loaded.grid(operator)
        self._key = loaded.key
        self._table: Table | None = None
        if path:
            careful = not self.grid.by_line
            self._table = loaded.stream.table(path, Quiet(progress), careful=careful)
        places = loaded.stream.places(self._table, progress) if self._table else []
        self._column = {place + 1: column for column, place in enumerate(places)}

    def cell(self, row: int, place: int) -> Cell:
        """By the grid's place; 0 is what a ragged row has beyond its last column."""
        cells = self._table.rows[row] if self._table else ()
        if place == 0:
            return self._joined(cells[len(self._column) :]) if len(cells) > len(self._column) else None
        column = self._column.get(place)
        return cells[column] if column is not None and column < len(cells) else None

    def key(self, row: int) -> tuple[Cell, ...]:
        return tuple(self.cell(row, place) for place in self._key)

    def row(self, row: int) -> str:
        return self._joined(self._table.rows[row] if self._table else ())

    @staticmethod
    def _joined(cells: Sequence[str]) -> str:
        return " | ".join(cells)


def _label(loaded: Loaded, place: int) -> str:
    return loaded.stream.columns[place - 1] if place else BEYOND


def _shape(old: tuple[str, ...], new: tuple[str, ...]) -> list[str]:
    """Columns that one side has alone, or calls otherwise; the places before the names do not matter."""
    lacking = [name.partition(" ")[2] or name for name in old if name not in new]
    more = [name.partition(" ")[2] or name for name in new if name not in old]
    said = [f"has no column {', '.join(lacking)}"] if lacking else []
    return said + ([f"has also the column {', '.join(more)}"] if more else [])
