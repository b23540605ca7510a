"""When two cells are the same, and which cells of two rows are not."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

Cell = str | None  # None: the row ends before this column
Record = tuple[Cell, ...]
Same = Callable[[Cell, Cell], bool]


def sameness(tolerance: Decimal | None) -> Same:
    """Equal text; with a tolerance also two numbers that are not further apart than that."""
    if tolerance is None:
        return lambda one, other: one == other
    from roforlmao.compare.numbers import near

    return lambda one, other: one == other or near(one, other, tolerance)


def differing(old: Record, new: Record, same: Same) -> list[int]:
    """The positions at which two records are not the same."""
    pairs = enumerate(zip_longest(old, new))
    return [place for place, (one, other) in pairs if not same(one, other)]
