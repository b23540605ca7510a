"""A metric's whole past in one CSV file: one row a run, with or without names and dates."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from roforlmao.anomaly.readings import Reading, date_of, named, number_or_none, too_many
from roforlmao.errors import BadInput
from roforlmao.text import one_line

_LARGEST = 64 * 2**20  # bytes: a thousand columns over ten years; more is no series of a metric
_LONGEST_LINE = 65_536


def read_series(path: Path) -> list[Reading]:
    """The rows as readings, in their order. Errors: BadInput where the file is no such series."""
    rows = list(series_rows(path, _LARGEST, _LONGEST_LINE))
    if not rows:
        raise BadInput(f"{one_line(path.name, 100)} is empty.", "It should hold one row a run.")
    return _readings(rows)


def series_rows(path: Path, largest: int, longest: int) -> Iterator[list[str]]:
    """The rows that hold something. Errors: BadInput, also for over ``largest`` bytes.

    ``longest`` is the number of characters that a line may have.
    """
    shown = one_line(path.name, 100)
    try:
        size = path.stat().st_size
        if size > largest:
            limit = f"A series has at most {largest // 2**20} MB."
            raise BadInput(f"{shown} is {size:,} bytes long.", limit)
        with path.open(encoding="utf-8-sig", newline="") as handle:
            yield from filter(None, csv.reader(_lines(handle, longest)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{shown} cannot be read as CSV: {one_line(str(error), 100)}.") from error


def _lines(handle: TextIO, longest: int) -> Iterator[str]:
    while line := handle.readline(longest + 1):
        if len(line) > longest:
            raise csv.Error(f"a line is over {longest:,} characters long")
        yield line


def _readings(rows: list[list[str]]) -> list[Reading]:
    first = rows[0]
    dated = next((place for place, cell in enumerate(rows[-1]) if date_of(cell) is not None), None)
    if any(number_or_none(cell) is not None for cell in first):
        one = len(first) - (dated is not None) == 1
        names = ["" if one else f"column {place + 1}" for place in range(len(first))]
    else:
        names, rows = first, rows[1:]
    readings = []
    for count, row in enumerate(rows, 1):
        cell = row[dated] if dated is not None and dated < len(row) else ""
        kept = [place for place in range(len(names)) if place != dated]
        values = _values([names[place] for place in kept], [row[p] if p < len(row) else "" for p in kept])
        readings.append(
            Reading(one_line(cell, 40) or f"row {count}", date_of(cell), values, note=too_many(len(kept)))
        )
    return readings


def _values(names: list[str], cells: list[str]) -> dict[str, float | None]:
    if names == [""]:
        return {"": number_or_none(cells[0])}
    return named(names, cells)
