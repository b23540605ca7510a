"""Containers that a launcher which died left behind: finished, stopped or removed, and recorded as it was.

One that still runs within its time limit is left to finish: a collector of six hours is not thrown
away because its launcher was. A later call settles it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.containers import leftovers, marks, secrets
from roforlmao.containers.engine import connect
from roforlmao.containers.finish import finish
from roforlmao.containers.outcome import Ending
from roforlmao.errors import Busy, RoforlmaoError
from roforlmao.models import Run
from roforlmao.progress import Progress
from roforlmao.runs.history import closed
from roforlmao.runs.partial import sort_out
from roforlmao.runs.pipeline import Surroundings, conclude, record
from roforlmao.tools import records, runlock

if TYPE_CHECKING:
    from roforlmao.containers.engine import Engine
    from roforlmao.containers.leftovers import Found
    from roforlmao.containers.marks import Mark
    from roforlmao.tools.records import Installed


@dataclass
class Adopted:
    """Runs that were completed now, those that still run, and what could not be looked at, in words."""

    completed: list[Run] = field(default_factory=list)
    running: set[str] = field(default_factory=set)
    told: list[str] = field(default_factory=list)


def adopt(around: Surroundings) -> Adopted:
    """Looks at every container that no living launcher is at work on. Errors: StorageFailed."""
    adopted = Adopted()
    for mark in marks.unfinished(around.places):
        try:
            with runlock.running(mark.tool, around.places):
                if mark.path.exists():
                    _adopt(mark, around, adopted)
        except Busy:
            adopted.running.add(mark.run_id)  # by its own launcher, or another one adopts it just now
        except RoforlmaoError as error:
            adopted.running.add(mark.run_id)  # for all we know; the next start looks again
            adopted.told.append(f"Run {mark.run_id} of {mark.tool} is not settled yet: {error.message}")
    return adopted


def _adopt(mark: Mark, around: Surroundings, adopted: Adopted) -> None:
    with connect(around.environ) as engine:
        found = leftovers.find(engine, mark.run_id)
        run = around.history.find(mark.run_id)
        if found is not None and run is not None and run.state == "running":
            if found.is_running and not found.is_overdue:
                adopted.running.add(mark.run_id)
                return
            if found.was_started:
                adopted.completed += _completed(run, engine, found, around)
        if found is not None:
            leftovers.remove(engine, found.id)
    if run is not None:
        _sort_out_lost(run, around)
    secrets.forget_files(mark.run_id)
    mark.remove()


def _completed(run: Run, engine: Engine, found: Found, around: Surroundings) -> list[Run]:
    """Records how it ended while nobody looked, and judges what it left; nothing if the tool is gone."""
    installed = records.find(run.tool, around.places)
    if installed is None:
        return []
    stopped_for = ""
    if found.is_running:
        stopped_for = "timed-out"
        leftovers.stop(engine, found.id)
        found = leftovers.find(engine, run.id) or found
    limits = around.containers.of(run.tool)
    ending = Ending(stopped_for, found.allowed_s, limits.memory)
    hidden = secrets.read(limits.secrets, around.environ).values()
    done = finish(engine, found, ending, installed.results, Path(run.log), hidden)
    if done.state != "succeeded":
        _set_aside(run, installed)
    progress = Progress()
    record(run, done, installed, around, progress)
    return [conclude(closed(around.history.get(run.id)), installed, around, progress)]


def _sort_out_lost(run: Run, around: Surroundings) -> None:
    """What a run left of which nothing else is known; one that was completed above is closed by now."""
    installed = records.find(run.tool, around.places)
    now = around.history.find(run.id)
    if installed is not None and now is not None and now.state == "running":
        _set_aside(run, installed)


def _set_aside(run: Run, installed: Installed) -> None:
    """All since the run began: an engine notes the start when the tool may have written already."""
    sort_out(installed, dt.datetime.fromisoformat(run.started), Progress(), succeeded=False)
