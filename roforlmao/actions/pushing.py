"""Publishing all that scheduled runs committed, in one go."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from roforlmao.actions import parse
from roforlmao.actions.base import Action, Parameter, Report
from roforlmao.actions.publishing import last_hub_of, publish_run
from roforlmao.actions.runreport import warnings_of
from roforlmao.errors import BadInput, Cancelled, RoforlmaoError
from roforlmao.models import Run, Sync, as_json
from roforlmao.progress import Progress
from roforlmao.text import counted

if TYPE_CHECKING:
    from roforlmao.app import App

_FAILED = 3  # the exit status of a verb whose operation failed


def push_all(app: App, progress: Progress, hub: str | None = None) -> Report:
    app.outbox.round()
    waiting = app.history.waiting()
    done = []
    for number, run in enumerate(waiting, 1):
        progress.checkpoint()
        progress.start(f"Publishing {number} of {len(waiting)}: run {run.id} of {run.tool}")
        done.append(_published(app, progress, run, hub or ""))
    left = [run for run in done if run.sync is not None and run.sync.state != "pushed"]
    told = f"Published {counted(len(done) - len(left), 'run')}"
    told += f"; {counted(len(left), 'run')} could not be." if left else "."
    return Report(
        as_json(done),
        "Runs that waited",
        ("id", "tool", "sync", "announced as, or why not"),
        [[run.id, run.tool, run.sync.state, _announced(run.sync)] for run in done if run.sync],
        lines=[told],
        warnings=list(dict.fromkeys(warning for run in done for warning in warnings_of(run))),
        exit_status=_FAILED if left else 0,
    )


def _announced(sync: Sync) -> str:
    return "waits for the registry" if sync.waits else sync.reason or sync.key


def _published(app: App, progress: Progress, run: Run, hub: str) -> Run:
    """The run with how its sync ended; one that fails keeps no other from being published."""
    from roforlmao.runs.publish import Terms, failed_sync

    known = app.wishes.hub_of(run.id) or hub or last_hub_of(app, run.tool)
    try:
        if not known:
            raise BadInput("It is not said under which hub to announce: give --hub, here or to its job.")
        return publish_run(app, progress, run, Terms(known, run.started[:10]))
    except Cancelled:
        raise
    except RoforlmaoError as error:
        failed = dataclasses.replace(run, sync=failed_sync(error, run))
        app.history.save(failed, finished=True)
        return failed


ACTIONS = (
    Action(
        "run",
        "push-all",
        "Publish all that waits",
        push_all,
        (
            Parameter(
                "hub",
                "where neither job nor earlier sync says it: the hub that the data is about",
                parse.hub_name,
                "option",
                False,
                asked=False,
            ),
        ),
        help="Announces what waits for the registry, then publishes what scheduled runs committed. "
        "What fails is recorded; the rest goes on.",
    ),
)
