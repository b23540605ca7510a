"""Distinct keys of dated tables: the different cells of the one column that tells their rows apart."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path

_TABLES = frozenset({".csv", ".tsv", ".txt"})
_LARGEST = 8 * 2**20  # bytes of one table; some 0.3 s
_DELIMITERS = ",;\t|"
_TRIED = 3  # tables in which a key is looked for
_FEWEST = 3  # rows from which it can be told that a column does not repeat


def distinct_keys(days: Mapping[dt.date, Path], most: int) -> dict[dt.date, int]:
    """The counts by day, from the newest back as far as ``most`` bytes reach, without a gap.

    The column is found in the largest tables before the newest one, so that one which begins to
    repeat is seen. Empty where no column tells rows apart, and where the newest table is too large.
    """
    order, limit = sorted(days, reverse=True), min(_LARGEST, most)
    sizes = {day: _size(days[day]) for day in order}
    fit = [day for day in order[1:] if 0 < sizes[day] <= limit]
    if not fit or sizes[order[0]] > limit or days[order[0]].suffix.lower() not in _TABLES:
        return {}
    largest = sorted(fit, key=lambda day: -sizes[day])[:_TRIED]
    place = next((key for key in (_key(days[day]) for day in largest) if key is not None), None)
    found: dict[dt.date, int] = {}
    for day in order if place is not None else ():
        most -= sizes[day]
        count = _distinct(days[day], place or 0) if most >= 0 and sizes[day] <= limit else None
        if count is None:
            break
        found[day] = count
    return found


def _key(path: Path) -> int | None:
    """The first column that is never empty and never repeats; None also where the table cannot be read."""
    try:
        return _unrepeated(path)
    except (OSError, csv.Error):
        return None


def _unrepeated(path: Path) -> int | None:
    seen: list[set[str]] = []
    left: list[int] = []
    rows = 0
    for row in _rows(path):
        if not rows:
            seen, left = [set() for _ in row], list(range(len(row)))
        rows += 1
        left = [place for place in left if place < len(row) and _is_new(row[place], seen[place])]
        if not left:
            return None
    return left[0] if rows >= _FEWEST else None


def _is_new(cell: str, seen: set[str]) -> bool:
    if not cell or cell in seen:
        return False
    seen.add(cell)
    return True


def _distinct(path: Path, place: int) -> int | None:
    """None where the table cannot be read to its end."""
    try:
        return len({row[place] for row in _rows(path) if place < len(row) and row[place]})
    except (OSError, csv.Error):
        return None


def _rows(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as handle:
        first = handle.readline(65_536)
        handle.seek(0)
        yield from csv.reader(handle, delimiter=max(_DELIMITERS, key=first.count))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
