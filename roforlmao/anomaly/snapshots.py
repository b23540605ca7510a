"""Where a tool leaves no control metric: rows, bytes and keys of its dated snapshots are counted."""

from __future__ import annotations

import datetime as dt
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from roforlmao.anomaly.keycount import distinct_keys
from roforlmao.anomaly.readings import Reading, date_of, undated
from roforlmao.text import one_line

_LINED = frozenset({".csv", ".tsv", ".txt", ".jsonl", ".ndjson"})
_COUNTED = _LINED | {".json", ".xml", ".yml", ".yaml", ".parquet"}
_NEWEST = 60  # days that are counted again at each run
_FILES = 20_000
_FAMILIES = 8
_LARGEST, _ALL = 64 * 2**20, 256 * 2**20  # bytes read for counting rows: of one file, of all
_KEYED = 32 * 2**20  # bytes read for counting keys, of all
_CHUNK = 2**20

Family = dict[dt.date, Path]


def snapshot_readings(directory: Path) -> list[Reading]:
    """Rows, bytes and distinct keys by family of file names that differ by date only, oldest day first.

    Families without a file of the newest day are left out; several files of one family and day
    count as the lexically last. Rows are lines; where too much would have to be read, bytes only. Keys
    are the different cells of the column that tells rows apart, where there is one.
    """
    found = families(directory)
    newest = max((max(days) for days in found.values()), default=None)
    if newest is None:
        return []
    current = sorted(name for name, days in found.items() if newest in days)[:_FAMILIES]
    by_day: dict[dt.date, dict[str, float | None]] = defaultdict(dict)
    budget = _ALL
    days = sorted({day for name in current for day in found[name]}, reverse=True)[:_NEWEST]
    for day in days:
        for name in current:
            if day in found[name]:
                budget -= _count(found[name][day], one_line(name, 60), by_day[day], budget)
    for name in current:
        recent = {day: found[name][day] for day in days if day in found[name]}
        keys = distinct_keys(recent, _KEYED // len(current))
        for day, count in keys.items():
            by_day[day][f"distinct keys of {one_line(name, 60)}"] = float(count)
    return [Reading(day.isoformat(), day, by_day[day]) for day in sorted(by_day)]


def newest_day(directory: Path) -> str:
    """The day of the newest snapshot; empty without one."""
    days = [max(days) for days in families(directory).values()]
    return max(days).isoformat() if days else ""


def families(directory: Path) -> dict[str, Family]:
    """Files by name with ``*`` for the date, then by day; control files left out, a bounded number."""
    found: dict[str, Family] = defaultdict(dict)
    for path in sorted(files_below(directory)):
        name = path.relative_to(directory).as_posix()
        day = date_of(name)
        if day and path.suffix.lower() in _COUNTED and not path.name.startswith("control-"):
            found[undated(name)][day] = path
    return found


def files_below(directory: Path) -> Iterator[Path]:
    """Regular files below a directory, hidden ones and links left out, a bounded number."""
    seen = 0
    for top, inner, names in os.walk(directory):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in sorted(names):
            path = Path(top, name)
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                yield path
            seen += 1
            if seen >= _FILES:
                return


def _count(path: Path, name: str, values: dict[str, float | None], budget: int) -> int:
    """Adds rows and bytes of a file; returns how many bytes were read for it."""
    try:
        size = path.stat().st_size
        values[f"bytes of {name}"] = float(size)
        if path.suffix.lower() not in _LINED or size > min(_LARGEST, budget):
            return 0
        values[f"rows of {name}"] = float(_lines(path))
        return size
    except OSError:
        values[f"bytes of {name}"] = None
        return 0


def _lines(path: Path) -> int:
    lines, last = 0, b"\n"
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            lines += chunk.count(b"\n")
            last = chunk[-1:]
    return lines + (last != b"\n")
