"""Runs: start one, publish what it left, look at the history."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.actions import choices, parse
from roforlmao.actions.base import Action, Answers, FollowUp, Parameter, Report
from roforlmao.errors import BadInput, RoforlmaoError
from roforlmao.models import Run, Sync, as_json
from roforlmao.progress import Progress
from roforlmao.text import counted, one_line

if TYPE_CHECKING:
    from roforlmao.app import App

_EXITS = {"succeeded": 0, "failed": 3, "timed-out": 3, "lost": 3, "cancelled": 130, "running": 3}
_COLUMNS = ("id", "tool", "state", "duration", "rows", "verdict", "sync")


def run(
    app: App,
    progress: Progress,
    name: str,
    command: str | None = None,
    args: Sequence[str] = (),
    env: Sequence[tuple[str, str]] = (),
    hub: str | None = None,
    date: str | None = None,
    sync: bool | None = None,
    allow_loss: bool = False,
    trust: bool | str = False,
    timeout: float | None = None,
    fail_on_anomaly: bool = False,
) -> Report:
    from roforlmao.runs.pipeline import Order, execute

    order = Order(name, command, tuple(args), dict(env), timeout or app.config.run_timeout_s, trust)
    done = execute(order, app.surroundings, progress)
    app.history.prune(app.config.keep_runs)
    policy = _policy(app, name)
    wanted = sync if sync is not None else policy == "auto" or bool(hub and policy == "ask")
    if done.state == "succeeded" and wanted:
        return _synced(app, progress, done, hub, date, allow_loss=allow_loss, anomaly=fail_on_anomaly)
    offer = done.state == "succeeded" and sync is None and policy == "ask" and done.data_path
    follow = _offer(done) if offer else None
    return _report(done, fail_on_anomaly, follow)


def _offer(run: Run) -> FollowUp:
    return FollowUp("run", "sync", {"run_id": run.id}, "Publish what it left?", completes=True)


def _synced(
    app: App,
    progress: Progress,
    done: Run,
    hub: str | None,
    date: str | None,
    *,
    allow_loss: bool,
    anomaly: bool,
) -> Report:
    """The run with its sync; a sync that failed is told in the run, not instead of it."""
    from roforlmao.runs.publish import failed_sync

    hub = hub or app.state.remembered(f"hub of {done.tool}")
    try:
        if not hub:
            raise BadInput("It is not said under which hub to announce.", "Give --hub.")
        return _report(_publish(app, progress, done, hub, date, allow_loss=allow_loss), anomaly)
    except RoforlmaoError as error:
        failed = dataclasses.replace(done, sync=failed_sync(error))
        report = _report(failed, anomaly, _another_try(failed, hub, error))
        app.notices.add("sync", f"The data of run {done.id} ({done.tool}) is not published: {error.message}")
        hint = f"{error.message} {error.hint}"
        return dataclasses.replace(report, exit_status=error.exit_status, warnings=[hint])


def _another_try(run: Run, hub: str, error: RoforlmaoError) -> FollowUp | None:
    if error.remedy is None:
        return None
    answers = {"run_id": run.id, "hub": hub, error.remedy.parameter: error.remedy.value}
    return FollowUp("run", "sync", answers, error.remedy.question, error.remedy.details, False, True)


def _publish(app: App, progress: Progress, run: Run, hub: str, date: str | None, *, allow_loss: bool) -> Run:
    from roforlmao.runs.publish import publish

    app.state.remember(f"hub of {run.tool}", hub)
    return publish(run, hub, date or run.started[:10], app.surroundings, progress, allow_loss=allow_loss)


def sync(
    app: App, progress: Progress, run_id: str, hub: str, date: str | None = None, allow_loss: bool = False
) -> Report:
    done = app.history.get(run_id)
    shared = _publish(app, progress, done, hub, date, allow_loss=allow_loss)
    return Report(as_json(shared), lines=[_sync_line(shared)])


def history(app: App, _progress: Progress, tool: str | None = None, limit: int = 50) -> Report:
    found = app.history.newest(tool or "", limit)
    return Report(as_json(found), "Runs, newest first", _COLUMNS, [_row(item) for item in found])


def show(app: App, _progress: Progress, run_id: str) -> Report:
    return _report(app.history.get(run_id), False, shown=True)


def log(app: App, progress: Progress, run_id: str, follow: bool = False) -> Report:
    from roforlmao.runs.logs import follow_log, read_log

    found = app.history.get(run_id)
    if follow:
        follow_log(found, app.history, progress)
        return Report({"id": run_id, "log": found.log})
    text = read_log(Path(found.log))
    return Report({"id": run_id, "log": found.log, "text": text}, lines=text.splitlines())


def _row(run: Run) -> list[str]:
    duration = "" if run.duration_s is None else f"{run.duration_s:.1f} s"
    rows = "" if run.rows is None else f"{run.rows:,}"
    verdict = run.verdict.state if run.verdict else ""
    return [run.id, run.tool, run.state, duration, rows, verdict, run.sync.state if run.sync else ""]


def _report(
    run: Run, fail_on_anomaly: bool, follow: FollowUp | None = None, *, shown: bool = False
) -> Report:
    status = 0 if shown else _EXITS[run.state]
    if status == 0 and fail_on_anomaly and run.verdict and run.verdict.state == "anomaly":
        status = 1
    lines = [*_lines(run), *run.report.splitlines()]
    brief = () if shown else _lines(run)
    return Report(as_json(run), lines=lines, brief=brief, exit_status=status, follow_up=follow)


def _lines(run: Run) -> list[str]:
    exit_code = f" with exit code {run.exit_code}" if run.exit_code else ""
    took = "" if run.duration_s is None else f" after {run.duration_s:.1f} s"
    lines = [f"Run {run.id}: {run.tool} {run.command} {run.state}{exit_code}{took}."]
    if run.verdict:
        lines.append(f"Verdict: {run.verdict.state}. {run.verdict.reason}")
    lines.append(f"Log: {run.log}")
    return [*lines, _sync_line(run)] if run.sync else lines


def _sync_line(run: Run) -> str:
    sync = run.sync or Sync("skipped")
    if sync.state == "pushed":
        rows = "" if run.rows is None else f"{counted(run.rows, 'row')} "
        return f"Published: {rows}as {sync.commit[:12]}, announced as {sync.key}."
    return f"Published: no ({sync.state}: {one_line(sync.reason, 300)})."


def _policy(app: App, name: str) -> str:
    return app.config.sync_datasets.get(name, app.config.sync_manual)


def _unattended_run(app: App, answers: Answers, yes: bool) -> Answers:
    """Whether and where to sync must be known before the tool starts."""
    policy, sync = _policy(app, answers["name"]), answers.get("sync")
    hub = answers.get("hub")
    if sync is None and policy == "ask" and not hub:
        if not yes:
            raise BadInput(
                "It is not said whether to publish what the run leaves.",
                "Give --sync --hub HUB, or --no-sync.",
            )
        sync = True
    wanted = sync if sync is not None else policy == "auto"
    if wanted and not hub and not app.state.remembered(f"hub of {answers['name']}"):
        raise BadInput("It is not said under which hub to announce.", "Give --hub HUB, or --no-sync.")
    return {**answers, "sync": sync}


def _last_hub(app: App, answers: Answers) -> str:
    return app.state.remembered(f"hub of {app.history.get(answers['run_id']).tool}")


RUN_ID = Parameter("run_id", "the run's id", parse.line, metavar="ID", choices=choices.runs)
HUB = Parameter(
    "hub", "the hub that the data is about", parse.hub_name, form="option", required=False, asked=False
)
DATE = Parameter(
    "date",
    "announce under this day (default: the run's)",
    parse.date,
    form="option",
    required=False,
    asked=False,
)
ALLOW_LOSS = Parameter(
    "allow_loss", "publish although published data is lost by it", form="flag", required=False, asked=False
)

ACTIONS = (
    Action(
        "tool",
        "run",
        "Run a tool",
        run,
        (
            Parameter("name", "the installed tool", parse.tool_name, choices=choices.installed_tools),
            Parameter(
                "command", "which of its commands", parse.line, required=False, choices=choices.commands
            ),
            Parameter(
                "args",
                "its arguments, one by one",
                parse.argument,
                required=False,
                many=True,
                metavar="ARG",
                each=choices.arguments,
            ),
            Parameter(
                "env", "a variable for the tool", parse.pair, "option", False, True, "NAME=VALUE", asked=False
            ),
            HUB,
            DATE,
            Parameter("sync", "publish what it leaves", form="switch", required=False, asked=False),
            ALLOW_LOSS,
            Parameter("trust", "trust what will run without being asked", form="flag", asked=False),
            Parameter(
                "timeout", "end it after so long", parse.duration, "option", False, metavar="S", asked=False
            ),
            Parameter("fail_on_anomaly", "exit 1 if the result is judged odd", form="flag", asked=False),
        ),
        unattended=_unattended_run,
    ),
    Action(
        "run",
        "list",
        "History of runs",
        history,
        (
            Parameter("tool", "only of this tool", parse.tool_name, "option", False, asked=False),
            Parameter("limit", "at most so many", parse.number, "option", False, metavar="N", asked=False),
        ),
    ),
    Action("run", "show", "One run with its report", show, (RUN_ID,)),
    Action(
        "run",
        "log",
        "The log of a run",
        log,
        (
            RUN_ID,
            Parameter("follow", "go on until the run ends", form="flag", asked=False),
        ),
    ),
    Action(
        "run",
        "sync",
        "Publish what a run left",
        sync,
        (
            RUN_ID,
            Parameter("hub", "the hub that the data is about", parse.hub_name, "option", default=_last_hub),
            DATE,
            ALLOW_LOSS,
        ),
    ),
)
