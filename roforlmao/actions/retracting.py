"""Retractions: an operator says that a published day is wrong, and whoever meets it is warned."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.actions import choices, parse
from roforlmao.actions.auditing import HUB
from roforlmao.actions.base import Action, Answers, Choice, Parameter, Report
from roforlmao.errors import BadInput, RegistryError
from roforlmao.models import Announcement, Retraction, as_json
from roforlmao.progress import Progress
from roforlmao.text import one_line

if TYPE_CHECKING:
    from roforlmao.actions.locate import Located
    from roforlmao.app import App


def retract(
    app: App, _progress: Progress, hub: str, date: str, reason: str | None = None, undo: bool = False
) -> Report:
    app.outbox.deliver()  # the day may still wait to be announced
    if undo:
        done = app.catalog.retract(hub, date, app.operator, None)
        return Report(as_json(done), lines=[f"Your {hub} of {date} counts again."])
    if not reason:
        raise BadInput("A retraction needs a reason.", "Say what is wrong: --reason TEXT")
    mark = Retraction(reason, app.now().isoformat(timespec="seconds"))
    done = app.catalog.retract(hub, date, app.operator, mark)
    lines = [
        f"Your {hub} of {date} is marked as wrong; whoever retrieves, compares or audits it is warned.",
        "A corrected snapshot that you publish for that day takes the mark away.",
    ]
    return Report(as_json(done), lines=lines)


def warning_of(entry: Announcement) -> tuple[str, ...]:
    """That the operator retracted it, where that is so."""
    if not entry.is_retracted or entry.retracted is None:
        return ()
    reason = one_line(entry.retracted.reason, 200) or "no reason given"
    return (f"{entry.operator} has retracted {entry.hub} of {entry.date}: {reason}",)


def warnings_for(app: App, sides: Sequence[Located]) -> tuple[str, ...]:
    """What is known against these; for files in clones of peers' data the registry is asked."""
    found = dict.fromkeys(warning for side in sides for warning in side.warnings)
    for side in sides:
        found.update(dict.fromkeys(_of_clone(app, side.path.resolve())))
    return tuple(found)


def _of_clone(app: App, path: Path) -> list[str]:
    """By the day that the file's name tells; without one by the newest that was announced."""
    from roforlmao.anomaly.readings import date_of

    peers = app.places.peers.resolve()
    inside = path.relative_to(peers).parts if path.is_relative_to(peers) else ()
    if len(inside) < 3:
        return []
    hub, operator, day = inside[0], inside[1], date_of(path.name)
    try:
        entries = app.catalog.announcements(hub, day.isoformat() if day else None).good
    except RegistryError as error:
        return [f"Whether {hub}/{operator} was retracted cannot be told: {error.message}"]
    theirs = [entry for entry in entries if entry.operator == operator]
    return [warning for entry in theirs[:1] for warning in warning_of(entry)]


def _own_dates(app: App, answers: Answers) -> Sequence[Choice]:
    mine = [one for one in app.catalog.announcements(answers["hub"]).good if one.operator == app.operator]
    return [Choice(one.date, one.date, "retracted" if one.is_retracted else "") for one in mine]


def _own_hubs(app: App, answers: Answers) -> Sequence[Choice]:
    return [choice for choice in choices.hubs(app, answers) if _own_dates(app, {"hub": choice.value})]


ACTIONS = (
    Action(
        "hub",
        "retract",
        "Retract a day of your own",
        retract,
        (
            Parameter("hub", HUB.help, parse.hub_name, choices=_own_hubs),
            Parameter("date", "the day that is wrong", parse.date, choices=_own_dates),
            Parameter(
                "reason", "what is wrong with it, in one line", parse.line, "option", False, metavar="TEXT"
            ),
            Parameter("undo", "it is right after all", form="flag", asked=False),
        ),
    ),
)
