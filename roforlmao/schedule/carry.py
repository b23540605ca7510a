"""Carries a slot out: runs its tool, then commits what it left, and pushes that only if told to."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from dataclasses import dataclass

from roforlmao.errors import Busy, RegistryError, RoforlmaoError
from roforlmao.models import Run, Sync
from roforlmao.progress import Progress, Quiet
from roforlmao.registry.base import Registry
from roforlmao.runs.pipeline import Order, Surroundings, execute
from roforlmao.runs.publish import Terms, keep, publish
from roforlmao.runs.telling import WAITS, tell_sync_failed
from roforlmao.schedule.arrivals import OWN, Arrivals
from roforlmao.schedule.duty import Duties
from roforlmao.schedule.news import named
from roforlmao.schedule.ping import Pings, ending
from roforlmao.schedule.pool import RunProgress
from roforlmao.schedule.slot import Outcome, Slot
from roforlmao.schedule.triggers import Triggers


@dataclass(frozen=True)
class Means:
    """What carrying a slot out needs of its home.

    The tool runs at most ``timeout_s`` seconds; ``pushes`` says whether its data leaves the machine.
    ``noted`` hears which run a slot came to, before its tool starts.
    """

    around: Surroundings
    timeout_s: float
    keep_runs: int
    pushes: bool
    arrivals: Arrivals
    triggers: Triggers
    duties: Duties
    pings: Pings
    registry: Callable[[], Registry]
    noted: Callable[[Slot, str], None]


def carry_out(slot: Slot, means: Means, progress: RunProgress) -> Outcome:
    """A sync that fails is told in the run and in a notice, not instead of the run.

    Errors: those of ``execute``; Busy where the slot has to wait.
    """
    duty, lost = slot.job.plan.duty, threading.Event()
    if not duty:
        return _with_input(slot, means, progress)

    def on_lost() -> None:
        lost.set()
        progress.cancel()

    with means.duties.claim(duty, slot.scheduled_for, on_lost) as claim:
        if claim.fence is None:
            return Outcome("skipped", reason=claim.taken)
        around = dataclasses.replace(means.around, fence=claim.fence)
        outcome = _with_input(slot, dataclasses.replace(means, around=around), progress)
    if lost.is_set() and outcome.state == "cancelled":
        return dataclasses.replace(outcome, reason="this launcher was away for longer than its lease")
    return outcome


def _with_input(slot: Slot, means: Means, progress: RunProgress) -> Outcome:
    plan = slot.job.plan
    order = Order(
        plan.tool,
        plan.command,
        plan.args,
        dict(plan.env),
        means.timeout_s,
        experiment=plan.experiment,
        noted=lambda run: means.noted(slot, run),
    )
    triggers = means.triggers.of_slot(slot)
    if not triggers:
        return _watched(slot, order, means, progress)
    with means.arrivals.of_slot(slot, triggers, Quiet(progress)) as given:  # fetching begins no run yet
        if given.refused:
            if given.refused != OWN:
                means.around.notices.add("job", f"{named(slot.job)} does not run: {given.refused}.")
            return Outcome("skipped", reason=given.refused)
        order = dataclasses.replace(order, input=given.directory, triggered_by=given.chain)
        return _watched(slot, order, means, progress)


def _watched(slot: Slot, order: Order, means: Means, progress: RunProgress) -> Outcome:
    """Runs, and tells the watchdog of it, where the job names one; not where the tool is at work already."""
    url = slot.job.plan.ping
    if not url:
        return _run(slot, order, means, progress)[1]
    progress.on_begin = lambda: means.pings.send(url, "start")
    run: Run | None = None
    waits = False
    try:
        run, outcome = _run(slot, order, means, progress)
        return outcome
    except Busy:
        waits = not progress.begun
        raise
    finally:
        if not waits:
            means.pings.send(url, ending(run))


def _run(slot: Slot, order: Order, means: Means, progress: Progress) -> tuple[Run, Outcome]:
    run = execute(order, means.around, progress)
    means.around.history.prune(means.keep_runs)
    return run, _ended(run, slot, means, progress)


def _ended(run: Run, slot: Slot, means: Means, progress: Progress) -> Outcome:
    if run.state == "succeeded":
        return _synced(run, slot, means, progress)
    return Outcome(run.state, run.id, run.sync.reason if run.sync else "")


def _synced(run: Run, slot: Slot, means: Means, progress: Progress) -> Outcome:
    terms = Terms(slot.job.plan.hub, run.started[:10])
    try:
        if means.pushes:
            return Outcome("succeeded", run.id, _publish(run, terms, means, progress))
        keep(run, terms, means.around, progress)
    except RoforlmaoError as error:
        reason = f"its data is not {'published' if means.pushes else 'committed'}: {error.message}"
        tell_sync_failed(run, error, means.around.notices, pushes=means.pushes)
        return Outcome("succeeded", run.id, reason)
    return Outcome("succeeded", run.id)


def _publish(run: Run, terms: Terms, means: Means, progress: Progress) -> str:
    """What is left to do, in words. Under a fence the announcement settles the slot, or else this does.

    While it cannot be told whose slot it is nothing is pushed: its successor may push the same files.
    """
    fence = means.around.fence
    if fence is not None:
        try:
            fence.check(means.registry())
        except RegistryError:
            keep(run, terms, means.around, progress)
            raise
    sync = publish(run, terms, means.around, progress).sync or Sync("skipped")
    if fence is not None and not sync.key and not sync.waits:
        fence.settle(means.registry())
    return WAITS if sync.waits else ""
