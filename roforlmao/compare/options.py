"""What the operator may decide about a comparison, and the limits that keep it bounded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from decimal import Decimal

HeaderChoice = Literal["auto", "yes", "no"]

MAX_FILE = 300_000_000  # bytes of a file that is held in memory, at some eight times its size
MAX_LINE = 64_000_000  # bytes
MAX_LARGE = 20_000_000_000  # bytes of a file that is read in blocks
LARGE = 8_000_000  # bytes of either file; from there on both are read in blocks
MAX_FIELD = 16_000_000  # characters
SEARCH = 10_000  # pairs of columns, or of rows of one key, that are looked through


@dataclass(frozen=True)
class Limits:
    """Bytes: of a file, of a line, and of the file from which on two are read in blocks."""

    file: int = MAX_LARGE
    line: int = MAX_LINE
    large: int = LARGE


@dataclass(frozen=True)
class Options:
    """``tolerance`` is the absolute difference up to which two numbers are the same.

    ``moved``: rows that only moved are counted in large files too; in small ones they always are.
    """

    key: tuple[str, ...] = ()
    header: HeaderChoice = "auto"
    delimiter: str | None = None
    ignore: tuple[str, ...] = ()
    tolerance: Decimal | None = None
    limits: Limits = Limits()
    moved: bool = False
