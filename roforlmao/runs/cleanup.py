"""Keeps the history, its logs and read notices within their limits, and looks for room on the disk."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from roforlmao.notices import Notices
from roforlmao.paths import Places
from roforlmao.runs.history import History
from roforlmao.text import counted

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Limits:
    """How many runs are kept, for how many days, and how large all logs may be together."""

    runs: int
    days: int
    log_bytes: int


def clean_up(history: History, notices: Notices, logs: Path, limits: Limits, now: dt.datetime) -> str:
    """Forgets what is beyond the limits; a sentence that says how much. Errors: StorageFailed."""
    oldest = now - dt.timedelta(days=limits.days)
    runs = history.prune(limits.runs, f"{oldest:%Y%m%d-%H%M%S}")
    read = notices.forget(oldest.isoformat(timespec="seconds"))
    dropped = _drop(_logs(logs, history.open_logs()), oldest.timestamp(), limits.log_bytes)
    parts = (counted(runs, "run"), counted(read, "notice"), counted(dropped, "log"))
    return f"forgot {', '.join(parts)}"


def short_of_room(places: Places, least: int) -> str:
    """Why there is no room for a run: less than ``least`` bytes free somewhere; empty where there is."""
    for place in (places.state, places.imports):
        there = next((path for path in (place, *place.parents) if path.exists()), place)
        free = shutil.disk_usage(there).free
        if free < least:
            return f"{free / MEGABYTE:,.0f} MB are free at {place}, less than {least / MEGABYTE:,.0f} MB"
    return ""


def _logs(directory: Path, but: set[Path]) -> list[tuple[float, int, Path]]:
    """Time of change, size and path of the logs of runs and installers, the oldest first."""
    found = []
    for path in [*directory.glob("*.log"), *directory.glob("*.log.[0-9]")]:
        whole = path.with_suffix("") if path.suffix != ".log" else path  # of which it may be a part
        if whole not in but and whole.name != "errors.log" and path.is_file():
            about = path.stat()
            found.append((about.st_mtime, about.st_size, path))
    return sorted(found)


def _drop(logs: Sequence[tuple[float, int, Path]], oldest: float, limit: int) -> int:
    dropped, total = 0, sum(size for _, size, _ in logs)
    for changed, size, path in logs:
        if changed >= oldest and total <= limit:
            break
        path.unlink(missing_ok=True)
        dropped, total = dropped + 1, total - size
    return dropped
