"""What a menu offers for a parameter, from the registry and the home."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from roforlmao.actions.base import Answers, Choice
from roforlmao.text import one_line

if TYPE_CHECKING:
    from roforlmao.app import App


def registered_tools(app: App, _answers: Answers) -> Sequence[Choice]:
    return [
        Choice(t.name, t.name, one_line(t.description or t.artefact, 60)) for t in app.catalog.tools().good
    ]


def not_installed_tools(app: App, answers: Answers) -> Sequence[Choice]:
    have = {choice.value for choice in installed_tools(app, answers)}
    return [choice for choice in registered_tools(app, answers) if choice.value not in have]


def installed_tools(app: App, _answers: Answers) -> Sequence[Choice]:
    from roforlmao.tools.install import installed

    return [Choice(i.name, i.name, one_line(i.definition.description, 60)) for i in installed(app.places)]


def commands(app: App, answers: Answers) -> Sequence[Choice]:
    from roforlmao.tools.install import help_of

    found = help_of(answers["name"], app.places).commands
    return [Choice(c.name, c.name, one_line(c.description, 60)) for c in found]


def arguments(app: App, answers: Answers) -> Sequence[Choice] | None:
    """The declared arguments of the chosen command, to be asked one by one; an image declares none."""
    from roforlmao.tools.install import get_installed, help_of

    if get_installed(answers["name"], app.places).kind == "container":
        return None
    for command in help_of(answers["name"], app.places).commands:
        if command.name == answers.get("command"):
            return [Choice(a.name, a.name, one_line(a.description, 120)) for a in command.arguments]
    return []


def experiments(app: App, _answers: Answers) -> Sequence[Choice]:
    return [
        Choice(e.name, e.name, one_line(e.description or f"{e.tool} {e.command}", 60))
        for e in app.catalog.experiments().good
    ]


def registered_datasets(app: App, _answers: Answers) -> Sequence[Choice]:
    return [Choice(d.name, d.name, one_line(d.description or d.url, 60)) for d in app.catalog.datasets().good]


def local_datasets(app: App, _answers: Answers) -> Sequence[Choice]:
    from roforlmao.data.clones import local_clones

    return [Choice(clone.name, clone.name, str(clone.path)) for clone in local_clones(app.places)]


def syncable(app: App, _answers: Answers) -> Sequence[Choice]:
    """Paths of clones that the operator may want to publish from."""
    from roforlmao.data.clones import data_clones, local_clones

    clones = [*data_clones(app.places), *local_clones(app.places)]
    return [Choice(clone.path, clone.name, str(clone.path)) for clone in clones]


def hubs(app: App, _answers: Answers) -> Sequence[Choice]:
    return [Choice(hub, hub) for hub in app.catalog.hubs()]


def dates(app: App, answers: Answers) -> Sequence[Choice]:
    return [Choice(date, date) for date in app.catalog.dates(answers["hub"])]


def operators(app: App, answers: Answers) -> Sequence[Choice]:
    found = app.catalog.announcements(answers["hub"], answers["date"]).good
    return [Choice(a.operator, a.operator, one_line(a.url, 60)) for a in found]


def runs(app: App, _answers: Answers) -> Sequence[Choice]:
    return [Choice(run.id, f"{run.id}  {run.tool}", run.state) for run in app.history.newest()]


def unread(app: App, _answers: Answers) -> Sequence[Choice]:
    every = [Choice(0, "All of them")]
    found = app.notices.newest()
    return (every if found else []) + [Choice(n.id, one_line(n.text, 70), n.at) for n in found]
