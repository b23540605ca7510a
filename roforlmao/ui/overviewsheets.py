"""The pages of the scheduler's screen, as sheets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from roforlmao.schedule.jobs import Job, LastRun
from roforlmao.schedule.overview import Overview
from roforlmao.schedule.routine import Noted
from roforlmao.schedule.rules import describe
from roforlmao.schedule.slot import Slot
from roforlmao.text import counted
from roforlmao.ui.painted import Cell
from roforlmao.ui.sheet import Field, Rows, Sheet

_CAUSES = {"": "its rule", "now": "you"}


@dataclass(frozen=True)
class PageOf:
    """``keys_of`` names the records of a page, so that the pointer can stay on one."""

    title: str
    keys: Mapping[str, str]
    columns: Sequence[str]
    records: Callable[[Overview], Sequence[tuple[Job, LastRun | None] | Slot | Noted]]
    cells: Callable[[Overview, int, dt.datetime], Sequence[Cell]]
    card: Callable[[Overview, int, dt.datetime], Sequence[Field]]
    empty: str

    def sheet(self, shown: Overview, title: str, now: dt.datetime) -> Sheet:
        return Sheet(
            title,
            self.columns,
            Rows(len(self.records(shown)), lambda row: self.cells(shown, row, now)),
            lines=(_heading(shown),),
            card=lambda row: self.card(shown, row, now),
            empty=self.empty,
        )

    def keys_of(self, shown: Overview) -> list[object]:
        return [_key(record) for record in self.records(shown)]

    def slot(self, shown: Overview, row: int) -> Slot | None:
        """The slot on that row; None where it holds none."""
        found = self.records(shown)[row] if row >= 0 else None
        return found if isinstance(found, Slot) else None

    def job(self, shown: Overview, row: int) -> Job | None:
        """The job on that row, or that of its slot."""
        found = self.records(shown)[row] if row >= 0 else None
        if isinstance(found, Slot):
            return found.job
        return found[0] if isinstance(found, tuple) else None


def _key(record: tuple[Job, LastRun | None] | Slot | Noted) -> object:
    if isinstance(record, Slot):
        return record.key
    return record.name if isinstance(record, Noted) else record[0].number


def _heading(shown: Overview) -> str:
    running = [slot.job.plan.tool for slot in shown.open if slot.state == "running"]
    asking = sum(slot.state == "asking" for slot in shown.open)
    parts = [f"fired by {shown.fired_by}" if shown.fired_by else "no launcher fires"]
    parts += [f"running {', '.join(running)}"] if running else []
    parts += [f"{counted(asking, 'slot')} to answer for"] if asking else []
    parts += [f"{shown.to_push} to push"] if shown.to_push else []
    parts += [f"{shown.to_announce} to announce"] if shown.to_announce else []
    parts += (
        [f"history of {shown.tool or 'all'}, {shown.state or 'any'}"] if shown.tool or shown.state else []
    )
    return ", ".join(parts)


def _at(instant: int | None, now: dt.datetime) -> str:
    """The time of day, with the date where it is not today."""
    if instant is None:
        return ""
    at = dt.datetime.fromtimestamp(instant, now.tzinfo)
    return f"{at:%H:%M:%S}" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M}"


def _job_cells(shown: Overview, row: int, now: dt.datetime) -> Sequence[Cell]:
    job, last = shown.jobs[row]
    running = any(slot.job.number == job.number and slot.state == "running" for slot in shown.open)
    waits = "when data comes" if job.state == "active" else job.state
    following = "running" if running else _at(job.next_at, now) or waits
    outcome = _state(last.state) if last else ""
    return (
        f"{job.id} {job.plan.tool}",
        following,
        outcome,
        _at(last.started if last else None, now),
        describe(job.plan.rule),
        str(job.missed or ""),
    )


def _job_card(shown: Overview, row: int, now: dt.datetime) -> Sequence[Field]:
    job, last = shown.jobs[row]
    plan = job.plan
    again = f"{counted(plan.retries, 'time')}, first after {plan.backoff_s:g} s" if plan.retries else "no"
    fields = {
        "job": job.id,
        "tool": plan.tool,
        "command": " ".join((plan.command or "", *plan.args)).strip(),
        "rule": describe(plan.rule),
        "state": job.state,
        "next run": _at(job.next_at, now),
        "last run": f"{_at(last.started, now)} {last.state}" if last else "",
        "failures in a row": str(job.failures),
        "missed": str(job.missed),
        "shared duty": plan.duty or "no",
        "watchdog": plan.ping or "no",
        "announced under": f"{plan.hub or 'not said'}{'' if plan.sync else ' (commits, does not push)'}",
        "a missed slot": plan.catch_up or "as configured",
        "grace": "as configured" if plan.grace_s is None else f"{plan.grace_s:g} s",
        "tried again": again,
        "if its tool is busy": plan.busy,
        "time limit": "as configured" if plan.timeout_s is None else f"{plan.timeout_s:g} s",
    }
    return [Field(name, (value,)) for name, value in fields.items()]


def _slot_cells(slot: Slot, now: dt.datetime) -> Sequence[Cell]:
    waits = slot.state == "queued" and slot.not_before > now.timestamp()
    state = f"waits until {_at(slot.not_before, now)}" if waits else _state(slot.state)
    return (
        f"{slot.job.id} {slot.job.plan.tool}",
        state,
        _at(slot.scheduled_for, now),
        _at(slot.started, now),
        slot.reason,
        _CAUSES.get(slot.cause, slot.cause),
    )


def _slot_card(slot: Slot, now: dt.datetime) -> Sequence[Field]:
    fields = [
        ("job", slot.job.id),
        ("tool", slot.job.plan.tool),
        ("slot", _at(slot.scheduled_for, now)),
        ("called for by", _CAUSES.get(slot.cause, slot.cause)),
        ("state", slot.state),
        ("started", _at(slot.started, now)),
        ("run", slot.run),
        ("reason", slot.reason),
    ]
    for number, one in enumerate(slot.earlier, 1):
        fields.append((f"try {number}", f"{_at(one.started, now)} {one.state} {one.run} {one.reason}"))
    return [Field(name, (value,)) for name, value in fields]


def _routine_cells(noted: Noted, now: dt.datetime) -> Sequence[Cell]:
    following = _at(noted.next_at, now) or "all the time"
    return noted.name, following, _at(noted.last_at, now), noted.outcome


def _state(state: str) -> Cell:
    styles = {"succeeded": "class:new", "failed": "class:old", "timed-out": "class:old", "lost": "class:old"}
    return [(styles.get(state, ""), state)]


_NEXT = {"tab": "more"}
_SLOTS = ("job", "state", "slot", "started", "reason", "called for by")

PAGES = (
    PageOf(
        "Jobs",
        {
            "r": "run now",
            "p": "pause",
            "e": "edit",
            "x": "end",
            "w": "answer",
            "d": "stop",
            **_NEXT,
        },
        ("job", "next run", "last", "at", "rule", "missed"),
        lambda shown: shown.jobs,
        _job_cells,
        _job_card,
        "No jobs yet: `tool schedule` makes one.",
    ),
    PageOf(
        "Queue: what runs, waits and asks",
        {"l": "live log", "x": "end", "w": "answer", **_NEXT},
        _SLOTS,
        lambda shown: shown.open,
        lambda shown, row, now: _slot_cells(shown.open[row], now),
        lambda shown, row, now: _slot_card(shown.open[row], now),
        "Nothing runs or waits now.",
    ),
    PageOf(
        "History",
        {"f": "filter", "l": "log", "u": "push all", **_NEXT},
        _SLOTS,
        lambda shown: shown.past,
        lambda shown, row, now: _slot_cells(shown.past[row], now),
        lambda shown, row, now: _slot_card(shown.past[row], now),
        "Nothing of that kind yet.",
    ),
    PageOf(
        "By itself: what the launcher does beside the jobs",
        dict(_NEXT),
        ("what", "next", "last", "outcome"),
        lambda shown: shown.routines,
        lambda shown, row, now: _routine_cells(shown.routines[row], now),
        lambda shown, row, now: [
            Field(name, (value,))
            for name, value in zip(
                ("what", "next", "last", "outcome"), _routine_cells(shown.routines[row], now), strict=True
            )
        ],
        "Nothing yet.",
    ),
)
