"""Experiments of peers, and one's own: repeat them once or by the clock."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from roforlmao.actions import choices, jobrule, parse, running, scheduling
from roforlmao.actions.base import Action, Answers, Parameter, Report
from roforlmao.actions.experimentwords import bounds, words
from roforlmao.actions.publishing import ALLOW_LOSS, DATE, LEAVE_OUT
from roforlmao.actions.vouching import VOUCHED, vouch
from roforlmao.errors import BadInput, Remedy, Untrusted
from roforlmao.experiment import Experiment
from roforlmao.progress import Progress
from roforlmao.schedule import wording
from roforlmao.schedule.rules import describe
from roforlmao.schedule.zones import machine_zone

if TYPE_CHECKING:
    from roforlmao.app import App


def run(
    app: App,
    progress: Progress,
    name: str,
    hub: str | None = None,
    accept: bool | str = False,
    vouched: bool | str = False,
    fail_on_anomaly: bool = False,
    **terms: Any,
) -> Report:
    found = _accepted(app, name, accept, vouched)
    report = running.run(
        app,
        progress,
        found.tool,
        found.command or None,
        found.args,
        tuple(found.env.items()),
        hub=hub or found.hub or None,
        fail_on_anomaly=fail_on_anomaly,
        experiment=found.reference,
        **terms,
    )
    return _held_against(found, report, fail=fail_on_anomaly)


def _held_against(found: Experiment, report: Report, *, fail: bool) -> Report:
    """The report with what was expected of the control metric."""
    verdict = report.data.get("verdict") or {}
    met = found.expects(verdict.get("value"))
    expected = {"low": found.low, "high": found.high, "met": met}
    report = dataclasses.replace(report, data={**report.data, "expected": expected})
    if met is not False:
        return report
    warning = f"The control metric is {verdict['value']:g}; {found.name} expects {bounds(found)}."
    status = 1 if fail and report.exit_status == 0 else report.exit_status
    return dataclasses.replace(report, warnings=[*report.warnings, warning], exit_status=status)


def schedule(
    app: App,
    progress: Progress,
    name: str,
    hub: str | None = None,
    sync: bool = False,
    accept: bool | str = False,
    vouched: bool | str = False,
    **when: str,
) -> Report:
    found = _accepted(app, name, accept, vouched)
    rule = {word: text for word, text in when.items() if text} or dict(found.rule)
    if not rule:
        raise BadInput(f"'{found.name}' does not say when to run.", "Give --rule daily, or --cron.")
    check_rule(app, rule)
    timing: dict[str, Any] = dict(rule)
    return scheduling.schedule(
        app,
        progress,
        found.tool,
        command=found.command or None,
        args=found.args,
        hub=hub or found.hub or None,
        sync=sync,
        env=tuple(found.env.items()),
        experiment=found.reference,
        **timing,
    )


def accept_own(app: App, published: Experiment) -> None:
    """One's own words need no second yes."""
    app.state.remember(_question(published), "yes")


def _accepted(app: App, name: str, accept: bool | str, vouched: bool | str) -> Experiment:
    """The experiment, once the operator has seen this revision. Errors: Untrusted, NotFound, BadInput."""
    found = app.catalog.experiment(name)
    vouch(app, found, vouched)
    if app.state.remembered(_question(found)) == "yes":
        return found
    if accept is not True and accept != found.fingerprint:
        raise Untrusted(
            f"You have not accepted revision {found.revision} of the experiment '{name}' yet.",
            "Look at what it runs.",
            remedy=Remedy("accept", found.fingerprint, "Run exactly this?", tuple(words(found))),
        )
    app.state.remember(_question(found), "yes")
    return found


def _question(found: Experiment) -> str:
    return f"accepted experiment {found.fingerprint}"


def check_rule(app: App, words: Mapping[str, str]) -> str:
    """Checks the words of a rule as if they had been typed. Errors: BadInput."""
    zone = words.get("timezone") or app.config.timezone or machine_zone(app.environ)
    return describe(
        wording.make_rule(zone, words.get("rule"), words.get("at"), words.get("on"), words.get("cron"))
    )


def _unattended(app: App, answers: Answers, yes: bool) -> Answers:
    """As for the tool that it runs: whether and where to sync is known before it starts."""
    found = app.catalog.experiment(answers["name"])
    hub = answers.get("hub") or found.hub or None
    told = running.unattended(app, {**answers, "name": found.tool, "hub": hub}, yes)
    return {**answers, "sync": told["sync"]}


NAME = Parameter("name", "the experiment", parse.experiment_name, choices=choices.experiments)
_HUB = Parameter("hub", "another hub than it says", parse.hub_name, "option", False, asked=False)
_ACCEPT = Parameter("accept", "run what it says without being asked", form="flag", asked=False)
RULE = Parameter(
    "rule", "how often: daily, weekly or monthly", wording.parse_kind, "option", False, asked=False
)
TIMING = tuple(
    dataclasses.replace(one, asked=False)
    for one in jobrule.timing(lambda _: False, lambda _app, _answers: "")
)
_RUN = (
    NAME,
    _HUB,
    DATE,
    Parameter("sync", "publish what it leaves", form="switch", required=False, asked=False),
    ALLOW_LOSS,
    LEAVE_OUT,
    _ACCEPT,
    VOUCHED,
    Parameter("trust", "trust the tool without being asked", form="flag", asked=False),
    Parameter("timeout", "end it after so long", parse.duration, "option", False, metavar="S", asked=False),
    Parameter("fail_on_anomaly", "exit 1 if the result is odd or not as expected", form="flag", asked=False),
)

ACTIONS = (
    Action("experiment", "run", "Run an experiment", run, _RUN, unattended=_unattended),
    Action(
        "experiment",
        "schedule",
        "Schedule an experiment",
        schedule,
        (
            NAME,
            _HUB,
            RULE,
            *TIMING,
            Parameter("sync", "push and announce what it leaves", form="flag", asked=False),
            _ACCEPT,
            VOUCHED,
        ),
        help="By its own rule, or by another. The job keeps what was accepted, whatever is published later.",
    ),
)
