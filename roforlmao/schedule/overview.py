"""All that is going on with the jobs of a home, read at one time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from roforlmao.schedule.jobs import Job, Jobs, LastRun, document, local_text
from roforlmao.schedule.routine import Noted, RoutineBook
from roforlmao.schedule.slot import Slot
from roforlmao.schedule.wishes import Wishes


@dataclass(frozen=True)
class Overview:
    """``fired_by`` is empty where nobody fires; ``open`` runs, waits or asks; ``past`` is newest first.

    ``past`` is of one ``tool``, or in one ``state``, where these are given.
    """

    fired_by: str
    to_push: int
    jobs: tuple[tuple[Job, LastRun | None], ...]
    open: tuple[Slot, ...]
    past: tuple[Slot, ...]
    routines: tuple[Noted, ...]
    tool: str = ""
    state: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "fired_by": self.fired_by or None,
            "to_push": self.to_push,
            "jobs": [document(job, last) for job, last in self.jobs],
            "open": [slot_document(slot) for slot in self.open],
            "past": [slot_document(slot) for slot in self.past],
            "routines": [_routine_document(noted) for noted in self.routines],
        }


@dataclass(frozen=True)
class Sources:
    """Where an overview is read from."""

    jobs: Jobs
    wishes: Wishes
    book: RoutineBook

    def read(
        self, fired_by: str, to_push: int, tool: str = "", state: str = "", limit: int = 200
    ) -> Overview:
        """Errors: StorageFailed."""
        last = self.jobs.last_runs()
        return Overview(
            fired_by,
            to_push,
            tuple((job, last.get(job.number)) for job in sorted(self.jobs.all(), key=lambda job: job.number)),
            tuple(self.wishes.open()),
            tuple(self.wishes.past(tool, state, limit)),
            tuple(self.book.all()),
            tool,
            state,
        )


def slot_document(slot: Slot) -> dict[str, Any]:
    """The slot for programs, with times in its job's zone."""
    zone = slot.job.plan.rule.timezone
    return {
        "job": slot.job.id,
        "tool": slot.job.plan.tool,
        "scheduled_for": local_text(slot.scheduled_for, zone),
        "cause": slot.cause or "rule",
        "state": slot.state,
        "started": local_text(slot.started, zone),
        "run": slot.run or None,
        "reason": slot.reason,
        "tries": [
            {
                "started": local_text(one.started, zone),
                "state": one.state,
                "run": one.run,
                "reason": one.reason,
            }
            for one in slot.earlier
        ],
    }


def _routine_document(noted: Noted) -> dict[str, Any]:
    return {
        "name": noted.name,
        "next_run": local_text(noted.next_at, "UTC"),
        "last_run": local_text(noted.last_at, "UTC"),
        "outcome": noted.outcome,
    }
