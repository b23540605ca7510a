"""The second half of a run: what it left is committed, pushed and announced."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from roforlmao.errors import Busy, LossRefused, Refused, Remedy, RoforlmaoError
from roforlmao.models import Run, Sync
from roforlmao.progress import Progress
from roforlmao.runs.history import write
from roforlmao.runs.pipeline import Surroundings, settle

if TYPE_CHECKING:
    from roforlmao.data.share import Delivery
    from roforlmao.models import Announcement
    from roforlmao.runs.outbox import Posted
    from roforlmao.tools.install import Installed


@dataclass(frozen=True)
class Terms:
    """Under which hub and day to announce, and what the operator said about losses."""

    hub: str
    date: str
    allow_loss: bool = False
    leave_out: bool = False


def publish(run: Run, terms: Terms, around: Surroundings, progress: Progress) -> Run:
    """Publishes and announces what a run left; may be repeated until it is done.

    Errors: LossRefused and Refused, with their remedies; a failure is recorded in the run and
    raised.
    """
    from roforlmao.tools.install import get_installed

    installed = get_installed(run.tool, around.places)
    around.history.save(run, finished=False)  # a kill from here on is a sync that broke off
    try:
        around.outbox.admit()
        run, entry = _share(run, installed, terms, around, progress)
        if entry is not None:
            return _announce(run, entry, terms, around)
    except RoforlmaoError as error:
        around.history.save(dataclasses.replace(run, sync=failed_sync(error, run)), finished=True)
        raise
    around.history.save(run, finished=True)
    return run


def keep(run: Run, terms: Terms, around: Surroundings, progress: Progress) -> Run:
    """Commits what a run left without pushing it; ``publish`` does the rest later.

    Errors: LossRefused and Refused; a failure is recorded in the run and raised.
    """
    from roforlmao.data.share import keep as commit
    from roforlmao.tools.install import get_installed

    installed = get_installed(run.tool, around.places)
    if installed.data_path is None:
        return run
    around.history.save(run, finished=False)
    try:
        kept = commit(_delivery(run, installed, terms, around.operator), progress)
    except RoforlmaoError as error:
        around.history.save(dataclasses.replace(run, sync=failed_sync(error, run)), finished=True)
        raise
    reason = f"not pushed; `run sync {run.id}` publishes it"
    done = dataclasses.replace(run, rows=kept.rows, sync=Sync("committed", kept.commit, reason=reason))
    around.history.save(done, finished=True)
    return done


def failed_sync(error: RoforlmaoError, run: Run) -> Sync:
    """How a sync ended that raised ``error``; what was committed before goes on waiting."""
    commit = run.sync.commit if run.sync else ""
    return Sync("refused" if isinstance(error, Refused) else "failed", commit, reason=error.message)


def _share(
    run: Run, installed: Installed, terms: Terms, around: Surroundings, progress: Progress
) -> tuple[Run, Announcement | None]:
    """The run with how far its sync has come, and what is to be announced, if anything."""
    from roforlmao.data.share import share

    if installed.data_path is None:
        none = Sync("skipped", reason="the tool has no data repository")
        return dataclasses.replace(run, sync=none), None
    _refuse_what_is_partial(run, allow_loss=terms.allow_loss)
    run = settle(run, installed, around, progress)
    shared = share(_delivery(run, installed, terms, around.operator), progress)
    left_out = f"left out: {', '.join(shared.left_out)}" if shared.left_out else ""
    pushed = Sync("pushed", shared.commit, reason=left_out)
    return dataclasses.replace(run, rows=shared.rows, sync=pushed), shared.entry


def _announce(run: Run, entry: Announcement, terms: Terms, around: Surroundings) -> Run:
    """Announces what was pushed; the run is saved with what becomes of that, in one transaction."""
    from roforlmao.runs.letters import Letter

    letter = Letter(entry, f"run sync {run.id}", run.id, terms.allow_loss, around.fence)

    def after(posted: Posted) -> Run:
        reason = run.sync.reason if run.sync else ""
        return dataclasses.replace(run, sync=Sync("pushed", entry.commit, posted.key, reason, posted.waits))

    return after(around.outbox.announce(letter, lambda at, posted: write(at, after(posted), finished=True)))


def _refuse_what_is_partial(run: Run, *, allow_loss: bool) -> None:
    if run.state == "running":
        raise Busy(f"Run {run.id} has not ended yet.", "Sync it when it has.")
    if run.state != "succeeded" and not allow_loss:
        raise LossRefused(
            f"Run {run.id} {run.state}: what it left may be partial.",
            f"Look at its log (`run log {run.id}`), or run the tool again.",
            remedy=Remedy("allow_loss", True, "Publish what it left all the same?"),
        )


def _delivery(run: Run, installed: Installed, terms: Terms, operator: str) -> Delivery:
    from roforlmao.data.share import Delivery

    verdict = run.verdict.state if run.verdict else ""
    trailers = {
        "Tool": run.tool,
        "Command": run.command,
        "Arguments": " ".join(run.args),
        "Image-digest": run.digest,
        "Code-commit": run.commit,
        "Exit-code": "" if run.exit_code is None else str(run.exit_code),
        "Verdict": verdict,
        "Operator": operator,
        "Run-id": run.id,
        "Triggered-by": " ".join(run.triggered_by),
        "Experiment": run.experiment,
    }
    return Delivery(
        path=installed.data_path or installed.path,
        hub=terms.hub,
        date=terms.date,
        operator=operator,
        trailers=trailers,
        allow_loss=terms.allow_loss,
        leave_out=terms.leave_out,
        made_in=installed.results,
        verdict=verdict,
    )
