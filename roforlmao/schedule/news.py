"""What the scheduler tells, as a line for people and as fields for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from roforlmao.schedule.jobs import Job
from roforlmao.schedule.slot import Outcome, Slot
from roforlmao.schedule.zones import local_text
from roforlmao.text import counted, one_line


@dataclass(frozen=True)
class News:
    """``event``: firing, standing-by, ended, trouble, started, finished, waiting, retrying,
    asking, missed, skipped, paused, heard, notice."""

    event: str
    text: str
    fields: dict[str, Any] = field(default_factory=dict)

    def as_json(self, at: str) -> dict[str, Any]:
        return {"at": at, "event": self.event, "text": self.text, **self.fields}


def about(event: str, slot: Slot, text: str, **more: Any) -> News:
    """News of one slot."""
    fields = {
        "job": slot.job.id,
        "tool": slot.job.plan.tool,
        "scheduled_for": local_text(slot.scheduled_for, slot.job.plan.rule.timezone),
    }
    return News(event, f"{named(slot.job)} {text}", {**fields, **more})


def finished(slot: Slot, outcome: Outcome) -> News:
    reason = one_line(outcome.reason, 200).rstrip(".")
    text = f"{outcome.state}{': ' + reason if reason and outcome.state != 'succeeded' else ''}."
    return about("finished", slot, text, state=outcome.state, run=outcome.run, reason=reason)


def not_run(slots: Sequence[Slot]) -> News | None:
    """News of those slots of one job that will not run; None where there are none."""
    left = [slot for slot in slots if slot.state != "queued"]
    if not left:
        return None
    newest = left[-1]
    what = "asks about" if newest.state == "asking" else newest.state
    text = f"{what} {counted(len(left), 'slot')}: {newest.reason}."
    return about(newest.state, newest, text, count=len(left), reason=newest.reason)


def named(job: Job) -> str:
    return f"Job {job.id} ({job.plan.tool})"
