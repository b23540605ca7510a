"""Jobs, slots and routines as programs get them."""

from __future__ import annotations

from typing import Any

from roforlmao.schedule.jobs import Job, LastRun
from roforlmao.schedule.routine import Noted
from roforlmao.schedule.rules import label
from roforlmao.schedule.slot import Slot
from roforlmao.schedule.zones import local_text


def document(job: Job, last: LastRun | None) -> dict[str, Any]:
    """The job as the interface writes it, with times in the job's own zone."""
    rule = job.plan.rule
    return {
        "id": job.id,
        "tool": job.plan.tool,
        "command": job.plan.command,
        "args": list(job.plan.args),
        "rule": label(rule),
        "at": rule.at or None,
        "timezone": rule.timezone,
        "hub": job.plan.hub or None,
        "sync": job.plan.sync,
        "grace_s": job.plan.grace_s,
        "catch_up": job.plan.catch_up,
        "retries": job.plan.retries,
        "backoff_s": job.plan.backoff_s,
        "busy": job.plan.busy,
        "timeout_s": job.plan.timeout_s,
        "ping": job.plan.ping or None,
        "duty": job.plan.duty or None,
        "experiment": job.plan.experiment or None,
        "state": job.state,
        "next_run": local_text(job.next_at, rule.timezone),
        "last_run": local_text(last.started, rule.timezone) if last else None,
        "last_state": last.state if last else None,
        "missed": job.missed,
    }


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


def routine_document(noted: Noted) -> dict[str, Any]:
    """What is known of a routine, with times in UTC."""
    return {
        "name": noted.name,
        "next_run": local_text(noted.next_at, "UTC"),
        "last_run": local_text(noted.last_at, "UTC"),
        "outcome": noted.outcome,
    }
