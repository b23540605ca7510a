"""Publishing what a run left, at once or later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from roforlmao.actions import choices, parse
from roforlmao.actions.base import Action, Answers, Parameter, Report
from roforlmao.actions.previewing import DRY_RUN, preview_of_run
from roforlmao.actions.runreport import sync_line, warnings_of
from roforlmao.models import Run, as_json
from roforlmao.progress import Progress

if TYPE_CHECKING:
    from roforlmao.app import App
    from roforlmao.runs.publish import Terms


def sync(
    app: App,
    progress: Progress,
    run_id: str,
    hub: str,
    date: str | None = None,
    allow_loss: bool = False,
    leave_out: bool = False,
    dry_run: bool = False,
) -> Report:
    from roforlmao.runs.publish import Terms

    found = app.history.get(run_id)
    if dry_run:
        return preview_of_run(app, found, progress)
    done = publish_run(app, progress, found, Terms(hub, date or found.started[:10], allow_loss, leave_out))
    return Report(as_json(done), lines=[sync_line(done)], warnings=warnings_of(done))


def publish_run(app: App, progress: Progress, run: Run, terms: Terms) -> Run:
    """Remembers the hub for the next time, and publishes."""
    from roforlmao.runs.publish import publish

    app.state.remember(_question(run.tool), terms.hub)
    return publish(run, terms, app.surroundings, progress)


def last_hub_of(app: App, tool: str) -> str:
    """The hub under which the tool's data was announced last; empty at first."""
    return app.state.remembered(_question(tool))


def _question(tool: str) -> str:
    return f"hub of {tool}"


def _last_hub(app: App, answers: Answers) -> str:
    return last_hub_of(app, app.history.get(answers["run_id"]).tool)


DATE = Parameter(
    "date", "announce under this day (default: the run's)", parse.date, "option", False, asked=False
)
ALLOW_LOSS = Parameter(
    "allow_loss", "publish although published data is lost by it", form="flag", asked=False
)
LEAVE_OUT = Parameter(
    "leave_out", "publish the rest; what would be lost stays as it is published", form="flag", asked=False
)

ACTIONS = (
    Action(
        "run",
        "sync",
        "Publish what a run left",
        sync,
        (
            Parameter("run_id", "the run's id", parse.line, metavar="ID", choices=choices.runs),
            Parameter("hub", "the hub that the data is about", parse.hub_name, "option", default=_last_hub),
            DATE,
            ALLOW_LOSS,
            LEAVE_OUT,
            DRY_RUN,
        ),
    ),
)
