"""What the operator may decide about a comparison, and the limits that keep it bounded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from decimal import Decimal

HeaderChoice = Literal["auto", "yes", "no"]

MAX_FILE = 300_000_000  # bytes; both files are held in memory, at some eight times their size
MAX_LINE = 64_000_000  # bytes
MAX_FIELD = 16_000_000  # characters
SEARCH = 10_000  # pairs of columns, or of rows of one key, that are looked through


@dataclass(frozen=True)
class Options:
    """``tolerance`` is the absolute difference up to which two numbers are the same."""

    key: tuple[str, ...] = ()
    header: HeaderChoice = "auto"
    delimiter: str | None = None
    ignore: tuple[str, ...] = ()
    tolerance: Decimal | None = None
