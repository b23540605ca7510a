"""Control metrics: the numbers in each ``control-<sortable>.csv`` of a data directory."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from roforlmao.anomaly.readings import MOST_METRICS, Reading, date_of, named, number, too_many
from roforlmao.text import one_line

PATTERN = "control-*.csv"
_ENOUGH = 65_536  # characters: a control file of 2 GB is not read to its end


def control_files(directory: Path, pattern: str = PATTERN) -> list[Path]:
    """The control files in lexical order, which is their order in time."""
    return sorted(path for path in directory.glob(pattern) if path.is_file())


def dated_files(directory: Path, pattern: str = PATTERN) -> list[Path]:
    """As ``control_files``; by their dates where every name has one, so that 2019-10-1 follows 2019-9-30."""
    files = control_files(directory, pattern)
    days = {path: date_of(path.name) for path in files}
    if None in days.values():
        return files
    return sorted(files, key=lambda path: (str(days[path]), path.name))


def control_value(path: Path) -> float:
    """The first cell of the first row. Errors: ValueError, with what is wrong as its text."""
    rows = _first_rows(path)
    try:
        return number(rows[0][0] if rows and rows[0] else "")
    except ValueError as error:
        raise ValueError(f"{_named(path)} {error}") from None


def control_reading(path: Path, most: int = MOST_METRICS) -> Reading:
    """The metrics of one control file: one number, or a row of names above a row of numbers.

    Whatever the file holds is a reading; what is wrong with it is in ``fault``. At most so many
    metrics are read.
    """
    day = date_of(path.name)
    try:
        rows = _first_rows(path)
    except ValueError as error:
        return Reading(path.name, day, fault=str(error))
    try:
        return Reading(path.name, day, {"": number(rows[0][0] if rows and rows[0] else "")})
    except ValueError as error:
        values = named(rows[0], rows[1], most) if len(rows) > 1 else {}
        if any(value is not None for value in values.values()):
            return Reading(path.name, day, values, note=too_many(len(rows[0]), most))
        return Reading(path.name, day, fault=f"{_named(path)} {error}")


def _first_rows(path: Path) -> list[list[str]]:
    """The first two rows. Errors: ValueError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            head = handle.read(_ENOUGH)
        rows = csv.reader(io.StringIO(head, newline=""))
        return [row for row, _ in zip(rows, range(2), strict=False)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{_named(path)} cannot be read as text") from error


def _named(path: Path) -> str:
    return one_line(path.name, 100)
