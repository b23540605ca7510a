"""Fills a new database of an operator with what is known from elsewhere, after the old one was damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from roforlmao.data.markbook import MarkBook
from roforlmao.errors import RegistryError
from roforlmao.notices import Notices
from roforlmao.runs.history import History
from roforlmao.runs.restore import announced_by, restore_runs
from roforlmao.schedule.jobscopy import restore_jobs
from roforlmao.text import counted, one_line

if TYPE_CHECKING:
    from roforlmao.app import App
    from roforlmao.state import State


def restore(app: App, state: State, aside: str, reason: str) -> None:
    """Jobs from their copy, runs from receipts and announcements, marks from notes; a notice says so.

    It may be repeated where a launcher ended in the middle. Errors: StorageFailed.
    """
    now = app.now()
    jobs = restore_jobs(state, now)
    runs = restore_runs(History(state), app.places, _announced(app), app.operator, now.tzinfo)
    _restore_marks(app, state)
    kept = f"it is kept as {app.places.state / aside}. " if aside else ""
    Notices(state).add(
        "ledger",
        f"The database of jobs and runs was damaged ({one_line(reason, 100)}): {kept}"
        f"Restored: {counted(jobs, 'job')} from their copy, {counted(runs, 'run')} from receipts. Whether "
        "slots of the last days ran is not known; they do not run again. Logs, answers and announcements "
        "that waited are not restored.",
    )


def _restore_marks(app: App, state: State) -> None:
    """The operator's words on runs, as peers know them; nothing where the registry is away."""
    try:
        own = [notes for notes in app.catalog.notes().good if notes.operator == app.operator]
    except RegistryError:
        return
    for notes in own:
        MarkBook(state).restore(notes)


def _announced(app: App) -> dict[str, str]:
    """What this operator announced; nothing where the registry is away."""
    try:
        return announced_by(app.operator, app.catalog, app.config.namespace)
    except RegistryError:
        return {}
