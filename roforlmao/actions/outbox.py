"""The outbox: announcements of what was pushed while the registry did not answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from roforlmao.actions import parse
from roforlmao.actions.base import Action, Answers, Choice, Parameter, Report
from roforlmao.errors import NotFound
from roforlmao.models import as_json
from roforlmao.progress import Progress
from roforlmao.text import counted

if TYPE_CHECKING:
    from roforlmao.app import App
    from roforlmao.runs.letters import Waiting

_COLUMNS = ("id", "since", "hub", "date", "rows", "commit", "run")
_AWAY, _REFUSED = 4, 3  # exit statuses: the registry does not answer; it does, and refused something


def show(app: App, _progress: Progress) -> Report:
    found = app.outbox.all()
    lines = [] if found else ["No announcement waits."]
    return Report(_documents(found), "Waiting to be announced", _COLUMNS, list(map(_row, found)), lines=lines)


def deliver(app: App, progress: Progress) -> Report:
    progress.start("Delivering what waits")
    done = app.outbox.deliver()
    left = app.outbox.all()
    lines = [f"Delivered {counted(len(done.delivered), 'announcement')}."]
    lines += [f"Refused: {one.letter.subject}. {why} Again: {one.letter.again}" for one, why in done.refused]
    lines += [f"{counted(len(left), 'announcement')} still to be delivered: {done.why}"] if left else []
    document = {
        "delivered": _documents(done.delivered),
        "refused": [{**_document(one), "reason": why} for one, why in done.refused],
        "waiting": _documents(left),
        "reason": done.why,
    }
    status = _AWAY if left else _REFUSED if done.refused else 0
    return Report(document, lines=lines, exit_status=status)


def discard(app: App, _progress: Progress, number: int) -> Report:
    found = app.outbox.discard(number)
    if found is None:
        raise NotFound(f"No announcement {number} waits.", "`outbox list` shows what does.")
    letter = found.letter
    lines = [f"{letter.subject} will not be announced; what was pushed stays. Again: {letter.again}"]
    return Report(_document(found), lines=lines)


def _document(one: Waiting) -> dict[str, Any]:
    entry: Mapping[str, Any] = as_json(one.letter.entry)
    told = {name: entry[name] for name in ("hub", "date", "operator", "url", "commit", "rows", "verdict")}
    duty = one.letter.fence is not None
    about = {"run": one.letter.run, "duty": duty, "again": one.letter.again}
    return {"id": one.number, "since": one.since, **told, **about}


def _documents(found: Sequence[Waiting]) -> list[dict[str, Any]]:
    return [_document(one) for one in found]


def _row(one: Waiting) -> list[str]:
    entry, rows = one.letter.entry, one.letter.entry.rows
    counted_rows = "" if rows is None else f"{rows:,}"
    place = [str(one.number), one.since[:16], entry.hub, entry.date]
    return [*place, counted_rows, entry.commit[:12], one.letter.run]


def _choices(app: App, _answers: Answers) -> Sequence[Choice]:
    return [Choice(one.number, one.letter.subject, f"since {one.since[:16]}") for one in app.outbox.all()]


ACTIONS = (
    Action(
        "outbox",
        "list",
        "Announcements that wait",
        show,
        help="What was pushed while the registry did not answer. An open launcher and `scheduler run` "
        "announce it, in order, once it does; so does every verb that announces.",
    ),
    Action("outbox", "deliver", "Deliver announcements that wait", deliver),
    Action(
        "outbox",
        "discard",
        "Discard an announcement that waits",
        discard,
        (Parameter("number", "its id", parse.number, metavar="ID", choices=_choices),),
        destructive=True,
    ),
)
