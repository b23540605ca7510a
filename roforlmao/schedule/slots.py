"""The ledger of slots: claimed once, written before and after each step."""

from __future__ import annotations

import datetime as dt
import json
import math
import sqlite3
from collections.abc import Collection

from roforlmao.runs.history import is_alive, this_process
from roforlmao.schedule.claims import Claims
from roforlmao.schedule.jobs import IS_OPEN, Job, drop_waiting
from roforlmao.schedule.jobscopy import keep_copy
from roforlmao.schedule.slot import JOB, NOW, SLOT, Key, Outcome, Slot, change, read_slot, slot_of, with_state
from roforlmao.state import State

FAILURES_TO_PAUSE = 10
_LONGEST_BACKOFF_S = 6 * 3600.0
FAILURES = ("failed", "timed-out")


class Slots:
    """Errors: StorageFailed; what could not be written did not happen."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.claims = Claims(state)

    def startable(self, now: dt.datetime) -> list[Slot]:
        """What may start now, the oldest first; at most one of each tool that does not run."""
        found: dict[str, Slot] = {}
        for slot in self.queued():
            if slot.not_before <= now.timestamp():
                found.setdefault(slot.job.plan.tool, slot)
        busy = {slot.job.plan.tool for slot in self.running()} if found else set()
        return [slot for tool, slot in found.items() if tool not in busy]

    def running(self) -> list[Slot]:
        with self._state.read() as connection:
            return with_state(connection, "running")

    def queued(self) -> list[Slot]:
        """What waits for its time, a worker or its tool."""
        with self._state.read() as connection:
            return with_state(connection, "queued")

    def version(self) -> tuple[int, ...]:
        """Another one after every change of the ledger, whichever launcher made it."""
        return self._state.version()

    def idle_until(self, ours: Collection[Key]) -> float:
        """When, in seconds since the epoch, something is due unless the ledger changes before.

        0 where a slot waits already, or one that is not among ``ours`` runs: its launcher may end unheard.
        """
        with self._state.read() as connection:
            if any(slot.key not in ours for slot in with_state(connection, "running")):
                return 0.0
            due = connection.execute(
                "SELECT MIN(next_at) FROM jobs WHERE state = 'active' "  # noqa: S608 (a constant)
                f"UNION ALL SELECT MIN(not_before) FROM slots WHERE {IS_OPEN} AND state = 'queued'"
            ).fetchall()
        return min((at for (at,) in due if at is not None), default=math.inf)

    def start(self, slot: Slot, now: dt.datetime) -> bool:
        """Marks a queued slot as running, before its tool starts; False where it may not."""
        with self._state.write() as connection:
            at = int(now.timestamp())
            return change(connection, slot.key, "queued", state="running", owner=this_process(), started=at)

    def note_run(self, slot: Slot, run: str) -> None:
        """Which run of the history the slot came to; for the thread that carries it out."""
        with self._state.write() as connection:
            change(connection, slot.key, "running", run=run)

    def put_back(self, slot: Slot, now: dt.datetime, delay_s: int) -> None:
        """The tool is at work for somebody else: the slot waits again."""
        with self._state.write() as connection:
            later = int(now.timestamp()) + delay_s
            change(
                connection,
                slot.key,
                "running",
                state="queued",
                owner=None,
                started=None,
                run="",
                not_before=later,
            )

    def skip(self, slot: Slot, reason: str) -> bool:
        """A slot that waits will not run; False where it does not wait."""
        with self._state.write() as connection:
            return change(connection, slot.key, "queued", state="skipped", reason=reason)

    def kept_waiting(self, now: dt.datetime) -> list[Slot]:
        """What could start now if its tool did not run."""
        busy = {slot.job.plan.tool for slot in self.running()}
        waiting = self.queued() if busy else []
        return [s for s in waiting if s.not_before <= now.timestamp() and s.job.plan.tool in busy]

    def try_again(self, slot: Slot, outcome: Outcome, now: dt.datetime) -> int | None:
        """Lets a slot that failed wait for its next try, and says when that is; None where it has none.

        A try that would come after the job's next slot is left to that slot.
        """
        plan, number, at = slot.job.plan, len(slot.earlier), int(now.timestamp())
        if outcome.state not in FAILURES or number >= plan.retries:
            return None
        later = at + int(min(plan.backoff_s * 2**number, _LONGEST_BACKOFF_S))
        with self._state.write() as connection:
            following, state, started, cancel = connection.execute(
                "SELECT next_at, jobs.state, started, cancel FROM jobs JOIN slots ON job = id "
                "WHERE job = ? AND scheduled_for = ? AND cause = ?",
                slot.key,
            ).fetchone()
            ended = state == "stopped" or (state == "paused" and slot.cause != NOW)
            if cancel or ended or (following is not None and later >= following):
                return None
            tries = [*slot.earlier, (started, outcome.state, outcome.run, outcome.reason[:500])]
            waits = change(
                connection,
                slot.key,
                "running",
                state="queued",
                owner=None,
                run="",
                not_before=later,
                earlier=json.dumps(tries),
            )
        return later if waits else None

    def finish(self, slot: Slot, outcome: Outcome, now: dt.datetime, keep: int) -> int:
        """Writes how a run ended; returns the failures in a row. The tenth pauses the job."""
        with self._state.write() as connection:
            done = change(
                connection,
                slot.key,
                "running",
                state=outcome.state,
                owner=None,
                finished=int(now.timestamp()),
                run=outcome.run,
                reason=outcome.reason[:500],
            )
            ended = outcome.state if done else "closed before"
            failures = _count_failure(connection, slot.job.number, ended)
            if failures >= FAILURES_TO_PAUSE:
                connection.execute(
                    "UPDATE jobs SET state = 'paused', next_at = NULL WHERE id = ? AND state = 'active'",
                    (slot.job.number,),
                )
                drop_waiting(connection, slot.job.number, "the job was paused")
                keep_copy(connection, self._state.jobs_copy)
            _forget(connection, slot.job.number, keep)
        return failures

    def orphaned(self) -> list[Slot]:
        """What a launcher that died was carrying out."""
        with self._state.read() as connection:
            rows = connection.execute(
                f"SELECT {JOB}, {SLOT}, slots.owner FROM slots JOIN jobs ON jobs.id = slots.job "  # noqa: S608 (constants)
                "WHERE slots.state = 'running'"
            ).fetchall()
        return [read_slot(row[:-1]) for row in rows if not is_alive(row[-1])]

    def forget(self, before: dt.datetime) -> int:
        """Drops what ended before; returns how many slots those were."""
        with self._state.write() as connection:
            return connection.execute(
                "DELETE FROM slots WHERE state NOT IN ('asking', 'queued', 'running') AND scheduled_for < ?",
                (int(before.timestamp()),),
            ).rowcount

    def of_job(self, job: Job, limit: int = 1000) -> list[Slot]:
        """The newest slots of a job, newest first."""
        with self._state.read() as connection:
            rows = connection.execute(
                f"SELECT {SLOT} FROM slots WHERE job = ? ORDER BY scheduled_for DESC LIMIT ?",  # noqa: S608 (a constant)
                (job.number, limit),
            ).fetchall()
        return [slot_of(job, row) for row in rows]


def _count_failure(connection: sqlite3.Connection, number: int, state: str) -> int:
    """What the operator or a dying launcher ended is not the job's failure."""
    change = {"succeeded": "0", "failed": "failures + 1", "timed-out": "failures + 1"}.get(state, "failures")
    connection.execute(f"UPDATE jobs SET failures = {change} WHERE id = ?", (number,))  # noqa: S608 (constants)
    return int(connection.execute("SELECT failures FROM jobs WHERE id = ?", (number,)).fetchone()[0])


def _forget(connection: sqlite3.Connection, number: int, keep: int) -> None:
    connection.execute(
        "DELETE FROM slots WHERE job = ?1 AND state NOT IN ('asking', 'queued', 'running') "
        "AND scheduled_for <= "
        "(SELECT scheduled_for FROM slots WHERE job = ?1 ORDER BY scheduled_for DESC LIMIT 1 OFFSET ?2)",
        (number, keep),
    )
