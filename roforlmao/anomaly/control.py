"""Control metrics: the number in each ``control-<sortable>.csv`` of a data directory."""

from __future__ import annotations

import csv
import math
from pathlib import Path

_ENOUGH = 65_536  # the first cell is the number; a control file of 2 GB is not read to its end


def control_files(directory: Path) -> list[Path]:
    """The control files in lexical order, which is their order in time."""
    return sorted(path for path in directory.glob("control-*.csv") if path.is_file())


def control_value(path: Path) -> float:
    """The first cell of the first row. Errors: ValueError, with what is wrong as its text."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            head = handle.read(_ENOUGH)
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} cannot be read as text") from error
    row = next(csv.reader(head.splitlines()[:1]), [])
    if not row or not row[0].strip():
        raise ValueError(f"{path.name} is empty")
    try:
        value = float(row[0])
    except ValueError:
        raise ValueError(f"{path.name} does not begin with a number") from None
    if not math.isfinite(value):
        raise ValueError(f"{path.name} holds no finite number")
    return value
