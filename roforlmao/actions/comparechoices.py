"""What a menu offers to compare: files, days of a stream, versions of a file, what peers have of a day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from roforlmao.actions import choices
from roforlmao.actions.base import Answers, Choice, Parameter
from roforlmao.actions.localstreams import local_streams
from roforlmao.actions.localtables import at_least_one, tables
from roforlmao.actions.references import Announced, FileAt
from roforlmao.progress import Progress
from roforlmao.text import counted

if TYPE_CHECKING:
    from roforlmao.app import App


def newer(app: App, answers: Answers) -> Sequence[Choice]:
    """The later snapshot, newest first."""
    return _OFFERS[answers.get("what", "files")](app, answers)


def older(app: App, answers: Answers) -> Sequence[Choice]:
    """The one to compare it with: what came just before it first, then what is earlier still."""
    offered = newer(app, answers)
    chosen = [place for place, choice in enumerate(offered) if choice.value == answers.get("new")]
    if not chosen:
        return offered
    before = [*offered[chosen[0] + 1 :], *offered[: chosen[0]]]
    return _partner_first(before, answers) if answers.get("what", "files") == "files" else before


def _files(app: App, _answers: Answers) -> list[Choice]:
    found = [Choice(FileAt(found.path), found.shown, found.note) for found in tables(app)]
    return at_least_one(app, found, "no table (.csv, .tsv)")


def _partner_first(offered: list[Choice], answers: Answers) -> list[Choice]:
    """The day before of the same stream, and its other days, before all other files."""
    from roforlmao.anomaly.readings import date_of, undated

    new = str(answers["new"])
    stream, day = undated(new), date_of(new)
    if day is None:
        return offered
    of_stream = {
        place: found
        for place, choice in enumerate(offered)
        if (found := date_of(str(choice.value))) and undated(str(choice.value)) == stream
    }
    earlier_first = sorted(
        of_stream, key=lambda place: (of_stream[place] > day, -of_stream[place].toordinal())
    )
    rest = [choice for place, choice in enumerate(offered) if place not in of_stream]
    return [*(offered[place] for place in earlier_first), *rest]


def _streams(app: App, _answers: Answers) -> list[Choice]:
    offered = [
        Choice(
            found.pattern,
            str(found.pattern.relative_to(found.top.parent)),
            f"{counted(len(found.stream.days), 'day')}, {min(found.stream.days)} to {found.newest}",
        )
        for found in local_streams(app)
    ]
    return at_least_one(app, offered, "no stream of dated tables")


def _days(_app: App, answers: Answers) -> list[Choice]:
    from roforlmao.actions.locate import stream_at
    from roforlmao.compare.files import size_of

    days = stream_at(answers["stream"]).days
    return [
        Choice(FileAt(days[day]), str(day), f"{days[day].name}, {size_of(days[day]):,} bytes")
        for day in sorted(days, reverse=True)
    ]


def _versioned(app: App, _answers: Answers) -> list[Choice]:
    found = [Choice(found.path, found.shown, found.note) for found in tables(app) if found.in_clone]
    return at_least_one(app, found, "no table in a clone of a git repository")


def _versions(_app: App, answers: Answers) -> list[Choice]:
    """As it stands now, then as each commit left it."""
    from roforlmao.git.versions import file_versions

    path = answers["versioned"]
    _, versions = file_versions(path, Progress())
    return [
        Choice(FileAt(path), "as it stands now"),
        *(
            Choice(
                FileAt(path, version.commit[:10]),
                f"{version.day}  {version.commit[:10]}",
                f"{version.size:,} bytes",
                "" if version.blob else "deleted then",
            )
            for version in reversed(versions)
        ),
    ]


def _announced(app: App, answers: Answers) -> list[Choice]:
    hub, date = answers["hub"], answers["date"]
    return [
        Choice(
            Announced(hub, date, entry.operator),
            entry.operator,
            ", ".join(
                filter(None, ("" if entry.rows is None else counted(entry.rows, "row"), entry.verdict))
            ),
        )
        for entry in app.catalog.announcements(hub, date).good
    ]


_OFFERS: dict[str, Callable[[App, Answers], list[Choice]]] = {
    "files": _files,
    "days": _days,
    "versions": _versions,
    "peers": _announced,
}


def _ways(_app: App, _answers: Answers) -> Sequence[Choice]:
    return (
        Choice("files", "Two files, newest first"),
        Choice("days", "Two days of a stream"),
        Choice("versions", "Two versions of a file, from git"),
        Choice("peers", "Two operators' snapshots of a day"),
    )


def _only(way: str) -> Callable[[Answers], bool]:
    return lambda answers: answers.get("what") == way


NARROWING = (
    Parameter(
        "what",
        "what",
        form="menu",
        choices=_ways,
        when=lambda answers: not {"old", "new"} <= answers.keys(),
    ),
    Parameter("stream", "which stream", form="menu", choices=_streams, when=_only("days")),
    Parameter("versioned", "which file", form="menu", choices=_versioned, when=_only("versions")),
    Parameter("hub", "the hub", form="menu", choices=choices.hubs, when=_only("peers")),
    Parameter("date", "the day", form="menu", choices=choices.dates, when=_only("peers")),
)
"""What a menu asks first; it decides what is offered for the two snapshots."""
