"""What a launcher that died left open is brought to an end, as far as that can be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from roforlmao.containers import marks
from roforlmao.containers.secrets import forget_files
from roforlmao.errors import RoforlmaoError
from roforlmao.models import Run
from roforlmao.progress import Progress
from roforlmao.tools import records, runlock

if TYPE_CHECKING:
    from roforlmao.runs.pipeline import Surroundings


def recover(around: Surroundings) -> list[str]:
    """Closes its runs, in the history as well; a sentence on each of them. Errors: StorageFailed."""
    completed: list[Run] = []
    running: set[str] = set()
    told: list[str] = []
    if marks.unfinished(around.places):
        from roforlmao.runs.adopt import adopt

        adopted = adopt(around)
        completed, running, told = adopted.completed, adopted.running, adopted.told
    closed = [_judged(run, around) for run in _closed(around, running)]
    return [*told, *map(_said, [*completed, *closed])]


def _closed(around: Surroundings, running: set[str]) -> list[Run]:
    closed = around.history.recover(running)
    for run in closed:
        forget_files(run.id)
    return closed


def _judged(run: Run, around: Surroundings) -> Run:
    """A tool that had succeeded is judged now, so that no anomaly is missed; nothing if it runs again."""
    installed = records.find(run.tool, around.places)
    if run.state != "succeeded" or run.verdict is not None or installed is None:
        return run
    from roforlmao.runs.pipeline import conclude

    try:
        with runlock.running(run.tool, around.places):
            return conclude(run, installed, around, Progress())
    except RoforlmaoError:  # its sync judges, and says what stands in the way
        return run


def _said(run: Run) -> str:
    return f"Run {run.id} of {run.tool}: {run.state}; {run.sync.reason if run.sync else ''}."
