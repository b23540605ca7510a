"""Who is in the federation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from roforlmao.actions.base import Action, Report
from roforlmao.models import as_json
from roforlmao.progress import Progress
from roforlmao.text import counted, one_line

if TYPE_CHECKING:
    from roforlmao.app import App
    from roforlmao.federation.roster import Known

_COLUMNS = ("operator", "state", "since", "last seen", "version", "feeds", "last announced")


def members(app: App, progress: Progress) -> Report:
    from roforlmao.federation.roster import roster

    progress.start("Asking who is there")
    catalog, own = app.catalog, app.operator
    registrars = {tool.registered_by for tool in catalog.tools().good}
    registrars |= {dataset.registered_by for dataset in catalog.datasets().good}
    registrars |= {experiment.registered_by for experiment in catalog.experiments().good}
    found = roster(app.remembered, app.config.namespace, {*registrars, own})
    rows = [_row(one, own) for one in found.good]
    there = sum(one.state == "here" for one in found.good)
    lines = [f"{there} of {counted(len(found.good), 'operator')} there now."]
    data = [{**as_json(one), "own": one.name == own} for one in found.good]
    return Report(data, "Members", _COLUMNS, rows, lines=lines, warnings=found.warnings)


def _row(one: Known, own: str) -> list[str]:
    name = f"{one.name} (you)" if one.name == own else one.name
    feeds = one_line(", ".join(one.hubs), 60)
    return [
        name,
        one.state,
        _minute(one.since),
        _minute(one.last_seen),
        one.version,
        feeds,
        one.last_announced,
    ]


def _minute(at: str) -> str:
    """Of a foreign ISO 8601."""
    return one_line(at[:16].replace("T", " "))


ACTIONS = (
    Action(
        "member",
        "list",
        "Who is here",
        members,
        help="The operators whose launchers are open, and those who are known by what they announced or "
        "registered.",
    ),
)
