"""A comparison as others read it: the JSON of the interface, and what it was made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from roforlmao.compare.cells import Cell
from roforlmao.compare.keys import Source
from roforlmao.compare.records import Row


@dataclass(frozen=True)
class Side:
    """One file: ``rows`` and ``columns`` are numbers, ``names`` the columns' labels."""

    path: str
    rows: int
    columns: int
    header: bool
    delimiter: str
    encoding: str
    line_ending: str
    quoted: bool
    names: tuple[str, ...]


@dataclass(frozen=True)
class Renamed:
    old: str
    new: str


@dataclass(frozen=True)
class ColumnChanges:
    """``changed`` holds the number of changed cells of each column that has any."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    renamed: tuple[Renamed, ...]
    reordered: tuple[str, ...]
    changed: Mapping[str, int]


@dataclass(frozen=True)
class Counts:
    """Rows; ``moved`` ones are among the unchanged, None where there are some that were not counted."""

    added: int
    removed: int
    changed: int
    unchanged: int
    moved: int | None


@dataclass(frozen=True)
class LoneRow:
    """A row that only one file has, with its cells in that file's order."""

    key: tuple[Cell, ...]
    row: Row


@dataclass(frozen=True)
class CellChange:
    """None where the row ends before that column."""

    column: str
    old: Cell
    new: Cell


@dataclass(frozen=True)
class ChangedRow:
    key: tuple[Cell, ...]
    cells: tuple[CellChange, ...]


@dataclass(frozen=True)
class Comparison:
    """``truncated`` says that a list was cut to the limit; the counts are exact all the same."""

    old: Side
    new: Side
    identical: bool
    key: tuple[str, ...]
    key_source: Source
    key_reason: str
    columns: ColumnChanges
    counts: Counts
    added: Sequence[LoneRow]
    removed: Sequence[LoneRow]
    changed: Sequence[ChangedRow]
    truncated: bool
    warnings: tuple[str, ...]
