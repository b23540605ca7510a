"""Running a tool, with the sync that belongs to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from roforlmao.actions import choices, parse
from roforlmao.actions.base import Action, Answers, Choice, FollowUp, Parameter, Report
from roforlmao.actions.publishing import ALLOW_LOSS, DATE, LEAVE_OUT, last_hub_of, publish_run
from roforlmao.actions.runreport import run_report
from roforlmao.errors import BadInput, RoforlmaoError
from roforlmao.models import Run
from roforlmao.progress import Progress

if TYPE_CHECKING:
    from roforlmao.app import App
    from roforlmao.runs.publish import Terms


def run(
    app: App,
    progress: Progress,
    name: str,
    command: str | None = None,
    args: Sequence[str] = (),
    env: Sequence[tuple[str, str]] = (),
    input: str | None = None,  # noqa: A002 - the verb's word for it
    hub: str | None = None,
    date: str | None = None,
    sync: bool | None = None,
    allow_loss: bool = False,
    leave_out: bool = False,
    trust: bool | str = False,
    timeout: float | None = None,
    fail_on_anomaly: bool = False,
    experiment: str = "",
) -> Report:
    from roforlmao.data.clones import find_directory
    from roforlmao.runs.pipeline import Order, execute
    from roforlmao.runs.publish import Terms

    limit = timeout or app.config.containers.of(name).timeout_s
    given = find_directory(input, app.places) if input else None
    order = Order(name, command, tuple(args), dict(env), limit, trust, given, experiment=experiment)
    done = execute(order, app.surroundings, progress)
    app.history.prune(app.config.keep_runs)
    policy = _policy(app, name)
    wanted = sync if sync is not None else policy == "auto" or bool(hub and policy == "ask")
    follow_up = None
    if done.state == "succeeded" and wanted:
        terms = Terms(hub or last_hub_of(app, name), date or done.started[:10], allow_loss, leave_out)
        return _synced(app, progress, done, terms, fail_on_anomaly=fail_on_anomaly)
    if done.state == "succeeded" and sync is None and policy == "ask" and done.data_path:
        follow_up = _offer(done, "Publish what it left?")
    return run_report(done, fail_on_anomaly=fail_on_anomaly, follow_up=follow_up)


def _synced(app: App, progress: Progress, done: Run, terms: Terms, *, fail_on_anomaly: bool) -> Report:
    """The run with its sync; a sync that failed is told in the run, not instead of it."""
    from roforlmao.runs.publish import failed_sync
    from roforlmao.runs.telling import tell_sync_failed

    try:
        published = publish_run(app, progress, done, terms)
        return run_report(published, fail_on_anomaly=fail_on_anomaly)
    except RoforlmaoError as error:
        failed = dataclasses.replace(done, sync=failed_sync(error, done))
        tell_sync_failed(done, error, app.notices)
        follow_up = _offer(failed, "Settle that now?", terms.hub) if error.remedy or not terms.hub else None
        report = run_report(failed, follow_up=follow_up)
        return dataclasses.replace(
            report, exit_status=error.exit_status, warnings=[f"{error.message} {error.hint}"]
        )


def _offer(run: Run, question: str, hub: str = "") -> FollowUp:
    answers = {"run_id": run.id, "hub": hub} if hub else {"run_id": run.id}
    odd = run.verdict is not None and run.verdict.state == "anomaly"
    return FollowUp("run", "sync", answers, question, safe=not odd, completes=True)


def _policy(app: App, name: str) -> str:
    return app.config.sync_datasets.get(name, app.config.sync_manual)


def unattended(app: App, answers: Answers, yes: bool) -> Answers:
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
    if wanted and not hub and not last_hub_of(app, answers["name"]):
        raise BadInput("It is not said under which hub to announce.", "Give --hub HUB, or --no-sync.")
    return {**answers, "sync": sync}


def _ways(app: App, answers: Answers) -> Sequence[Choice]:
    """A script's definition says what it takes; what an image takes is known to the operator alone."""
    from roforlmao.tools.install import get_installed

    as_it_is = Choice("", "As it is")
    if get_installed(answers["name"], app.places).kind == "script":
        return [as_it_is]
    return [as_it_is, Choice("more", "With arguments, variables or an input dataset")]


def _arguments(app: App, answers: Answers) -> Sequence[Choice] | None:
    declared = choices.arguments(app, answers)
    return [] if declared is None and not _with_more(answers) else declared


def _inputs(app: App, answers: Answers) -> Sequence[Choice]:
    return [Choice(None, "none"), *choices.local_datasets(app, answers)]


def _with_more(answers: Answers) -> bool:
    return bool(answers.get("how"))


_PARAMETERS = (
    Parameter("name", "the installed tool", parse.tool_name, choices=choices.installed_tools),
    Parameter("command", "which of its commands", parse.line, required=False, choices=choices.commands),
    Parameter("how", "how", form="menu", required=False, choices=_ways),
    Parameter(
        "args",
        "its arguments",
        parse.argument,
        required=False,
        many=True,
        metavar="ARG",
        each=_arguments,
    ),
    Parameter(
        "env", "a variable for the tool", parse.pair, "option", False, True, "NAME=VALUE", when=_with_more
    ),
    Parameter(
        "input",
        "a dataset that the tool reads",
        parse.line,
        "option",
        False,
        metavar="DATASET|PATH",
        choices=_inputs,
        when=_with_more,
    ),
    Parameter("hub", "the hub that the data is about", parse.hub_name, "option", False, asked=False),
    DATE,
    Parameter("sync", "publish what it leaves", form="switch", required=False, asked=False),
    ALLOW_LOSS,
    LEAVE_OUT,
    Parameter("trust", "trust what will run without being asked", form="flag", asked=False),
    Parameter("timeout", "end it after so long", parse.duration, "option", False, metavar="S", asked=False),
    Parameter("fail_on_anomaly", "exit 1 if the result is judged odd", form="flag", asked=False),
)

ACTIONS = (Action("tool", "run", "Run a tool", run, _PARAMETERS, unattended=unattended),)
