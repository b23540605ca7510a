"""Cells as numbers, exactly: decimal, not binary, so that 1.1 is 0.1 from 1.0."""

from __future__ import annotations

import re
from decimal import Context, Decimal

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_LONGEST = 64  # characters of a number
EXACT = Context(prec=200)  # digits of a difference; enough for any two cells of ordinary size


def near(one: str | None, other: str | None, tolerance: Decimal) -> bool:
    """Whether both are numbers, and no further apart than that."""
    first, second = number_of(one), number_of(other)
    if first is None or second is None:
        return False
    return abs(EXACT.subtract(first, second)) <= tolerance


def number_of(cell: str | None) -> Decimal | None:
    """The cell's exact value; None where it is no number."""
    if cell is None or len(cell) > _LONGEST:
        return None
    text = cell.strip()
    return Decimal(text) if _NUMBER.fullmatch(text) else None
