"""The beat of the scheduler's thread: once at each full second."""

from __future__ import annotations

from collections.abc import Callable

import schedule


def beat(clock: schedule.Scheduler, tick: Callable[[], None]) -> float:
    """Lets ``schedule`` tick at each full second; returns the seconds until the next.

    It plans by the wall clock: when that was set back, the beat is made anew.
    """
    clock.run_pending()
    idle = clock.idle_seconds
    if idle is None or idle > 1.5:
        clock.clear()
        clock.every(1).seconds.do(tick)
    for job in clock.jobs:
        if job.next_run is not None:
            job.next_run = job.next_run.replace(microsecond=0)
    return min(max(clock.idle_seconds or 0.0, 0.0), 1.0)
