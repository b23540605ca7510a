"""The scheduler itself: without menus, and what it does at the moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from roforlmao.actions import parse
from roforlmao.actions.base import Action, Parameter, Report
from roforlmao.progress import Progress

if TYPE_CHECKING:
    from roforlmao.app import App
    from roforlmao.schedule.news import News

_LOOK_S = 60.0


def run_scheduler(app: App, progress: Progress, seconds: float | None = None) -> Report:
    def tell(news: News) -> None:
        progress.emit(news.as_json(app.now().isoformat(timespec="milliseconds")))

    scheduler = app.scheduler(tell)
    progress.start("Firing scheduled jobs")
    scheduler.start()
    try:
        if seconds is not None:
            progress.wait(seconds)
        while seconds is None and not progress.wait(_LOOK_S):
            continue
    finally:
        scheduler.stop()
    progress.checkpoint()
    return Report(None, streamed=True)


ACTIONS = (
    Action(
        "scheduler",
        "run",
        "Fire scheduled jobs until stopped",
        run_scheduler,
        (Parameter("seconds", "end after so long", parse.duration, "option", False, spelled="for"),),
        help="Fires the scheduled jobs of this home in the foreground. With --json a line per event.",
    ),
)
