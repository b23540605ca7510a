"""The ledger of slots: claimed once, written before and after each step."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from roforlmao.runs.history import is_alive, this_process
from roforlmao.schedule.due import CatchUp, Decision, decide, judge
from roforlmao.schedule.jobs import IS_OPEN, Job, drop_waiting, job_of
from roforlmao.schedule.jobscopy import keep_copy
from roforlmao.schedule.rules import next_after
from roforlmao.schedule.slot import JOB, SLOT, Outcome, Slot, change, read_slot, slot_of
from roforlmao.state import State

FAILURES_TO_PAUSE = 10
SAID_SO = "you said so"
_SUPERSEDED = "the next slot came"
_LONGEST_BACKOFF_S = 6 * 3600.0
FAILURES = ("failed", "timed-out")


class Slots:
    """Errors: StorageFailed; what could not be written did not happen."""

    def __init__(self, state: State) -> None:
        self._state = state

    def claim_due(self, now: dt.datetime, catch_up: CatchUp) -> list[Slot]:
        """Decides on every slot that has come, each job in a transaction; returns what was decided."""
        at = int(now.timestamp())
        with self._state.read() as connection:
            rows = connection.execute(
                f"SELECT {JOB} FROM jobs WHERE state = 'active' AND next_at <= ? ORDER BY next_at, id",  # noqa: S608 (a constant)
                (at,),
            ).fetchall()
        decided: list[Slot] = []
        for row in rows:
            job = job_of(row)
            assert job.next_at is not None  # noqa: S101 (the query says so)
            own = catch_up.with_own(job.plan.catch_up, job.plan.grace_s)
            decisions, following = decide(job.number, job.plan.rule, job.next_at, at, own)
            decided += self._claim(job, decisions, following)
        return decided

    def _claim(self, job: Job, decisions: Sequence[Decision], following: int | None) -> list[Slot]:
        with self._state.write() as connection:
            unchanged = connection.execute(
                "UPDATE jobs SET next_at = ? WHERE id = ? AND next_at = ? AND state = 'active'",
                (following, job.number, job.next_at),
            ).rowcount
            if not unchanged:  # paused, stopped or claimed by another meanwhile
                return []
            drop_waiting(connection, job.number, _SUPERSEDED, cause="")
            return [_slot(job, one) for one in decisions if _insert(connection, job, one)]

    def startable(self, now: dt.datetime) -> list[Slot]:
        """What may start now, the oldest first; at most one of each tool that does not run."""
        found: dict[str, Slot] = {}
        for slot in self._with_state("queued"):
            if slot.not_before <= now.timestamp():
                found.setdefault(slot.job.plan.tool, slot)
        busy = {slot.job.plan.tool for slot in self.running()}
        return [slot for tool, slot in found.items() if tool not in busy]

    def running(self) -> list[Slot]:
        return self._with_state("running")

    def start(self, slot: Slot, now: dt.datetime) -> bool:
        """Marks a queued slot as running, before its tool starts; False where it may not."""
        with self._state.write() as connection:
            at = int(now.timestamp())
            return change(connection, slot.key, "queued", state="running", owner=this_process(), started=at)

    def put_back(self, slot: Slot, now: dt.datetime, delay_s: int) -> None:
        """The tool is at work for somebody else: the slot waits again."""
        with self._state.write() as connection:
            later = int(now.timestamp()) + delay_s
            change(
                connection, slot.key, "running", state="queued", owner=None, started=None, not_before=later
            )

    def skip(self, slot: Slot, reason: str) -> bool:
        """A slot that waits will not run; False where it does not wait."""
        with self._state.write() as connection:
            return change(connection, slot.key, "queued", state="skipped", reason=reason)

    def kept_waiting(self, now: dt.datetime) -> list[Slot]:
        """What could start now if its tool did not run."""
        busy = {slot.job.plan.tool for slot in self.running()}
        waiting = self._with_state("queued") if busy else []
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
            if cancel or state == "stopped" or (following is not None and later >= following):
                return None
            tries = [*slot.earlier, (started, outcome.state, outcome.run, outcome.reason[:500])]
            waits = change(
                connection,
                slot.key,
                "running",
                state="queued",
                owner=None,
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

    def recover(self, now: dt.datetime) -> list[Slot]:
        """Closes what a launcher that died was running; it is not run again."""
        dead = []
        with self._state.read() as connection:
            rows = connection.execute(
                f"SELECT {JOB}, {SLOT}, slots.owner FROM slots JOIN jobs ON jobs.id = slots.job "  # noqa: S608 (constants)
                "WHERE slots.state = 'running'"
            ).fetchall()
        for row in rows:
            slot = read_slot(row[:-1])
            if not is_alive(row[-1]):
                reason = "the launcher ended in the middle of the run"
                self.finish(slot, Outcome("lost", reason=reason), now, keep=1_000_000)
                dead.append(slot)
        return dead

    def judge_queue(self, now: dt.datetime, catch_up: CatchUp) -> list[Slot]:
        """Decides anew on what an earlier scheduler left waiting; returns what will not run."""
        given_up = []
        for slot in self._with_state("queued"):
            decision = _judged_again(slot, now, catch_up)
            if decision.state == "queued":
                continue
            with self._state.write() as connection:
                change(connection, slot.key, "queued", state=decision.state, reason=decision.reason)
                _count_missed(connection, slot.job.number, [decision])
            given_up.append(replace(slot, state=decision.state, reason=decision.reason))
        return given_up

    def rewind(self, now: dt.datetime) -> None:
        """After the clock was set back: each job waits for the first slot that nobody claimed yet."""
        with self._state.read() as connection:
            rows = connection.execute(f"SELECT {JOB} FROM jobs WHERE state = 'active'").fetchall()  # noqa: S608 (a constant)
        for job in map(job_of, rows):
            first = self._first_free(job, max(int(now.timestamp()), job.created))
            if first is not None and (job.next_at is None or first < job.next_at):
                with self._state.write() as connection:
                    connection.execute(
                        "UPDATE jobs SET next_at = ? WHERE id = ? AND state = 'active'", (first, job.number)
                    )

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

    def _first_free(self, job: Job, since: int) -> int | None:
        with self._state.read() as connection:
            rows = connection.execute(
                "SELECT scheduled_for FROM slots WHERE job = ? AND cause = '' AND scheduled_for > ?",
                (job.number, since),
            ).fetchall()
        taken, slot = {row[0] for row in rows}, since
        while True:
            found = next_after(job.plan.rule, dt.datetime.fromtimestamp(slot, dt.UTC))
            if found is None or int(found.timestamp()) not in taken:
                return None if found is None else int(found.timestamp())
            slot = int(found.timestamp())

    def _with_state(self, state: str) -> list[Slot]:
        with self._state.read() as connection:
            rows = connection.execute(
                f"SELECT {JOB}, {SLOT} FROM slots JOIN jobs ON jobs.id = slots.job "  # noqa: S608 (constants)
                f"WHERE {IS_OPEN} AND slots.state = '{state}' ORDER BY scheduled_for, job"
            ).fetchall()
        return [read_slot(row) for row in rows]


def _judged_again(slot: Slot, now: dt.datetime, catch_up: CatchUp) -> Decision:
    """What the operator or an event called for is not asked about again; what was tried has failed."""
    plan = slot.job.plan
    own = catch_up.with_own(plan.catch_up, plan.grace_s)
    if slot.cause or slot.earlier or slot.reason == SAID_SO:
        own = CatchUp("run-once", own.grace_s)
    since = slot.not_before if slot.earlier or slot.reason == SAID_SO else slot.scheduled_for
    decision = judge(slot.job.number, plan.rule, since, int(now.timestamp()), own)
    if slot.earlier and decision.state != "queued":
        return replace(decision, slot=slot.scheduled_for, state="failed")
    return replace(decision, slot=slot.scheduled_for)


def _insert(connection: sqlite3.Connection, job: Job, one: Decision) -> bool:
    """False where that slot was claimed before, as when the clock was set back."""
    done = connection.execute(
        "INSERT OR IGNORE INTO slots (job, scheduled_for, tool, state, not_before, reason) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (job.number, one.slot, job.plan.tool, one.state, one.not_before, one.reason),
    )
    if done.rowcount:
        _count_missed(connection, job.number, [one])
    return bool(done.rowcount)


def _count_missed(connection: sqlite3.Connection, number: int, decisions: Sequence[Decision]) -> None:
    missed = sum(one.state == "missed" for one in decisions)
    if missed:
        connection.execute("UPDATE jobs SET missed = missed + ? WHERE id = ?", (missed, number))


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


def _slot(job: Job, one: Decision) -> Slot:
    return Slot(job, one.slot, one.state, one.not_before, reason=one.reason)
