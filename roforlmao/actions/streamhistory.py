"""The history of a stream: rows, added, removed and changed per day, as a table and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.actions import parse
from roforlmao.actions.base import Action, Answers, Choice, Parameter, Report
from roforlmao.actions.chart import Chart
from roforlmao.actions.clonepath import clone_or_path
from roforlmao.actions.compareoptions import IGNORE, KEY, limits_of
from roforlmao.actions.localstreams import local_streams
from roforlmao.actions.localtables import at_least_one
from roforlmao.actions.streamwords import COLUMNS, charts, row, sentences
from roforlmao.errors import BadInput
from roforlmao.models import as_json
from roforlmao.progress import Progress
from roforlmao.text import counted, one_line

if TYPE_CHECKING:
    from roforlmao.app import App
    from roforlmao.series.counting import Rule
    from roforlmao.series.history import Day
    from roforlmao.series.sources import Source

_OFFERED = 200  # files in a menu


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

    place = clone_or_path(app, stream)
    source = _source(place, glob, progress)
    counting = Counting(count, tuple(key), tuple(ignore), limits_of(app))
    days = history_of(source, counting, app.places.state / "series.sqlite", progress)
    title = f"History of {one_line(source.name, 100)}: {counted(len(days), 'version')}"
    told, drawn = sentences(days), charts(source.name, days)
    view = StreamHistory(title, count, days, drawn, source.directory)
    rows = [row(day) for day in days]
    return Report(as_json(days), title, COLUMNS, rows, lines=told, view=view, charts=drawn)


def _source(path: Path, glob: str | None, progress: Progress) -> Source:
    """Errors: BadInput, NotFound."""
    from roforlmao.series.sources import CommittedFile, DatedFiles
    from roforlmao.series.streams import find_stream

    if not path.is_dir():
        return CommittedFile(path, progress)
    if glob and (path / glob).is_file():
        return CommittedFile(path / glob, progress)
    return DatedFiles(path, find_stream(path, glob))


def _rule(text: str) -> Rule:
    rules: tuple[Rule, ...] = ("rows", "names")
    for rule in rules:
        if text == rule:
            return rule
    raise BadInput(f"'{one_line(text, 20)}' is not a way to count.", "It is rows or names.")


def _places(app: App, _answers: Answers) -> Sequence[Choice]:
    """Clones, then other directories that hold streams, those of the newest days first."""
    from roforlmao.data.clones import data_clones, local_clones

    clones = [*data_clones(app.places), *local_clones(app.places)]
    offered = [Choice(str(clone.path), clone.name, str(clone.path)) for clone in clones]
    others = {
        found.directory: str(found.directory.relative_to(found.top.parent)) for found in local_streams(app)
    }
    offered += [
        Choice(str(path), one_line(shown, 100))
        for path, shown in others.items()
        if not any(path.is_relative_to(clone.path) for clone in clones)
    ]
    return at_least_one(app, offered, "neither a clone nor a stream of dated tables")


def _streams(app: App, answers: Answers) -> Sequence[Choice]:
    from roforlmao.series.streams import streams, undated_tables

    path = clone_or_path(app, answers["stream"])
    if not path.is_dir():
        return []
    dated = [
        Choice(one.name, one_line(one.name, 100), counted(len(one.days), "day")) for one in streams(path)
    ]
    files = undated_tables(path)[:_OFFERED] if (path / ".git").exists() else []
    return [*dated, *(Choice(name, one_line(name, 100), "from commit to commit") for name in files)]


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
                choices=_places,
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
            KEY,
            IGNORE,
        ),
        help="What every version of a stream added, removed and changed: of dated files in a directory, or "
        "of one file from commit to commit. What was counted before is not read again.",
    ),
)
