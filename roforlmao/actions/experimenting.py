"""Experiments: publish a run configuration, look at peers' ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from roforlmao.actions import choices, parse
from roforlmao.actions.base import Action, Answers, Parameter, Report
from roforlmao.actions.experimentwords import card, document, rule_words, words
from roforlmao.actions.repeating import NAME, RULE, TIMING, accept_own, check_rule
from roforlmao.actions.taken import OTHERS, must_be_own
from roforlmao.actions.vouching import with_signatures
from roforlmao.errors import BadInput, NotFound, Remedy
from roforlmao.experiment import RULE_WORDS, Experiment
from roforlmao.progress import Progress
from roforlmao.text import one_line

if TYPE_CHECKING:
    from roforlmao.app import App

T = TypeVar("T")

_TABLE = ("name", "tool", "command", "rule", "published by", "revision", "description")


def get(app: App, _progress: Progress, name: str | None = None) -> Report:
    if name:
        found = app.catalog.experiment(name)
        signed = app.keyring.standing(found)
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
    data = [document(e) for e in entries.good]
    listed = Report(data, "Experiments", _TABLE, rows, warnings=entries.warnings)
    return with_signatures(app, entries.good, listed)


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
        check_rule(app, rule)
    wanted = Experiment(
        name, tool, command or "", tuple(args), dict(env), rule, hub or "", low, high, description or ""
    )
    taken = _taken(app, name)
    if taken is not None and not replace:
        raise _exists(taken, app.operator)
    added = app.catalog.add_experiment(wanted, replace=replace)
    accept_own(app, added)
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


def remove(app: App, _progress: Progress, name: str, others: bool = False) -> Report:
    must_be_own("experiment", name, app.catalog.experiment, app.operator, others=others)
    removed = app.catalog.remove_experiment(name)
    return Report(document(removed), lines=[f"{name} is no longer published. Jobs made from it go on."])


def _of_tool(offer: Callable[[App, Answers], T]) -> Callable[[App, Answers], T]:
    """What is offered for a tool's ``name``, where that is an answer of another name."""
    return lambda app, answers: offer(app, {**answers, "name": answers["tool"]})


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
    RULE,
    *TIMING,
    Parameter("replace", "also where it is there already", form="flag", asked=False),
)  # fmt: skip

ACTIONS = (
    Action(
        "experiment",
        "get",
        "Published experiments",
        get,
        (dataclasses.replace(NAME, required=False, asked=False),),
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
    Action("experiment", "remove", "Remove an experiment", remove, (NAME, OTHERS), destructive=True),
)
