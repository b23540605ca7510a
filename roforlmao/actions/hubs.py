"""Hubs: which days and operators have data, and retrieving it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from roforlmao.actions import choices, parse
from roforlmao.actions.base import Action, Parameter, Report
from roforlmao.actions.datasets import clone_report
from roforlmao.actions.retracting import warning_of
from roforlmao.actions.vouching import VOUCHED, vouch
from roforlmao.models import Announcement, as_json
from roforlmao.progress import Progress

if TYPE_CHECKING:
    from roforlmao.app import App


def hubs(app: App, _progress: Progress) -> Report:
    found = app.catalog.hubs()
    return Report(found, "Hubs", ("hub",), [[hub] for hub in found])


def dates(app: App, _progress: Progress, hub: str) -> Report:
    found = app.catalog.dates(hub)
    return Report(found, f"Days of {hub}, newest first", ("date",), [[date] for date in found])


def operators(app: App, _progress: Progress, hub: str, date: str) -> Report:
    entries = app.catalog.announcements(hub, date)
    signed = app.keyring.standings(entries.good)
    rows = [
        [a.operator, "" if a.rows is None else f"{a.rows:,}", _state(a), a.commit[:12], a.url, one.words]
        for a, one in zip(entries.good, signed, strict=True)
    ]
    data = [{**as_json(a), **one.document} for a, one in zip(entries.good, signed, strict=True)]
    columns = ("operator", "rows", "verdict", "commit", "url", "signature")
    return Report(data, f"Who has {hub} of {date}", columns, rows, warnings=entries.warnings)


def retrieve(
    app: App, progress: Progress, hub: str, date: str, operator: str, vouched: bool | str = False
) -> Report:
    from roforlmao.data.clones import retrieve as fetch

    entry = app.catalog.announcement(hub, date, operator)
    vouch(app, entry, vouched)
    done = clone_report(fetch(entry, app.catalog, app.places, progress))
    mark = {"retracted": as_json(entry.retracted)} if entry.is_retracted else {}
    return replace(done, data={**done.data, **mark}, warnings=warning_of(entry))


def _state(entry: Announcement) -> str:
    """What was said of the day: by the detector, by its operator, or by whose it was."""
    words = ["retracted" if entry.is_retracted else entry.verdict]
    return ", ".join(filter(None, [*words, f"from {entry.origin}" if entry.origin else ""]))


_HUB = Parameter("hub", "the hub", parse.hub_name, choices=choices.hubs)
_DATE = Parameter("date", "the day", parse.date, choices=choices.dates)
_OPERATOR = Parameter("operator", "whose data", parse.operator_name, choices=choices.operators)

ACTIONS = (
    Action("hub", "list", "Hubs", hubs),
    Action("hub", "dates", "Days of a hub", dates, (_HUB,)),
    Action("hub", "operators", "Who has a day", operators, (_HUB, _DATE)),
    Action("hub", "retrieve", "Retrieve a peer's data", retrieve, (_HUB, _DATE, _OPERATOR, VOUCHED)),
)
