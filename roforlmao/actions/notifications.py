"""Notifications: what waits for the operator's eye."""

from __future__ import annotations

from typing import TYPE_CHECKING

from roforlmao.actions import choices, parse
from roforlmao.actions.base import Action, Parameter, Report
from roforlmao.errors import BadInput
from roforlmao.models import as_json
from roforlmao.progress import Progress
from roforlmao.text import counted

if TYPE_CHECKING:
    from roforlmao.app import App


def show(app: App, _progress: Progress, everything: bool = False) -> Report:
    found = app.notices.newest(everything=everything)
    rows = [[str(n.id), n.at[:16], n.kind, n.text] for n in found]
    title = "Notifications" if everything else "Unread notifications"
    return Report(as_json(found), title, ("id", "at", "kind", "text"), rows)


def acknowledge(app: App, _progress: Progress, number: int | None = None, everything: bool = False) -> Report:
    if number is None and not everything:
        raise BadInput("It is not said which notification.", "Give its ID, or --all.")
    done = app.notices.acknowledge(None if everything else number or None)
    return Report(as_json(done), lines=[f"Acknowledged {counted(len(done), 'notification')}."])


ACTIONS = (
    Action(
        "notification",
        "list",
        "Notifications",
        show,
        (Parameter("everything", "read ones too", form="flag", spelled="all", asked=False),),
    ),
    Action(
        "notification",
        "ack",
        "Acknowledge notifications",
        acknowledge,
        (
            Parameter("number", "its id", parse.notice, required=False, metavar="ID", choices=choices.unread),
            Parameter("everything", "all unread ones", form="flag", spelled="all", asked=False),
        ),
    ),
)
