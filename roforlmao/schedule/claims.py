"""Claims slots: decides once on each that has come, and again on what an earlier scheduler left."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from roforlmao.schedule.due import CatchUp, Decision, decide, judge
from roforlmao.schedule.jobs import Job, drop_waiting, job_of
from roforlmao.schedule.rules import next_after
from roforlmao.schedule.slot import JOB, SAID_SO, Slot, change, with_state
from roforlmao.state import State

_SUPERSEDED = "the next slot came"


class Claims:
    """Errors: StorageFailed; what could not be written did not happen."""

    def __init__(self, state: State) -> None:
        self._state = state

    def due(self, now: dt.datetime, catch_up: CatchUp) -> list[Slot]:
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

    def judge_again(self, now: dt.datetime, catch_up: CatchUp) -> list[Slot]:
        """Decides anew on what an earlier scheduler left waiting; returns what will not run."""
        given_up = []
        with self._state.read() as connection:
            waiting = with_state(connection, "queued")
        for slot in waiting:
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


def _slot(job: Job, one: Decision) -> Slot:
    return Slot(job, one.slot, one.state, one.not_before, reason=one.reason)
