"""The scheduler itself: without menus, and what it does at the moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from roforlmao.actions import parse
from roforlmao.actions.base import Action, Parameter, Report
from roforlmao.actions.jobs import COLUMNS, job_row
from roforlmao.progress import Progress
from roforlmao.text import counted

if TYPE_CHECKING:
    from roforlmao.app import App
    from roforlmao.schedule.news import News

_LOOK_S = 60.0
_OPEN = {"running": "Running:", "queued": "Waiting:", "asking": "Asks for your word:"}


def run_scheduler(app: App, progress: Progress, seconds: float | None = None) -> Report:
    from roforlmao.attending import attendance_of

    def tell(news: News) -> None:
        progress.emit(news.as_json(app.now().isoformat(timespec="milliseconds")))

    scheduler, rounds = app.scheduler(tell), app.rounds()
    attendance = attendance_of(app, _teller(app, tell))
    progress.start("Firing scheduled jobs")
    scheduler.start()
    rounds.start()
    attendance.start()
    try:
        if seconds is not None:
            progress.wait(seconds)
        while seconds is None and not progress.wait(_LOOK_S):
            continue
    finally:
        attendance.stop()
        scheduler.stop()
        rounds.stop()
    progress.checkpoint()
    return Report(None, streamed=True)


def _teller(app: App, tell: Callable[[News], None]) -> Callable[[], None]:
    """Tells what came of the federation since it was called last."""
    from roforlmao.notices import MEMBER, TOLD_ONCE
    from roforlmao.schedule.news import News

    told = max((notice.id for notice in app.notices.newest()), default=0)

    def tell_new() -> None:
        nonlocal told
        for notice in reversed([one for one in app.notices.newest() if one.id > told]):
            told = notice.id
            if notice.kind in (*TOLD_ONCE, MEMBER):
                tell(News("notice", notice.text, {"kind": notice.kind}))

    return tell_new


def status(
    app: App, _progress: Progress, tool: str | None = None, state: str | None = None, limit: int = 200
) -> Report:
    found = app.overview(tool or "", state or "", limit)
    document = found.as_json()
    rows = [job_row(job, one) for (job, _), one in zip(found.jobs, document["jobs"], strict=True)]
    lines = [
        f"Fired by {found.fired_by}." if found.fired_by else "No launcher fires these jobs at the moment.",
        *(_slot_line(one) for one in document["open"]),
        *(_routine_line(one) for one in document["routines"]),
    ]
    if found.to_push:
        lines.append(f"{counted(found.to_push, 'run')} committed, not pushed: `run push-all`.")
    if found.to_announce:
        lines.append(f"{counted(found.to_announce, 'announcement')} waiting for the registry: `outbox list`.")
    return Report(document, "Jobs", COLUMNS, rows, lines=lines, brief=lines[:1], view=found)


def _slot_line(slot: Mapping[str, Any]) -> str:
    since = slot["started"] or slot["scheduled_for"]
    reason = f": {slot['reason']}" if slot["reason"] else ""
    return f"{_OPEN[slot['state']]} {slot['job']} ({slot['tool']}), since {since}{reason}."


def _routine_line(routine: Mapping[str, Any]) -> str:
    following = f"next {routine['next_run']}" if routine["next_run"] else "all the time"
    last = f"; last {routine['last_run']}: {routine['outcome']}" if routine["last_run"] else ""
    return f"By itself: {routine['name']}, {following}{last}."


ACTIONS = (
    Action(
        "scheduler",
        "run",
        "Fire scheduled jobs until stopped",
        run_scheduler,
        (Parameter("seconds", "end after so long", parse.duration, "option", False, spelled="for"),),
        help="Fires the scheduled jobs of this home in the foreground. With --json a line per event.",
    ),
    Action(
        "scheduler",
        "status",
        "Jobs, queue and history",
        status,
        (
            Parameter("tool", "history only of this tool", parse.tool_name, "option", False, asked=False),
            Parameter(
                "state", "history only of slots that ended so", parse.line, "option", False, asked=False
            ),
            Parameter(
                "limit",
                "at most so many slots of it",
                parse.number,
                "option",
                False,
                metavar="N",
                asked=False,
            ),
        ),
    ),
)
