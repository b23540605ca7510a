"""The history of runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.actions import choices, parse
from roforlmao.actions.base import Action, Parameter, Report
from roforlmao.actions.runreport import COLUMNS, past_run, row
from roforlmao.models import as_json
from roforlmao.progress import Progress

if TYPE_CHECKING:
    from roforlmao.app import App


@dataclass(frozen=True)
class RunLog:
    """What a screen shows as it grows."""

    run_id: str
    tool: str


def runs(app: App, _progress: Progress, tool: str | None = None, limit: int = 50) -> Report:
    found = app.history.newest(tool or "", limit)
    return Report(as_json(found), "Runs, newest first", COLUMNS, [row(item) for item in found])


def show(app: App, _progress: Progress, run_id: str) -> Report:
    return past_run(app.history.get(run_id))


def log(app: App, progress: Progress, run_id: str, follow: bool = False) -> Report:
    from roforlmao.runs.logs import follow_log, read_log

    found = app.history.get(run_id)
    if follow:
        follow_log(found, app.history, progress)
        return Report(None, streamed=True)
    text = read_log(Path(found.log))
    document = {"id": run_id, "log": found.log, "text": text}
    return Report(document, lines=text.splitlines(), view=RunLog(run_id, found.tool))


_RUN_ID = Parameter("run_id", "the run's id", parse.line, metavar="ID", choices=choices.runs)

ACTIONS = (
    Action(
        "run",
        "list",
        "History of runs",
        runs,
        (
            Parameter("tool", "only of this tool", parse.tool_name, "option", False, asked=False),
            Parameter("limit", "at most so many", parse.number, "option", False, metavar="N", asked=False),
        ),
    ),
    Action("run", "show", "One run with its report", show, (_RUN_ID,)),
    Action(
        "run",
        "log",
        "The log of a run",
        log,
        (_RUN_ID, Parameter("follow", "go on until the run ends", form="flag", asked=False)),
    ),
)
