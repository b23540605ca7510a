"""The history of a stream: rows, added, removed and changed per day, as a table and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.actions import parse
from roforlmao.actions.base import Action, Answers, Choice, Parameter, Report
from roforlmao.actions.chart import Chart, Line, Mark
from roforlmao.errors import BadInput, NotFound
from roforlmao.models import as_json
from roforlmao.progress import Progress
from roforlmao.text import counted, one_line

if TYPE_CHECKING:
    from roforlmao.app import App
    from roforlmao.series.counting import Rule
    from roforlmao.series.history import Day
    from roforlmao.series.sources import Source

COLUMNS = ("date", "rows", "added", "removed", "changed", "note")
_NAMED = 5  # gaps, or days, that are named in a sentence


@dataclass(frozen=True)
class StreamHistory:
    """What the screen shows; ``directory`` is where the versions are files."""

    title: str
    count: Rule
    days: Sequence[Day]
    charts: Sequence[Chart]
    directory: Path | None


def history(
    app: App,
    progress: Progress,
    stream: str,
    glob: str | None = None,
    count: Rule = "rows",
    key: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> Report:
    from roforlmao.series.counting import Counting
    from roforlmao.series.history import history as history_of

    place = _place(app, stream)
    source = _source(place, glob, progress)
    counting = Counting(count, tuple(key), tuple(ignore))
    days = history_of(source, counting, app.places.state / "series.sqlite", progress)
    title = f"History of {one_line(source.name, 100)}: {counted(len(days), 'version')}"
    told, drawn = _sentences(days), charts(source.name, days)
    view = StreamHistory(title, count, days, drawn, source.directory)
    rows = [row(day) for day in days]
    return Report(as_json(days), title, COLUMNS, rows, lines=told, view=view, charts=drawn)


def charts(name: str, days: Sequence[Day]) -> Sequence[Chart]:
    """Rows per day, and below what came and went: removed rows count downwards."""
    labels, at = [day.date.isoformat() for day in days], [day.date.toordinal() for day in days]
    if at != sorted(at):  # commits may be out of order
        at = []
    marks = [Mark(n, _number(day.rows), day.state) for n, day in enumerate(days) if day.state in _ODD]
    total = Line("rows", [_number(day.rows) if day.state not in _ODD else None for day in days])
    told = [day if day.state not in _ODD else None for day in days]
    moves = [
        Line("added", [_number(day and day.added) for day in told], bars=True),
        Line("removed, downwards", [_number(day and -(day.removed or 0)) for day in told], bars=True),
    ]
    shown = one_line(name, 60)
    return (
        Chart(f"Rows of {shown}", labels, [total], marks=marks, at=at),
        Chart(f"Added and removed in {shown}", labels, moves, at=at),
    )


_ODD = ("empty", "unreadable", "deleted")


def _number(value: int | None) -> float | None:
    return None if value is None else float(value)


def _place(app: App, name: str) -> Path:
    """A local clone by name, else a path. Errors: NotFound."""
    from roforlmao.data.clones import data_clones, local_clones

    for clone in (*local_clones(app.places), *data_clones(app.places)):
        if clone.name == name:
            return clone.path
    path = parse.path(name)
    if not path.exists():
        raise NotFound(
            f"There is no local clone and no path '{one_line(name, 100)}'.",
            "`dataset list-local` shows the clones; `dataset clone NAME` makes one.",
        )
    return path


def _source(path: Path, glob: str | None, progress: Progress) -> Source:
    """Errors: BadInput, NotFound."""
    from roforlmao.series.sources import CommittedFile, DatedFiles
    from roforlmao.series.streams import find_stream

    if not path.is_dir():
        return CommittedFile(path, progress)
    if glob and (path / glob).is_file():
        return CommittedFile(path / glob, progress)
    return DatedFiles(path, find_stream(path, glob))


def row(day: Day) -> list[str]:
    numbers = ["" if n is None else f"{n:,}" for n in (day.rows, day.added, day.removed, day.changed)]
    return [day.date.isoformat(), *numbers, "; ".join(_notes(day))]


def _notes(day: Day) -> list[str]:
    notes = [f"{day.missing:,} missing before"] if day.missing else []
    if day.state in _ODD:
        notes.append(f"{day.state}: {one_line(day.reason, 200)}" if day.reason else day.state)
    return notes


def _sentences(days: Sequence[Day]) -> list[str]:
    from roforlmao.series.rhythm import gaps

    known = [day for day in days if day.rows]
    lines = []
    if known:
        first, last = known[0], known[-1]
        lines.append(f"From {first.rows:,} rows on {first.date} to {last.rows:,} on {last.date}.")
    missing = gaps([day.date for day in days])
    if missing:
        named = [f"{gap.first} to {gap.last}" if gap.first != gap.last else f"{gap.first}" for gap in missing]
        lines.append(f"Missing: {sum(gap.missing for gap in missing):,} in {_some(named)}.")
    for state in _ODD:
        found = [day.date.isoformat() for day in days if day.state == state]
        if found:
            lines.append(f"{state.capitalize()}: {_some(found)}.")
    return lines


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def _rule(text: str) -> Rule:
    rules: tuple[Rule, ...] = ("rows", "names")
    for rule in rules:
        if text == rule:
            return rule
    raise BadInput(f"'{one_line(text, 20)}' is not a way to count.", "It is rows or names.")


def _clones(app: App, _answers: Answers) -> Sequence[Choice]:
    from roforlmao.data.clones import data_clones, local_clones

    clones = [*data_clones(app.places), *local_clones(app.places)]
    return [Choice(str(clone.path), clone.name, str(clone.path)) for clone in clones]


def _streams(app: App, answers: Answers) -> Sequence[Choice]:
    from roforlmao.series.streams import streams

    path = _place(app, answers["stream"])
    found = streams(path) if path.is_dir() else []
    return [Choice(one.name, one_line(one.name, 100), counted(len(one.days), "day")) for one in found]


ACTIONS = (
    Action(
        "dataset",
        "history",
        "History of a stream",
        history,
        (
            Parameter(
                "stream",
                "a local clone or a directory of dated files, or one file in a clone",
                parse.line,
                metavar="NAME|PATH",
                choices=_clones,
            ),
            Parameter(
                "glob",
                "which of its streams, such as 'contents-*.csv', or an undated file in it",
                parse.line,
                required=False,
                choices=_streams,
            ),
            Parameter(
                "count",
                "rows, as compare does, or names: added by row, removed once each (default: rows)",
                _rule,
                "option",
                False,
                metavar="rows|names",
                asked=False,
            ),
            Parameter(
                "key",
                "a column that tells which row is which; may be repeated (default: found)",
                form="option",
                required=False,
                many=True,
                metavar="COL",
                asked=False,
            ),
            Parameter(
                "ignore",
                "a column that is not compared; may be repeated",
                form="option",
                required=False,
                many=True,
                metavar="COL",
                asked=False,
            ),
        ),
        help="What every version of a stream added, removed and changed: of dated files in a directory, or "
        "of one file from commit to commit. What was counted before is not read again.",
    ),
)
