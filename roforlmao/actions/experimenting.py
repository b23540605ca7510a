"""Experiments: publish a run configuration, look at peers' ones, repeat them once or by the clock."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from roforlmao.actions import choices, jobrule, parse, running, scheduling
from roforlmao.actions.base import Action, Answers, Parameter, Report
from roforlmao.actions.experimentwords import bounds, card, document, rule_words, words
from roforlmao.actions.publishing import ALLOW_LOSS, DATE, LEAVE_OUT
from roforlmao.actions.vouching import VOUCHED, standing, vouch
from roforlmao.errors import BadInput, NotFound, Remedy, Untrusted
from roforlmao.experiment import RULE_WORDS, Experiment
from roforlmao.progress import Progress
from roforlmao.schedule import wording
from roforlmao.schedule.rules import describe
from roforlmao.schedule.zones import machine_zone
from roforlmao.text import one_line

if TYPE_CHECKING:
    from roforlmao.app import App

T = TypeVar("T")

_TABLE = ("name", "tool", "command", "rule", "published by", "revision", "description")


def get(app: App, _progress: Progress, name: str | None = None) -> Report:
    if name:
        found = app.catalog.experiment(name)
        signed = standing(app, found, found.registered_by)
        rows = [*card(found), ["signature", signed.words]]
        return Report({**document(found), **signed.document}, f"Experiment {name}", ("", ""), rows)
    entries = app.catalog.experiments()
    rows = [
        [
            one_line(text, 100)
            for text in (e.name, e.tool, e.command, rule_words(e), e.registered_by, e.revision)
        ]
        + [one_line(e.description, 200)]
        for e in entries.good
    ]
    warnings = [f"{refusal.key}: {refusal.reason}" for refusal in entries.refused]
    return Report([document(e) for e in entries.good], "Experiments", _TABLE, rows, warnings=warnings)


def add(
    app: App,
    _progress: Progress,
    name: str,
    tool: str,
    command: str | None = None,
    args: Sequence[str] = (),
    env: Sequence[tuple[str, str]] = (),
    hub: str | None = None,
    low: float | None = None,
    high: float | None = None,
    description: str | None = None,
    replace: bool = False,
    **when: str,
) -> Report:
    app.catalog.tool(tool)  # a peer has to be able to install it
    rule = {word: when[word] for word in RULE_WORDS if when.get(word)}
    if rule:
        _rule(app, rule)
    wanted = Experiment(
        name, tool, command or "", tuple(args), dict(env), rule, hub or "", low, high, description or ""
    )
    taken = _taken(app, name)
    if taken is not None and not replace:
        raise _exists(taken, app.operator)
    added = app.catalog.add_experiment(wanted, replace=replace)
    app.state.remember(_question(added), "yes")  # one's own words need no second yes
    return Report(document(added), lines=[f"Published {name}, revision {added.revision}."])


def _taken(app: App, name: str) -> Experiment | None:
    try:
        return app.catalog.experiment(name)
    except NotFound:
        return None


def _exists(taken: Experiment, operator: str) -> BadInput:
    owner = taken.registered_by or "somebody"
    own = owner == operator
    question = (
        "Publish a new revision of it?" if own else f"Overwrite the experiment of {one_line(owner, 100)}?"
    )
    return BadInput(
        f"The experiment '{taken.name}' is there already, by {one_line(owner, 100)}.",
        "Choose another name.",
        remedy=Remedy("replace", True, question, tuple(words(taken)), safe=own),
    )


def remove(app: App, _progress: Progress, name: str) -> Report:
    removed = app.catalog.remove_experiment(name)
    return Report(document(removed), lines=[f"{name} is no longer published. Jobs made from it go on."])


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
    _rule(app, rule)
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


def _accepted(app: App, name: str, accept: bool | str, vouched: bool | str) -> Experiment:
    """The experiment, once the operator has seen this revision. Errors: Untrusted, NotFound, BadInput."""
    found = app.catalog.experiment(name)
    vouch(app, found, found.registered_by, vouched)
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


def _rule(app: App, words: Mapping[str, str]) -> str:
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


def _of_tool(offer: Callable[[App, Answers], T]) -> Callable[[App, Answers], T]:
    """What is offered for a tool's ``name``, where that is an answer of another name."""
    return lambda app, answers: offer(app, {**answers, "name": answers["tool"]})


_NAME = Parameter("name", "the experiment", parse.experiment_name, choices=choices.experiments)
_HUB = Parameter("hub", "another hub than it says", parse.hub_name, "option", False, asked=False)
_ACCEPT = Parameter("accept", "run what it says without being asked", form="flag", asked=False)
_RULE = Parameter(
    "rule", "how often: daily, weekly or monthly", wording.parse_kind, "option", False, asked=False
)
_TIMING = tuple(
    dataclasses.replace(one, asked=False)
    for one in jobrule.timing(lambda _: False, lambda _app, _answers: "")
)
_BOUND = "of the control metric (empty: none)"

_ADD = (
    Parameter("name", "its name", parse.experiment_name),
    Parameter("tool", "the registered tool", parse.tool_name, choices=choices.installed_tools),
    Parameter("command", "which of its commands", parse.line, required=False,
              choices=_of_tool(choices.commands)),
    Parameter("args", "its arguments, one by one", parse.argument, required=False, many=True, metavar="ARG",
              each=_of_tool(choices.arguments)),
    Parameter("env", "a variable for the tool; no secrets", parse.pair, "option", False, True, "NAME=VALUE",
              asked=False),
    Parameter("hub", "the hub that the data is about", parse.hub_name, "option", False),
    Parameter("low", f"least expected value {_BOUND}", parse.bound, "option", False, metavar="X"),
    Parameter("high", f"greatest expected value {_BOUND}", parse.bound, "option", False, metavar="X"),
    Parameter("description", "description, in one line", parse.line, "option", False),
    _RULE,
    *_TIMING,
    Parameter("replace", "also where it is there already", form="flag", asked=False),
)  # fmt: skip

_RUN = (
    _NAME,
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
    Action(
        "experiment",
        "get",
        "Published experiments",
        get,
        (dataclasses.replace(_NAME, required=False, asked=False),),
    ),
    Action(
        "experiment",
        "add",
        "Publish an experiment",
        add,
        _ADD,
        help="Publishes a tool with command, arguments, variables, rule, hub and the expected range of its "
        "control metric, so that peers can run the very same. Everybody reads it: no secrets.",
    ),
    Action("experiment", "remove", "Remove an experiment", remove, (_NAME,), destructive=True),
    Action("experiment", "run", "Run an experiment", run, _RUN, unattended=_unattended),
    Action(
        "experiment",
        "schedule",
        "Schedule an experiment",
        schedule,
        (
            _NAME,
            _HUB,
            _RULE,
            *_TIMING,
            Parameter("sync", "push and announce what it leaves", form="flag", asked=False),
            _ACCEPT,
            VOUCHED,
        ),
        help="By its own rule, or by another. The job keeps what was accepted, whatever is published later.",
    ),
)
