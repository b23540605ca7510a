"""One slot of the ledger: what it is, and how it stands in its table."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from roforlmao.schedule.jobs import IS_OPEN, Job, job_of

JOB = "jobs.id, jobs.tool, jobs.body, jobs.state, jobs.created, jobs.next_at, jobs.failures, jobs.missed"
SLOT = (
    "slots.scheduled_for, slots.state, slots.not_before, slots.run, slots.reason, slots.started, "
    "slots.cause, slots.earlier, slots.cancel"
)
SAID_SO = "you said so"  # the reason of a slot that the operator answered for
NOW = "now"  # the cause of a slot that the operator asked for
Key = tuple[int, int, str]


class Try(NamedTuple):
    """A run of a slot that failed, and was tried again."""

    started: int
    state: str
    run: str
    reason: str


@dataclass(frozen=True)
class Slot:
    """One time at which a job was to run; instants are seconds since the epoch.

    ``state``: asking, queued, running, missed, skipped, or how its run ended (lost: its launcher died).
    ``cause``: empty for the rule, ``now`` for the operator, else what happened. ``earlier`` are the
    tries before, and ``cancel`` says that the operator wants it to end.
    """

    job: Job
    scheduled_for: int
    state: str
    not_before: int = 0
    run: str = ""
    reason: str = ""
    started: int | None = None
    cause: str = ""
    earlier: tuple[Try, ...] = ()
    cancel: bool = False

    @property
    def key(self) -> Key:
        return self.job.number, self.scheduled_for, self.cause


@dataclass(frozen=True)
class Outcome:
    """How the run of a slot ended; ``state`` as in the history, or skipped."""

    state: str
    run: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Wait:
    """In place of an outcome: the slot was not begun, and is tried again after ``again_s`` seconds.

    ``by_tool`` says that its tool is at work elsewhere.
    """

    reason: str
    again_s: int
    by_tool: bool = True


def read_slot(row: tuple[Any, ...]) -> Slot:
    """From the columns ``JOB`` and ``SLOT``."""
    return slot_of(job_of(row[:8]), row[8:])


def slot_of(job: Job, row: tuple[Any, ...]) -> Slot:
    """From the columns ``SLOT``."""
    tries = tuple(Try(*one) for one in json.loads(row[7]))
    return replace(Slot(job, *row[:7]), earlier=tries, cancel=bool(row[8]))


def change(connection: sqlite3.Connection, key: Key, was: str, **values: Any) -> bool:
    """Sets columns of a slot that ``was`` in that state; False where it is not, or may not be so."""
    columns = ", ".join(f"{name} = ?" for name in values)
    done = connection.execute(
        f"UPDATE OR IGNORE slots SET {columns} "  # noqa: S608 (names of columns, from our own code)
        "WHERE job = ? AND scheduled_for = ? AND cause = ? AND state = ?",
        (*values.values(), *key, was),
    )
    return bool(done.rowcount)


def with_state(connection: sqlite3.Connection, state: str) -> list[Slot]:
    """The slots that are open and in that state, the oldest first."""
    rows = connection.execute(
        f"SELECT {JOB}, {SLOT} FROM slots JOIN jobs ON jobs.id = slots.job "  # noqa: S608 (constants)
        f"WHERE {IS_OPEN} AND slots.state = ? ORDER BY scheduled_for, job",
        (state,),
    ).fetchall()
    return [read_slot(row) for row in rows]
