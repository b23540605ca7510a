"""Jobs: tools that run by the clock, and the scheduler without menus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from roforlmao.actions import choices, parse
from roforlmao.actions.base import Action, Answers, Choice, Parameter, Report
from roforlmao.actions.publishing import last_hub_of
from roforlmao.errors import BadInput
from roforlmao.progress import Progress
from roforlmao.schedule import wording
from roforlmao.schedule.rules import WEEKDAYS, check_cron, describe
from roforlmao.schedule.zones import check_zone, machine_zone
from roforlmao.text import one_line

if TYPE_CHECKING:
    from roforlmao.app import App
    from roforlmao.schedule.jobs import Job
    from roforlmao.schedule.news import News

_LOOK_S = 60.0


def schedule(
    app: App,
    _progress: Progress,
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
) -> Report:
    from roforlmao.schedule.jobs import Plan

    zone = timezone or app.config.timezone or machine_zone(app.environ)
    made = wording.make_rule(zone, rule, at, on, cron, every)
    _check_order(app, name, command, args)
    hub = hub or (last_hub_of(app, name) if sync else "")
    if sync and not hub:
        raise BadInput("It is not said under which hub to announce.", "Give --hub HUB.")
    job = app.jobs.add(Plan(name, made, command, tuple(args), hub, sync), app.now())
    told = f"Job {job.id}: {name} runs {describe(made)}; next {_document(app, job)['next_run']}."
    where = "Jobs fire while the menus are open somewhere, or under `scheduler run`."
    return Report(_document(app, job), lines=[told, where])


def _check_order(app: App, name: str, command: str | None, args: Sequence[str]) -> None:
    """What could be told at the first run is told at once. Errors: NotFound, BadInput."""
    from roforlmao.runs.pipeline import Order, command_of
    from roforlmao.tools import install

    installed = install.get_installed(name, app.places)
    chosen = command_of(installed, Order(name, command))
    install.argv(chosen, tuple(args), installed.path)


def list_scheduled(app: App, _progress: Progress) -> Report:
    documents = [_document(app, job) for job in app.jobs.all()]
    rows = [
        [
            found["id"],
            found["tool"],
            describe(job.plan.rule),
            found["next_run"] or job.state,
            found["last_run"] or "",
            found["last_state"] or "",
            str(job.missed or ""),
        ]
        for found, job in zip(documents, app.jobs.all(), strict=True)
    ]
    columns = ("id", "tool", "rule", "next run", "last run", "outcome", "missed")
    return Report(documents, "Scheduled jobs", columns, rows)


def stop(app: App, _progress: Progress, job: str) -> Report:
    return _changed(app, app.jobs.stop(app.jobs.find(job)), "is stopped for good")


def pause(app: App, _progress: Progress, job: str) -> Report:
    return _changed(app, app.jobs.pause(app.jobs.find(job)), "is paused")


def resume(app: App, _progress: Progress, job: str) -> Report:
    found = app.jobs.find(job)
    if found.state == "paused":
        found = app.jobs.resume(found, app.now())
    return _changed(app, found, f"goes on; next {_document(app, found)['next_run']}")


def _changed(app: App, job: Job, what: str) -> Report:
    return Report(_document(app, job), lines=[f"Job {job.id} ({job.plan.tool}) {what}."])


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


def _document(app: App, job: Job) -> dict[str, Any]:
    from roforlmao.schedule.jobs import document

    return document(job, app.jobs.last_run(job))


def _jobs(app: App, *states: str) -> Sequence[Choice]:
    return [
        Choice(job.id, f"{job.id}  {job.plan.tool}", one_line(describe(job.plan.rule), 60))
        for job in app.jobs.all()
        if job.state in states
    ]


def _rules(_app: App, _answers: Answers) -> Sequence[Choice]:
    every = [Choice(kind, kind) for kind in wording.KINDS]
    return [*every, Choice(None, "by a cron expression")]


def _days(_app: App, answers: Answers) -> Sequence[Choice]:
    if answers.get("rule") == "weekly":
        return [Choice(day, day) for day in WEEKDAYS]
    short = "the last day where the month is shorter"
    return [Choice(str(day), str(day), short if day > 28 else "") for day in range(1, 32)]


_SCHEDULE = (
    Parameter("name", "the installed tool", parse.tool_name, choices=choices.installed_tools),
    Parameter(
        "rule", "how often: daily, weekly or monthly", wording.parse_kind, required=False, choices=_rules
    ),
    Parameter(
        "cron",
        "five fields, such as '30 7 * * 1'",
        check_cron,
        "option",
        False,
        metavar="EXPR",
        when=lambda answers: not answers.get("rule"),
    ),
    Parameter(
        "on",
        "on which day: mon, or 1 to 31 (the last day where the month is shorter)",
        wording.parse_on,
        "option",
        False,
        metavar="DAY",
        choices=_days,
        when=lambda answers: answers.get("rule") in ("weekly", "monthly"),
    ),
    Parameter(
        "at",
        "at what time (default: 00:00)",
        wording.parse_at,
        "option",
        False,
        metavar="HH:MM",
        default=lambda _app, _answers: "00:00",
        when=lambda answers: bool(answers.get("rule")),
    ),
    Parameter(
        "timezone",
        "of which time zone (default: the configuration's, or the machine's)",
        check_zone,
        "option",
        False,
        metavar="TZ",
        asked=False,
    ),
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
    Parameter("hub", "the hub that the data is about", parse.hub_name, "option", False, asked=False),
    Parameter("sync", "push and announce what it leaves, not only commit it", form="flag", asked=False),
    Parameter(
        "every", "for trying out: so many seconds", parse.duration, "option", False, metavar="S", asked=False
    ),
)


def _job(*states: str) -> Parameter:
    return Parameter(
        "job",
        "the job's id, or its tool",
        parse.line,
        metavar="NAME|JOB",
        choices=lambda app, _answers: _jobs(app, *states),
    )


ACTIONS = (
    Action("tool", "schedule", "Schedule a tool", schedule, _SCHEDULE),
    Action("tool", "list-scheduled", "Scheduled jobs", list_scheduled),
    Action("tool", "stop", "Stop a job", stop, (_job("active", "paused"),), destructive=True),
    Action("tool", "pause", "Pause a job", pause, (_job("active"),)),
    Action("tool", "resume", "Resume a job", resume, (_job("paused"),)),
    Action(
        "scheduler",
        "run",
        "Fire scheduled jobs until stopped",
        run_scheduler,
        (Parameter("seconds", "end after so long", parse.duration, "option", False, spelled="for"),),
        help="Fires the scheduled jobs of this home in the foreground. With --json a line per event.",
    ),
)
