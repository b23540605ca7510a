"""All that is going on with the jobs of a home, read at one time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from roforlmao.schedule.documents import document, routine_document, slot_document
from roforlmao.schedule.jobs import Job, Jobs, LastRun
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
    to_announce: int = 0

    def as_json(self) -> dict[str, Any]:
        return {
            "fired_by": self.fired_by or None,
            "to_push": self.to_push,
            "to_announce": self.to_announce,
            "jobs": [document(job, last) for job, last in self.jobs],
            "open": [slot_document(slot) for slot in self.open],
            "past": [slot_document(slot) for slot in self.past],
            "routines": [routine_document(noted) for noted in self.routines],
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
