"""What calls for the slots of event jobs: each commit of a source counts once, also after a restart."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from roforlmao.schedule.jobs import Job
from roforlmao.schedule.slot import Slot
from roforlmao.state import State

_BEGAN = ("", "")


@dataclass(frozen=True)
class Trigger:
    """What a source has now. ``source`` is a dataset's name, or an operator's in a hub.

    ``date`` is the day that was announced; ``local`` allows a ``url`` on this machine; ``before`` is
    the commit of the same source that the job dealt with last, or knew when it was made: what a run
    that failed was called for comes to the next one too.
    """

    source: str
    commit: str
    url: str
    local: bool = False
    date: str = ""
    before: str = ""

    @property
    def mark(self) -> str:
        """What tells it from the source's other ones; old announcements name no commit."""
        return self.commit or self.date


@dataclass(frozen=True)
class Call:
    """A slot that was called for; ``coalesced`` where it waits since an earlier commit."""

    scheduled_for: int
    not_before: int
    triggers: tuple[Trigger, ...]
    coalesced: bool


class Triggers:
    """Errors: StorageFailed."""

    def __init__(self, state: State) -> None:
        self._state = state

    def hear(self, job: Job, found: Sequence[Trigger], now: dt.datetime) -> Call | None:
        """Remembers what sources have; what is new calls for a slot, which is queued at once.

        The first time tells only what was there before the job. Between two starts lies at least
        ``every_s`` of the rule: what comes meanwhile joins the slot that waits.
        """
        with self._state.write() as connection:
            fresh = tuple(one for one in found if _remember(connection, job, one))
            if _began(connection, job) or not fresh or job.state != "active":
                return None
            waiting = connection.execute(
                f"SELECT scheduled_for, not_before FROM slots WHERE {_CALLED} AND state = 'queued'",  # noqa: S608 (a constant)
                (job.number,),
            ).fetchone()
            slot, not_before = waiting or _queue(connection, job, fresh[-1], int(now.timestamp()))
            connection.executemany(
                "UPDATE triggers SET slot = ? WHERE job = ? AND source = ? AND mark = ?",
                [(slot, job.number, one.source, one.mark) for one in fresh],
            )
        return Call(slot, not_before, fresh, coalesced=waiting is not None)

    def of_slot(self, slot: Slot) -> list[Trigger]:
        """The newest trigger of each source that called for a slot."""
        if slot.cause in ("", "now"):  # the clock or the operator called for it
            return []
        newest: dict[str, tuple[int, Trigger]] = {}
        with self._state.read() as connection:
            rows = connection.execute(
                "SELECT MIN(rowid) OVER (PARTITION BY source), body FROM triggers "
                "WHERE job = ? AND slot = ? ORDER BY rowid",
                slot.key[:2],
            ).fetchall()
            for first, body in rows:
                found = Trigger(**json.loads(body))
                newest[found.source] = (first, found)
            return [
                dataclasses.replace(found, before=_before(connection, slot.job, found.source, first))
                for first, found in newest.values()
            ]


_CALLED = "job = ? AND cause NOT IN ('', 'now')"


def _remember(connection: sqlite3.Connection, job: Job, one: Trigger) -> bool:
    """Whether it is new."""
    body = json.dumps(dataclasses.asdict(one))
    done = connection.execute(
        "INSERT OR IGNORE INTO triggers (job, source, mark, body) VALUES (?, ?, ?, ?)",
        (job.number, one.source, one.mark, body),
    )
    return bool(done.rowcount)


def _began(connection: sqlite3.Connection, job: Job) -> bool:
    """Whether listening begins only now."""
    done = connection.execute(
        "INSERT OR IGNORE INTO triggers (job, source, mark, body) VALUES (?, ?, ?, '')", (job.number, *_BEGAN)
    )
    return bool(done.rowcount)


def _queue(connection: sqlite3.Connection, job: Job, one: Trigger, now: int) -> tuple[int, int]:
    """A slot of its own second, which waits until the job may run again."""
    last, started = connection.execute(
        f"SELECT MAX(scheduled_for), MAX(started) FROM slots WHERE {_CALLED}",  # noqa: S608 (a constant)
        (job.number,),
    ).fetchone()
    slot = max(now, last + 1) if last is not None else now
    not_before = max(now, started + job.plan.rule.every_s) if started is not None else now
    connection.execute(
        "INSERT INTO slots (job, scheduled_for, cause, tool, state, not_before) "
        "VALUES (?, ?, ?, ?, 'queued', ?)",
        (job.number, slot, f"{one.source}@{one.mark}", job.plan.tool, not_before),
    )
    return slot, not_before


def _before(connection: sqlite3.Connection, job: Job, source: str, row: int) -> str:
    found = connection.execute(
        "SELECT body FROM triggers AS t WHERE job = ? AND source = ? AND rowid < ? "
        "AND NOT EXISTS (SELECT 1 FROM slots AS s WHERE s.job = t.job AND s.scheduled_for = t.slot "
        "AND s.state NOT IN ('succeeded', 'skipped')) ORDER BY rowid DESC LIMIT 1",
        (job.number, source, row),
    ).fetchone()
    return str(json.loads(found[0])["commit"]) if found else ""
