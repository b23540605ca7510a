"""The end of a run's log, as it grows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from roforlmao.actions.history import RunLog
from roforlmao.errors import RoforlmaoError
from roforlmao.models import Run
from roforlmao.schedule.slot import Slot
from roforlmao.ui.prompter import Back
from roforlmao.ui.renewal import Renewal
from roforlmao.ui.screens import Stage
from roforlmao.ui.sheet import Place, Rows, Sheet
from roforlmao.ui.viewer import view

_TAIL_BYTES = 200_000


def open_screen(log: RunLog, stage: Stage) -> None:
    """The log of a run of the history."""
    _follow(f"Log of {log.tool} ({log.run_id})", lambda: stage.app.history.find(log.run_id), stage)


def follow(slot: Slot, stage: Stage) -> None:
    """The log of what a job runs."""
    _follow(f"Log of {slot.job.plan.tool} ({slot.job.id})", lambda: _run_of(slot, stage), stage)


def _follow(title: str, run_of: Callable[[], Run | None], stage: Stage) -> None:
    """Until the operator goes back. The pointer stays on the last line, unless it was moved up."""
    place = Place(row=0)
    known = 0

    def read() -> tuple[str, list[str]]:
        run = run_of()
        return (f": {run.state}" if run else ""), _tail(run)

    with Renewal(read, stage.app.error_log) as renewal:

        def sheet() -> Sheet:
            nonlocal known
            state, shown = renewal.newest or ("", [])
            if place.row >= known - 1:
                place.row = max(0, len(shown) - 1)
            known = len(shown)
            rows = Rows(len(shown), lambda row: (shown[row],))
            return Sheet(f"{title}{state}", ("",), rows, empty="Nothing yet.")

        try:
            view(stage.questions.frame, sheet(), {}, place, live=sheet)
        except Back:
            return


def _run_of(slot: Slot, stage: Stage) -> Run | None:
    """The run of a slot that has ended, or the one of its tool that goes on."""
    history = stage.app.history
    if slot.run:
        return history.get(slot.run)
    newest = history.newest(slot.job.plan.tool, 1)
    return newest[0] if newest else None


def _tail(run: Run | None) -> list[str]:
    from roforlmao.runs.logs import read_log

    if run is None:
        return []
    try:
        return read_log(Path(run.log), _TAIL_BYTES).splitlines()
    except RoforlmaoError as error:
        return [error.message]
