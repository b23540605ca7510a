"""The jobs of one home: what runs when, as the operator made it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import sqlite3
from dataclasses import dataclass
from typing import Any, Literal

from roforlmao.errors import BadInput, NotFound
from roforlmao.schedule.due import Policy
from roforlmao.schedule.jobscopy import keep_copy
from roforlmao.schedule.rules import Rule, describe, next_after
from roforlmao.state import State
from roforlmao.text import one_line

JobState = Literal["active", "paused", "stopped"]
# Word for word as in the index: SQLite then knows that it may use it (https://sqlite.org/partialindex.html).
IS_OPEN = "slots.state IN ('asking', 'queued', 'running')"
_COLUMNS = "id, tool, body, state, created, next_at, failures, missed"


@dataclass(frozen=True)
class Plan:
    """What a job does: a command of a tool, by a rule; ``sync`` says whether its data is pushed.

    ``grace_s``, ``catch_up`` and ``timeout_s`` (seconds) are the configuration's where they are None.
    What failed is tried ``retries`` times more, after ``backoff_s`` seconds, then twice as many, and so
    on. ``busy`` says what becomes of a slot whose tool is at work already. ``ping`` is the URL of a
    watchdog, ``duty`` the name under which operators share the job: one of them runs each slot.
    ``experiment`` is ``name@revision`` of what it repeats, with its variables in ``env``.
    """

    tool: str
    rule: Rule
    command: str | None = None
    args: tuple[str, ...] = ()
    hub: str = ""
    sync: bool = False
    grace_s: float | None = None
    catch_up: Policy | None = None
    retries: int = 0
    backoff_s: float = 60.0
    busy: Literal["queue", "skip"] = "queue"
    timeout_s: float | None = None
    ping: str = ""
    duty: str = ""
    env: tuple[tuple[str, str], ...] = ()
    experiment: str = ""


@dataclass(frozen=True)
class Job:
    """A plan in the ledger; instants are seconds since the epoch, ``failures`` are those in a row."""

    number: int
    plan: Plan
    state: JobState
    created: int
    next_at: int | None
    failures: int = 0
    missed: int = 0

    @property
    def id(self) -> str:
        return f"j{self.number}"


@dataclass(frozen=True)
class LastRun:
    """The newest slot of a job that came to a run."""

    started: int
    state: str


class Jobs:
    """Errors: StorageFailed."""

    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, plan: Plan, now: dt.datetime) -> Job:
        """Errors: BadInput where the rule never fires."""
        first = _slot_after(plan.rule, now)
        if first is None and not plan.rule.by_event:
            raise BadInput(f"A job that runs {describe(plan.rule)} never fires.")
        values = (plan.tool, json.dumps(dataclasses.asdict(plan)), "active", int(now.timestamp()), first)
        with self._state.write() as connection:
            done = connection.execute(
                "INSERT INTO jobs (tool, body, state, created, next_at) VALUES (?, ?, ?, ?, ?)", values
            )
            number = int(done.lastrowid or 0)
            keep_copy(connection, self._state.jobs_copy)
        return self.get(f"j{number}")

    def all(self) -> list[Job]:
        """Every job that is not stopped, the next to run first."""
        with self._state.read() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM jobs WHERE state != 'stopped' ORDER BY next_at IS NULL, next_at, id"  # noqa: S608 (a constant)
            ).fetchall()
        return [job_of(row) for row in rows]

    def by_event(self) -> list[Job]:
        """Those that data calls for, not the clock."""
        with self._state.read() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM jobs WHERE state != 'stopped' AND next_at IS NULL "  # noqa: S608 (a constant)
                "AND json_extract(body, '$.rule.kind') LIKE 'when-%' ORDER BY id"
            ).fetchall()
        return [job_of(row) for row in rows]

    def next(self) -> Job | None:
        """The job that runs next."""
        with self._state.read() as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS} FROM jobs WHERE state = 'active' AND next_at IS NOT NULL "  # noqa: S608 (a constant)
                "ORDER BY next_at, id LIMIT 1"
            ).fetchone()
        return job_of(row) if row else None

    def running_tools(self) -> list[str]:
        """The tools that jobs run now, in whichever launcher."""
        with self._state.read() as connection:
            rows = connection.execute("SELECT tool FROM slots WHERE state = 'running' ORDER BY started")
            return [row[0] for row in rows.fetchall()]

    def get(self, job_id: str) -> Job:
        """A job by its id, stopped or not. Errors: NotFound."""
        number = job_id.removeprefix("j")
        row = None
        if job_id.startswith("j") and number.isascii() and number.isdecimal() and len(number) < 16:
            with self._state.read() as connection:
                row = connection.execute(
                    f"SELECT {_COLUMNS} FROM jobs WHERE id = ?",  # noqa: S608 (a constant)
                    (int(number),),
                ).fetchone()
        if row is None:
            raise NotFound(f"There is no job '{one_line(job_id, 60)}'.", "`tool list-scheduled` shows them.")
        return job_of(row)

    def find(self, name: str) -> Job:
        """A job by its id, or the only one of a tool. Errors: NotFound, BadInput."""
        jobs = self.all()
        for job in jobs:
            if job.id == name:
                return job
        of_tool = [job for job in jobs if job.plan.tool == name]
        if len(of_tool) > 1:
            ids = ", ".join(sorted(job.id for job in of_tool))
            raise BadInput(f"{one_line(name, 60)} has several jobs: {ids}.", "Say which of them.")
        if not of_tool:
            raise NotFound(
                f"There is no job '{one_line(name, 60)}', and no tool of that name has one.",
                "`tool list-scheduled` shows them.",
            )
        return of_tool[0]

    def pause(self, job: Job) -> Job:
        """Its slots pass unnoticed until it is resumed."""
        return self._change(job, "paused", None)

    def resume(self, job: Job, now: dt.datetime) -> Job:
        """From the next slot on, with its failures forgotten."""
        return self._change(job, "active", _slot_after(job.plan.rule, now))

    def stop(self, job: Job) -> Job:
        """For good; a run of it that is going on is cancelled by the scheduler."""
        return self._change(job, "stopped", None)

    def edit(self, job: Job, plan: Plan, now: dt.datetime) -> Job:
        """From the next slot on; what runs ends as it began. Errors: BadInput where the rule never fires."""
        following = _slot_after(plan.rule, now) if job.state == "active" else None
        if job.state == "active" and following is None and not plan.rule.by_event:
            raise BadInput(f"A job that runs {describe(plan.rule)} never fires.")
        with self._state.write() as connection:
            connection.execute(
                "UPDATE jobs SET body = ?, next_at = ? WHERE id = ?",
                (json.dumps(dataclasses.asdict(plan)), following, job.number),
            )
            keep_copy(connection, self._state.jobs_copy)
        return self.get(job.id)

    def last_run(self, job: Job) -> LastRun | None:
        with self._state.read() as connection:
            row = connection.execute(
                "SELECT started, state FROM slots WHERE job = ? AND started IS NOT NULL "
                "ORDER BY scheduled_for DESC LIMIT 1",
                (job.number,),
            ).fetchone()
        return LastRun(*row) if row else None

    def last_runs(self) -> dict[int, LastRun]:
        """The same of all jobs that are not stopped, by their numbers."""
        of_job = "SELECT rowid FROM slots WHERE job = jobs.id AND started IS NOT NULL"
        with self._state.read() as connection:
            rows = connection.execute(
                "SELECT jobs.id, slots.started, slots.state FROM jobs "  # noqa: S608 (constants)
                f"JOIN slots ON slots.rowid = ({of_job} ORDER BY scheduled_for DESC LIMIT 1) "
                "WHERE jobs.state != 'stopped'"
            ).fetchall()
        return {job: LastRun(started, state) for job, started, state in rows}

    def _change(self, job: Job, state: JobState, next_at: int | None) -> Job:
        with self._state.write() as connection:
            connection.execute(
                "UPDATE jobs SET state = ?, next_at = ?, failures = 0 WHERE id = ?",
                (state, next_at, job.number),
            )
            if state != "active":
                drop_waiting(connection, job.number, f"the job was {state}")
            keep_copy(connection, self._state.jobs_copy)
        return self.get(job.id)


def job_of(row: tuple[Any, ...]) -> Job:
    """A job from the columns of its table, in their order."""
    number, _, body, state, created, next_at, failures, missed = row
    fields = json.loads(body)
    env = tuple((name, value) for name, value in fields.get("env", ()))
    plan = Plan(**{**fields, "rule": Rule(**fields["rule"]), "args": tuple(fields["args"]), "env": env})
    return Job(number, plan, state, created, next_at, failures, missed)


def drop_waiting(connection: sqlite3.Connection, number: int, reason: str, cause: str = "%") -> None:
    """What of a job waits for a worker or an answer will not run.

    ``cause`` is a pattern as of LIKE. One that was tried before has failed.
    """
    mine = f"{IS_OPEN} AND +job = ? AND cause LIKE ?"  # few are open: + keeps the index of all slots out
    tried = "CASE WHEN earlier = '[]' THEN 'skipped' ELSE 'failed' END"
    connection.execute(
        f"UPDATE slots SET state = {tried}, reason = ? WHERE {mine} AND state = 'queued'",  # noqa: S608 (constants)
        (reason, number, cause),
    )
    missed = connection.execute(
        f"UPDATE slots SET state = 'missed', reason = ? WHERE {mine} AND state = 'asking'",  # noqa: S608 (constants)
        (f"nobody answered before {reason}", number, cause),
    ).rowcount
    if missed:
        connection.execute("UPDATE jobs SET missed = missed + ? WHERE id = ?", (missed, number))


def _slot_after(rule: Rule, now: dt.datetime) -> int | None:
    found = next_after(rule, now)
    return None if found is None else int(found.timestamp())
