"""When two cells are the same, and which cells of two rows are not."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Context, Decimal
from itertools import zip_longest

Cell = str | None  # None: the row ends before this column
Record = tuple[Cell, ...]
Same = Callable[[Cell, Cell], bool]

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_LONGEST = 64  # characters of a number
_EXACT = Context(prec=200)


def sameness(tolerance: Decimal | None) -> Same:
    """Equal text; with a tolerance also two numbers that are not further apart than that."""
    if tolerance is None:
        return lambda one, other: one == other
    return lambda one, other: one == other or _near(one, other, tolerance)


def differing(old: Record, new: Record, same: Same) -> list[int]:
    """The positions at which two records are not the same."""
    pairs = enumerate(zip_longest(old, new))
    return [place for place, (one, other) in pairs if not same(one, other)]


def _near(one: Cell, other: Cell, tolerance: Decimal) -> bool:
    first, second = _number(one), _number(other)
    if first is None or second is None:
        return False
    return abs(_EXACT.subtract(first, second)) <= tolerance


def _number(cell: Cell) -> Decimal | None:
    if cell is None or len(cell) > _LONGEST:
        return None
    text = cell.strip()
    return Decimal(text) if _NUMBER.fullmatch(text) else None
