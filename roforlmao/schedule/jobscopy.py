"""The jobs a second time, beside the database: whoever repairs it puts them back, and fires nothing twice."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from roforlmao.paths import write_atomic
from roforlmao.schedule.rules import Rule, next_after
from roforlmao.state import State

_FIELDS = ("id", "tool", "body", "state", "created", "failures", "missed")
_LOOK_BACK = dt.timedelta(days=7)
_SLOTS = 200  # of a job, whose outcome is not known
_REASON = "the ledger was damaged: whether it ran is not known"


def keep_copy(connection: sqlite3.Connection, place: Path) -> None:
    """Writes all jobs that are not stopped, in the transaction that changes them. Errors: StorageFailed."""
    rows = connection.execute(
        f"SELECT {', '.join(_FIELDS)} FROM jobs WHERE state != 'stopped' ORDER BY id"  # noqa: S608 (constants)
    )
    jobs = [dict(zip(_FIELDS, row, strict=True)) for row in rows]
    last = connection.execute("SELECT MAX(id) FROM jobs").fetchone()[0] or 0
    write_atomic(place, json.dumps({"last": last, "jobs": jobs}, indent=1) + "\n")


def restore_jobs(state: State, now: dt.datetime) -> int:
    """Puts back what the copy holds, with the number of jobs as its answer.

    Each goes on with its next slot. Those of the last days, of which a damaged ledger tells nothing any
    more, are recorded as unknown: they are claimed, and do not run again.
    Errors: StorageFailed.
    """
    known = _read(state.jobs_copy)
    with state.write() as connection:
        for job in known.get("jobs", []):
            _restore(connection, job, now)
        connection.execute(
            "INSERT OR REPLACE INTO sqlite_sequence (rowid, name, seq) "
            "SELECT rowid, name, MAX(seq, ?) FROM sqlite_sequence WHERE name = 'jobs'",
            (known.get("last", 0),),
        )
    return len(known.get("jobs", []))


def _read(place: Path) -> dict[str, Any]:
    try:
        found = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _restore(connection: sqlite3.Connection, job: Mapping[str, Any], now: dt.datetime) -> None:
    rule = Rule(**json.loads(job["body"])["rule"])
    following = next_after(rule, now) if job["state"] == "active" else None
    connection.execute(
        "INSERT OR IGNORE INTO jobs (id, tool, body, state, created, failures, missed, next_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*(job[name] for name in _FIELDS), None if following is None else int(following.timestamp())),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO slots (job, scheduled_for, tool, state, reason) "
        "VALUES (?, ?, ?, 'unknown', ?)",
        [(job["id"], slot, job["tool"], _REASON) for slot in _unknown(rule, job["created"], now)],
    )


def _unknown(rule: Rule, created: int, now: dt.datetime) -> Iterator[int]:
    """The newest slots before now that the job may have run."""
    since = max(dt.datetime.fromtimestamp(created, dt.UTC), now - _LOOK_BACK)
    if rule.every_s:
        since = max(since, now - dt.timedelta(seconds=_SLOTS * rule.every_s))
    passed: deque[int] = deque(maxlen=_SLOTS)
    slot = next_after(rule, since)
    while slot is not None and slot <= now:
        passed.append(int(slot.timestamp()))
        slot = next_after(rule, slot)
    yield from passed
