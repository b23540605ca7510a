"""Notifications: what waits for the operator's eye."""

from __future__ import annotations

from typing import TYPE_CHECKING

from roforlmao.actions import choices, parse
from roforlmao.actions.base import Action, Parameter, Report
from roforlmao.errors import BadInput, ConfigurationError, RoforlmaoError
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


def test(app: App, progress: Progress) -> Report:
    from roforlmao.notify.sending import send

    if not app.config.notify:
        raise ConfigurationError("No target of notifications is configured.", "List them under `notify:`.")
    found = []
    for target in app.config.notify:
        progress.start(f"Sending to {target.label}")
        try:
            send(target, app.environ, f"roforlmao ({app.operator}): test", "Notifications arrive here.")
            found.append({"target": target.label, "ok": True, "detail": ""})
        except RoforlmaoError as error:
            found.append({"target": target.label, "ok": False, "detail": f"{error.message} {error.hint}"})
    rows = [[str(f["target"]), "sent" if f["ok"] else "FAILED", str(f["detail"])] for f in found]
    failed = not all(f["ok"] for f in found)
    return Report(found, "Test message", ("target", "", "detail"), rows, exit_status=3 if failed else 0)


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
    Action("notification", "test", "Send a test message", test),
)
