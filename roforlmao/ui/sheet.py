"""What a viewer shows: rows under named columns, the records as cards, and where the operator is in them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar, overload

from roforlmao.ui.painted import Cell

T = TypeVar("T")

Lines = Sequence[Cell] | Callable[[], Sequence[Cell]]
"""What stands above a table; made anew for each drawing where it depends on the screen's size."""


class Rows(Sequence[T], Generic[T]):
    """``length`` rows, each made when it is asked for."""

    def __init__(self, length: int, make: Callable[[int], T]) -> None:
        self._length = length
        self._make = make

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> list[T]: ...
    def __getitem__(self, place: int | slice) -> T | list[T]:
        if isinstance(place, slice):
            return [self._make(index) for index in range(*place.indices(self._length))]
        if not -self._length <= place < self._length:
            raise IndexError(place)
        return self._make(place % self._length)

    def __iter__(self) -> Iterator[T]:
        return map(self._make, range(self._length))


class Field(NamedTuple):
    """A line of a card: several values stand side by side; ``note`` stands below them."""

    name: str
    values: tuple[Cell, ...]
    note: str = ""


@dataclass(frozen=True)
class Sheet:
    """``rows`` may be of any length: only those that can be seen are asked for, and those searched.

    Nothing needs to be cleaned. The first column stays where it is when the others are scrolled.
    ``right`` holds the positions of columns that are aligned to the right, ``lines`` what stands above
    the table, ``card`` makes a record's fields (default: its cells), whose values stand under ``heads``
    where there are several. ``empty`` is said where there are no rows.
    """

    title: Cell
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    right: Collection[int] = ()
    lines: Lines = ()
    card: Callable[[int], Sequence[Field]] | None = None
    heads: tuple[str, ...] = ()
    empty: str = "Nothing there."

    def above(self) -> Sequence[Cell]:
        """The lines, for the screen as it is now."""
        return self.lines() if callable(self.lines) else self.lines

    def fields(self, row: int) -> Sequence[Field]:
        """The record as a card."""
        if self.card is not None:
            return self.card(row)
        cells = self.rows[row]
        extra = [f"column {place + 1}" for place in range(len(self.columns), len(cells))]
        return [
            Field(name, (cell,))
            for name, cell in zip([*self.columns, *extra], [*cells, *[""] * len(self.columns)], strict=False)
        ]


@dataclass
class Place:
    """Where the operator is; a viewer keeps it up to date, so that it may be opened there again.

    ``column`` counts the shown columns (without the first) that are scrolled away to the left.
    """

    row: int = 0
    top: int = 0
    column: int = 0
    query: str = ""
    hidden: set[int] = field(default_factory=set)


class Pressed(NamedTuple):
    """A key that the caller asked for, and the row it was pressed on; -1 where there are none."""

    key: str
    row: int
