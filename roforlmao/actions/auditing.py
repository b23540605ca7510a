"""The audit of a day: everybody's snapshots against each other, the outcome published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.actions import choices, parse
from roforlmao.actions.base import Action, Parameter, Report
from roforlmao.actions.vouching import doubts
from roforlmao.errors import NotFound, RegistryError
from roforlmao.models import Announcement, Audit, Standing, as_json
from roforlmao.progress import Progress
from roforlmao.text import counted, one_line

if TYPE_CHECKING:
    from roforlmao.app import App
    from roforlmao.audit.conduct import Findings
    from roforlmao.audit.contrast import Difference
    from roforlmao.audit.fetching import Snapshot

_LISTED = 1000  # differences of each snapshot, in --json and on the screen
COLUMNS = ("operator", "state", "rows", "misses", "more", "cells", "alone", "notes")


@dataclass(frozen=True)
class AuditView:
    """What the screen shows: the standings, then what differs; ``files`` are their copies by stream."""

    audit: Audit
    differences: Sequence[Difference]
    files: Mapping[str, Mapping[str, Path]]


def audit(
    app: App,
    progress: Progress,
    hub: str,
    date: str,
    file: str | None = None,
    limit: int | None = None,
    unpublished: bool = False,
) -> Report:
    from roforlmao.audit.conduct import conduct

    entries = app.catalog.announcements(hub, date)
    if not entries.good:
        raise NotFound(
            f"Nobody has announced data of '{hub}' for {date}.", f"See what there is: hub dates {hub}"
        )
    snapshots = _fetched(app, entries.good, hub, date, file, progress)
    findings = conduct(hub, date, snapshots, _LISTED if limit is None else limit, progress)
    done = replace(findings.audit, auditor=app.operator, at=app.now().isoformat(timespec="seconds"))
    warnings = [*entries.warnings, *doubts(app, entries.good)]
    published = "" if unpublished else _published(app, done, warnings)
    if not findings.agrees:
        app.notices.add("disagreement", f"The snapshots of {hub} for {date} disagree. {done.reason}")
    return Report(
        {
            **as_json(done),
            "key": as_json(findings.key),
            "differences": as_json(findings.differences),
            "published": published,
        },
        f"{hub} of {date}",
        COLUMNS,
        [row_of(standing) for standing in done.operators],
        lines=_lines(done, findings),
        warnings=warnings,
        exit_status=0 if findings.agrees else 1,
        view=AuditView(done, findings.differences, {one.operator: one.files for one in snapshots}),
    )


def row_of(standing: Standing) -> list[str]:
    """A standing in words, under ``COLUMNS``."""
    read = standing.rows is not None
    numbers = (standing.rows, standing.missing, standing.extra, standing.differing, standing.score)
    cells = [f"{number or 0:,}" if read else "" for number in numbers]
    columns = ", ".join(f"{one_line(name, 30)} ({times:,})" for name, times in standing.columns.items())
    notes = "; ".join([*([f"differs in {columns}"] if columns else []), *standing.notes])
    return [standing.operator, standing.state, *cells, notes]


def _fetched(
    app: App, announced: Sequence[Announcement], hub: str, date: str, file: str | None, progress: Progress
) -> list[Snapshot]:
    from roforlmao.audit.fetching import fetch_all, prune
    from roforlmao.audit.selection import OfDay

    trusts = app.catalog.trusts_paths_of
    local = {entry.operator: trusts(entry.operator, entry.url) for entry in announced}
    place = app.places.audits / hub
    prune(place)
    return fetch_all(announced, OfDay(date, file or ""), place / date, local, progress)


def _published(app: App, done: Audit, warnings: list[str]) -> str:
    """The key; a registry that is away does not cost the operator the audit."""
    try:
        return app.catalog.publish_audit(done)
    except RegistryError as error:
        warnings.append(f"The outcome is not published: {error.message}")
        return ""


def _lines(done: Audit, findings: Findings) -> list[str]:
    keys = {", ".join(one_line(name, 40) for name in key) for key in findings.key.values() if key}
    lines = [done.reason, f"Held against: {done.reference}." if done.reference else ""]
    lines += [f"Key: {'; '.join(sorted(keys))}."] if keys else []
    unread = [standing for standing in done.operators if standing.rows is None]
    lines += [f"Not looked at: {counted(len(unread), 'snapshot')}."] if unread else []
    return list(filter(None, lines))


HUB = Parameter("hub", "the hub", parse.hub_name, choices=choices.hubs)
DATE = Parameter("date", "the day", parse.date, choices=choices.dates)

ACTIONS = (
    Action(
        "",
        "audit",
        "Audit a day",
        audit,
        (
            HUB,
            DATE,
            Parameter(
                "file",
                "only files that fit this pattern",
                parse.line,
                "option",
                False,
                metavar="GLOB",
                asked=False,
            ),
            Parameter(
                "limit",
                "at most so many differences of each snapshot (default: 1000)",
                parse.number,
                "option",
                False,
                metavar="N",
                asked=False,
            ),
            Parameter("unpublished", "do not tell the federation the outcome", form="flag", asked=False),
        ),
        help="Fetches what every operator announced for a day, compares the snapshots by key, and says who "
        "agrees, who misses what and who differs where. Exit status: 0 all agree, 1 they do not.",
    ),
)
