"""What runs are marked as, by the operator and by peers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.actions import parse
from roforlmao.actions.base import Action, Parameter, Report
from roforlmao.errors import RegistryError
from roforlmao.models import as_json
from roforlmao.progress import Progress
from roforlmao.text import one_line

if TYPE_CHECKING:
    from roforlmao.app import App


def show(app: App, _progress: Progress, path: Path | None = None) -> Report:
    from roforlmao.data.markbook import series_of

    series = series_of(path).name if path else ""
    found = [(app.operator, one) for one in app.marks.all() if series in ("", one.series)]
    warnings = []
    try:
        entries = app.catalog.notes(series)
        found += [(one.operator, one) for one in entries.good if one.operator != app.operator]
        warnings += entries.warnings
    except RegistryError as error:
        warnings.append(f"Those of peers cannot be shown: {error.message}")
    every = [
        {"series": one.series, "run": run, "operator": operator, "hub": one.hub or None, "as": mark.kind,
         "note": mark.note, "at": mark.at, "values": as_json(mark.values)}
        for operator, one in found
        for run, mark in one.marks.items()
    ]  # fmt: skip
    every.sort(key=lambda one: str(one["at"]), reverse=True)
    columns = ("series", "run", "as", "operator", "at", "note")
    rows = [[one_line(str(one[column]), 200) for column in columns] for one in every]
    return Report(every, "Marks on runs, newest first", columns, rows, warnings=warnings)


ACTIONS = (
    Action(
        "spike",
        "marks",
        "What runs are marked as",
        show,
        (Parameter("path", "of this data directory only", parse.path, required=False, asked=False),),
    ),
)
