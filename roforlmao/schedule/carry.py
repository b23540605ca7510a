"""Carries a job out: runs its tool, then commits what it left, and pushes that only if told to."""

from __future__ import annotations

from roforlmao.errors import RoforlmaoError
from roforlmao.models import Run
from roforlmao.progress import Progress
from roforlmao.runs.pipeline import Order, Surroundings, execute
from roforlmao.runs.publish import Terms, keep, publish
from roforlmao.schedule.jobs import Plan
from roforlmao.schedule.slot import Outcome


def carry_out(
    plan: Plan, around: Surroundings, progress: Progress, *, timeout_s: float, keep_runs: int, pushes: bool
) -> Outcome:
    """The tool runs at most ``timeout_s`` seconds; ``pushes`` says whether its data leaves the machine.

    A sync that fails is told in the run and in a notice, not instead of the run.
    Errors: those of ``execute``.
    """
    order = Order(plan.tool, plan.command, plan.args, timeout_s=timeout_s)
    run = execute(order, around, progress)
    around.history.prune(keep_runs)
    if run.state == "succeeded":
        return _synced(run, plan, around, progress, pushes=pushes)
    reason = run.sync.reason if run.sync else ""
    return Outcome(run.state, run.id, reason)


def _synced(run: Run, plan: Plan, around: Surroundings, progress: Progress, *, pushes: bool) -> Outcome:
    terms = Terms(plan.hub, run.started[:10])
    try:
        (publish if pushes else keep)(run, terms, around, progress)
    except RoforlmaoError as error:
        reason = f"its data is not {'published' if pushes else 'committed'}: {error.message}"
        around.notices.add("sync", f"Run {run.id} of {run.tool} succeeded, but {reason} {error.hint}".strip())
        return Outcome("succeeded", run.id, reason)
    return Outcome("succeeded", run.id)
