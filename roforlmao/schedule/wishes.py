"""What the operator asks of single slots: run one now, end one, answer for one that passed unseen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from roforlmao.errors import BadInput
from roforlmao.schedule.jobs import IS_OPEN, Job
from roforlmao.schedule.slot import JOB, NOW, SAID_SO, SLOT, Slot, change, read_slot
from roforlmao.state import State

_CANCELLED = "cancelled by the operator while it waited"


class Wishes:
    """They are written into the ledger, where whichever launcher fires finds them. Errors: StorageFailed."""

    def __init__(self, state: State) -> None:
        self._state = state

    def run_now(self, job: Job, now: dt.datetime) -> None:
        """A slot outside the rule. Errors: BadInput where one waits or runs already."""
        if any(slot.cause == NOW for slot in self.open(job)):
            raise BadInput(f"Job {job.id} runs or waits already, as you asked before.")
        at = int(now.timestamp())
        with self._state.write() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO slots (job, scheduled_for, cause, tool, state, not_before) "
                "VALUES (?, ?, ?, ?, 'queued', ?)",
                (job.number, at, NOW, job.plan.tool, at),
            )

    def cancel(self, job: Job) -> list[Slot]:
        """Ends what runs of a job, and what waits for a worker. Errors: BadInput where nothing does."""
        found = [slot for slot in self.open(job) if slot.state != "asking"]
        if not found:
            raise BadInput(f"Nothing of job {job.id} runs or waits now.", "`tool stop` ends it for good.")
        with self._state.write() as connection:
            for slot in found:
                change(connection, slot.key, "running", cancel=1)
                ends = "failed" if slot.earlier else "skipped"
                change(connection, slot.key, "queued", state=ends, reason=_CANCELLED)
        return found

    def answer(self, job: Job, *, run: bool, now: dt.datetime) -> Slot:
        """Lets the slot that waits for a word run, or be missed. Errors: BadInput where there is none."""
        asking = [slot for slot in self.open(job) if slot.state == "asking"]
        if not asking:
            raise BadInput(f"No slot of job {job.id} waits for your word.")
        slot, at = asking[-1], int(now.timestamp())
        with self._state.write() as connection:
            if run:
                change(connection, slot.key, "asking", state="queued", not_before=at, reason=SAID_SO)
            elif change(connection, slot.key, "asking", state="missed", reason=SAID_SO):
                connection.execute("UPDATE jobs SET missed = missed + 1 WHERE id = ?", (job.number,))
        return slot

    def open(self, job: Job | None = None) -> list[Slot]:
        """What runs, waits for a worker or asks, of one job or all; the oldest first."""
        return self._read(f"{IS_OPEN} AND ?1 IN (0, job)", (job.number if job else 0,), "")

    def past(self, tool: str = "", state: str = "", limit: int = 200) -> list[Slot]:
        """What became of slots, the newest first; of one tool, or in one state."""
        where = f"NOT {IS_OPEN} AND ?1 IN ('', slots.tool) AND ?2 IN ('', slots.state)"
        return self._read(where, (tool, state, limit), "DESC LIMIT ?3")

    def hub_of(self, run: str) -> str:
        """Under which hub the job that made a run announces; empty where no job did, or it has none."""
        found = self._read("slots.run = ?1", (run,), "LIMIT 1")
        return found[0].job.plan.hub if found else ""

    def _read(self, where: str, values: Sequence[str | int], end: str) -> list[Slot]:
        with self._state.read() as connection:
            rows = connection.execute(
                f"SELECT {JOB}, {SLOT} FROM slots JOIN jobs ON jobs.id = slots.job "  # noqa: S608 (constants)
                f"WHERE {where} ORDER BY scheduled_for {end}",
                values,
            ).fetchall()
        return [read_slot(row) for row in rows]
