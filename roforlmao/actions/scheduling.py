"""Making a job that runs a tool by the clock, and changing it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from roforlmao.actions import calledfor, choices, jobrule, parse
from roforlmao.actions.base import Action, Answers, Choice, Parameter, Report
from roforlmao.actions.jobs import changed, job_parameter
from roforlmao.actions.publishing import last_hub_of
from roforlmao.errors import BadInput
from roforlmao.progress import Progress
from roforlmao.schedule import wording
from roforlmao.schedule.rules import describe
from roforlmao.schedule.zones import machine_zone
from roforlmao.text import one_line

if TYPE_CHECKING:
    from roforlmao.app import App
    from roforlmao.schedule.jobs import Plan


def schedule(
    app: App,
    progress: Progress,
    name: str,
    rule: str | None = None,
    at: str | None = None,
    on: str | None = None,
    timezone: str | None = None,
    command: str | None = None,
    args: Sequence[str] = (),
    hub: str | None = None,
    sync: bool = False,
    cron: str | None = None,
    every: float | None = None,
    when_hub: str | None = None,
    when_dataset: str | None = None,
    gap: float | None = None,
    env: Sequence[tuple[str, str]] = (),
    experiment: str = "",
    **manner: Any,
) -> Report:
    from roforlmao.schedule.jobs import Plan

    zone = timezone or app.config.timezone or machine_zone(app.environ)
    made = wording.event_rule(
        zone, when_hub, when_dataset, gap, by_clock=bool(rule or at or on or cron or every)
    ) or wording.make_rule(zone, rule, at, on, cron, every)
    manners = {**jobrule.manner_of(manner), "env": tuple(env), "experiment": experiment}
    plan = _checked(app, Plan(name, made, command, tuple(args), hub or "", sync, **manners))
    known = calledfor.heard_so_far(app, plan, progress)
    job = app.jobs.add(plan, app.now())
    calledfor.listen(app, job, known)
    report = changed(app, job, "")
    following = f"; next {report.data['next_run']}" if job.next_at is not None else ""
    told = f"Job {job.id}: {name} runs {describe(made)}{following}."
    where = "Jobs fire while the menus are open somewhere, or under `scheduler run`."
    return dataclasses.replace(report, lines=[told, where])


def edit(
    app: App,
    _progress: Progress,
    job: str,
    rule: str | None = None,
    at: str | None = None,
    on: str | None = None,
    timezone: str | None = None,
    command: str | None = None,
    args: Sequence[str] | None = None,
    hub: str | None = None,
    sync: bool | None = None,
    cron: str | None = None,
    every: float | None = None,
    **manner: Any,
) -> Report:
    found = app.jobs.find(job)
    old = found.plan
    plan = dataclasses.replace(
        old,
        rule=wording.changed_rule(old.rule, timezone, rule, at, on, cron, every),
        command=command or old.command,
        args=tuple(args) if args is not None else () if command else old.args,
        hub=hub or old.hub,
        sync=old.sync if sync is None else sync,
        **jobrule.manner_of(manner),
    )
    edited = app.jobs.edit(found, _checked(app, plan), app.now())
    return changed(app, edited, f"runs {describe(edited.plan.rule)} from now on")


def _checked(app: App, plan: Plan) -> Plan:
    """What could be told at the first run is told at once. Errors: NotFound, BadInput."""
    from roforlmao.runs.pipeline import Order
    from roforlmao.runs.task import check
    from roforlmao.tools import install

    check(install.get_installed(plan.tool, app.places), Order(plan.tool, plan.command, plan.args))
    plan = calledfor.shared(plan)
    hub = plan.hub or (last_hub_of(app, plan.tool) if plan.sync else "")
    if plan.sync and not hub:
        raise BadInput("It is not said under which hub to announce.", "Give --hub HUB.")
    calledfor.agree(app, plan)
    return dataclasses.replace(plan, hub=hub)


def _rules(_app: App, _answers: Answers) -> Sequence[Choice]:
    every = [Choice(kind, kind) for kind in wording.KINDS]
    return [*every, Choice(None, "by a cron expression, or when data comes")]


def _new_rules(app: App, answers: Answers) -> Sequence[Choice]:
    present = one_line(describe(app.jobs.find(answers["job"]).plan.rule), 60)
    every = [Choice(kind, kind) for kind in wording.KINDS]
    return [Choice(None, "as it is", present), *every, Choice("cron", "by a cron expression")]


def _present(field: str) -> Callable[[App, Answers], str]:
    """What a job has for that field of its plan, as it would be typed."""

    def text(app: App, answers: Answers) -> str:
        value = getattr(app.jobs.find(answers["job"]).plan, field)
        return "default" if value is None else f"{value:g}" if isinstance(value, float) else str(value)

    return text


def _present_time(app: App, answers: Answers) -> str:
    return app.jobs.find(answers["job"]).plan.rule.at or "00:00"


def _last_hub(app: App, answers: Answers) -> str:
    return last_hub_of(app, answers["name"])


def _hub(default: Callable[[App, Answers], str]) -> Parameter:
    help_ = "the hub that the data is about, or nothing"
    return Parameter("hub", help_, parse.hub_name, "option", False, default=default)


_SCHEDULE = (
    Parameter("name", "the installed tool", parse.tool_name, choices=choices.installed_tools),
    Parameter(
        "rule", "how often: daily, weekly or monthly", wording.parse_kind, required=False, choices=_rules
    ),
    *jobrule.timing(lambda answers: not answers.get("rule"), lambda _app, _answers: "00:00"),
    *calledfor.SOURCES,
    Parameter("command", "which of its commands", parse.line, "option", False, choices=choices.commands),
    Parameter(
        "args",
        "an argument of it",
        parse.argument,
        "option",
        False,
        True,
        each=choices.arguments,
        spelled="arg",
        metavar="A",
    ),
    _hub(_last_hub),
    Parameter("sync", "push and announce what it leaves, not only commit it", form="flag", asked=False),
    jobrule.EVERY,
    *jobrule.manner(),
    calledfor.PING,
    calledfor.DUTY,
)
_EDIT = (
    job_parameter("active", "paused"),
    Parameter(
        "rule",
        "how often: daily, weekly, monthly or cron",
        wording.parse_new_kind,
        required=False,
        choices=_new_rules,
    ),
    *jobrule.timing(lambda answers: answers.get("rule") == "cron", _present_time),
    Parameter("command", "another of its commands", parse.line, "option", False, asked=False),
    Parameter(
        "args",
        "an argument of it, in place of all there were",
        parse.argument,
        "option",
        False,
        True,
        spelled="arg",
        metavar="A",
        asked=False,
    ),
    _hub(_present("hub")),
    Parameter(
        "sync",
        "push and announce what it leaves, not only commit it",
        form="switch",
        required=False,
        asked=False,
    ),
    jobrule.EVERY,
    *jobrule.manner(_present),
    calledfor.PING,
    calledfor.DUTY,
)

ACTIONS = (
    Action("tool", "schedule", "Schedule a tool", schedule, _SCHEDULE),
    Action(
        "tool",
        "edit-scheduled",
        "Change a job",
        edit,
        _EDIT,
        help="Changes what is given and leaves the rest. What runs now ends as it began.",
    ),
)
