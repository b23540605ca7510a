"""Notices of what a run led to: an odd result, a loss that a sync stopped at, a sync that failed."""

from __future__ import annotations

from roforlmao.errors import LossRefused, RoforlmaoError
from roforlmao.models import Run
from roforlmao.notices import Notices
from roforlmao.text import one_line

WAITS = "pushed; the announcement waits for the registry"
_REASON = 500  # characters of a verdict's reason


def tell_anomaly(run: Run, notices: Notices) -> None:
    """Once for each run, when it is judged. Errors: StorageFailed."""
    if run.verdict is not None and run.verdict.state == "anomaly":
        reason = one_line(run.verdict.reason, _REASON)
        notices.add("anomaly", f"Run {run.id} of {run.tool}: {reason} `spike ack {run.id}` says what it is.")


def tell_sync_failed(run: Run, error: RoforlmaoError, notices: Notices, *, pushes: bool = True) -> None:
    """A loss that was stopped is of a kind of its own. Errors: StorageFailed."""
    what = "published" if pushes else "committed"
    text = f"Run {run.id} of {run.tool} succeeded, but its data is not {what}: {error.message} {error.hint}"
    notices.add("loss" if isinstance(error, LossRefused) else "sync", text.strip())
