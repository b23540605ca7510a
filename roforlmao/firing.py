"""Puts the scheduler of a home together from what its App has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from roforlmao.containers.marks import unfinished
from roforlmao.crash import unexpected
from roforlmao.data.judged import Judged
from roforlmao.runs.cleanup import MEGABYTE, Limits, clean_up, short_of_room
from roforlmao.schedule.arrivals import Arrivals
from roforlmao.schedule.carry import Means, carry_out
from roforlmao.schedule.desk import LOST, Desk
from roforlmao.schedule.due import CatchUp
from roforlmao.schedule.duty import Duties
from roforlmao.schedule.listener import Ears, Listener
from roforlmao.schedule.news import News
from roforlmao.schedule.ping import Pings
from roforlmao.schedule.pool import AFTERWARDS_S, RunProgress
from roforlmao.schedule.routine import Routine, RoutineBook, Routines
from roforlmao.schedule.rules import Rule
from roforlmao.schedule.scheduler import Scheduler
from roforlmao.schedule.slot import Outcome, Slot
from roforlmao.schedule.slots import Slots
from roforlmao.schedule.sources import entry_of, look
from roforlmao.schedule.triggers import Trigger, Triggers
from roforlmao.schedule.zones import nameable_zone
from roforlmao.text import counted

CLEAN_UP_AT = "03:30"
LOOK_AFTER_S = 300
JUDGEMENTS_S = 600
EVENTS = "event triggers"

if TYPE_CHECKING:
    from roforlmao.app import App


def scheduler_of(app: App, tell: Callable[[News], None]) -> Scheduler:
    """Not started yet; ``tell`` is called from its threads."""
    config, arrivals = app.config, Arrivals(app.places, app.operator, partial(_doubt, app))
    pings = Pings(lambda text: app.notices.add("ping", text))

    def work(slot: Slot, progress: RunProgress) -> Outcome:
        return carry_out(slot, _means(app, slot, arrivals, pings), progress)

    def listener() -> Listener:
        arrivals.sweep({job.id for job in app.jobs.by_event()})
        return Listener(_ears(app), tell, lambda error: unexpected(error, app.error_log))

    desk = Desk(
        slots=Slots(app.state),
        notices=app.notices,
        locks=app.places.state / "locks",
        error_log=app.error_log,
        now=app.now,
        work=work,
        recover=app.recover,
        workers=config.workers,
        catch_up=CatchUp(config.catch_up, config.grace_s),
        keep=config.keep_runs,
        limit_s=config.containers.longest_s + AFTERWARDS_S,
        short_of_room=lambda: short_of_room(app.places, config.min_free_mb * MEGABYTE),
        routines=_routines(app).tick,
        listener=listener,
        ended=lambda: pings.flush(1.0),
        fate=lambda run: _fate(app, run),
    )
    return Scheduler(desk, tell)


def _fate(app: App, run_id: str) -> Outcome | None:
    """What the history says of a run whose launcher died; None while its container may still run."""
    run = app.history.find(run_id)
    if run is None:
        return LOST
    return None if run.state == "running" else Outcome(run.state, run.id, run.sync.reason if run.sync else "")


def _routines(app: App) -> Routines:
    """What this launcher does by itself while it fires."""
    config = app.config
    limits = Limits(config.keep_runs, config.keep_days, config.keep_log_mb * MEGABYTE)

    def nightly() -> str:
        slots = Slots(app.state).forget(app.now() - dt.timedelta(days=config.keep_days))
        done = clean_up(app.history, app.notices, app.places.logs, limits, app.now())
        return f"{done}, {counted(slots, 'slot')}"

    def look_after() -> str:
        # One that outlived its launcher may have ended meanwhile, or its time is up.
        app.recover()
        return f"{counted(len(unfinished(app.places)), 'container')} at work"

    def judgements() -> str:
        told = Judged(app.catalog, app.operator, app.places, app.notices, app.state).tell()
        app.marks.tell(app.catalog)  # what the registry was away for
        return told

    zone = config.timezone or nameable_zone(app.environ)
    return Routines(
        RoutineBook(app.state),
        (
            Routine("clean-up", Rule("daily", zone, CLEAN_UP_AT), nightly),
            Routine("peers' judgements", Rule("every", zone, every_s=JUDGEMENTS_S), judgements),
            Routine("left containers", Rule("every", zone, every_s=LOOK_AFTER_S), look_after),
        ),
        app.now,
        lambda error: unexpected(error, app.error_log),
    )


def duties_of(app: App) -> Duties:
    """What this operator shares with others."""
    config = app.config
    return Duties(lambda: app.registry, config.namespace, app.operator, app.now, config.duty_lease_s)


def _doubt(app: App, rule: Rule, trigger: Trigger) -> str:
    """Why the entry that called for a run is not believed, by its signature; empty where it is."""
    entry = entry_of(rule, trigger, app.catalog)
    if entry is None:
        return f"what called for it, of {trigger.source}, is no longer in the registry"
    found = app.keyring.admit(entry).doubt
    return f"what called for it, of {trigger.source}, is not believed: {found}" if found else ""


def _means(app: App, slot: Slot, arrivals: Arrivals, pings: Pings) -> Means:
    plan, config = slot.job.plan, app.config
    policy = config.sync_datasets.get(plan.tool, config.sync_scheduled)

    return Means(
        around=app.surroundings,
        timeout_s=plan.timeout_s or config.containers.of(plan.tool).timeout_s,
        keep_runs=config.keep_runs,
        pushes=bool(plan.hub) and (plan.sync or policy == "auto"),
        arrivals=arrivals,
        triggers=Triggers(app.state),
        duties=duties_of(app),
        pings=pings,
        registry=lambda: app.registry,
        noted=Slots(app.state).note_run,
    )


def _ears(app: App) -> Ears:
    book = RoutineBook(app.state)

    def told(seconds: float, outcome: str) -> None:
        book.plan(EVENTS, int(app.now().timestamp() + max(0.0, seconds)))
        book.ended(EVENTS, app.now(), outcome)

    return Ears(
        app.jobs,
        Triggers(app.state),
        lambda rule, progress: look(rule, app.catalog, app.operator, progress),
        lambda: app.registry,
        f"{app.config.namespace}hubs/",
        app.now,
        app.config.poll_s,
        told,
    )
