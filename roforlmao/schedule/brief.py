"""The jobs of a home in a few words, for the status line."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from roforlmao.schedule.jobs import Jobs
from roforlmao.text import counted, one_line

_NONE = "no jobs"


def brief(
    jobs: Jobs, unpushed: int, now: dt.datetime, fired_by: str = "", asking: int = 0, unannounced: int = 0
) -> str:
    """What runs, or comes next (in the zone of ``now``), or how many jobs listen for data, or are paused; how
    many slots wait for an answer, runs to be announced and to be pushed; who fires if not we.
    """
    running = jobs.running_tools()
    upcoming = jobs.next()
    if running:
        parts = [f"running {', '.join(running)}"]
    elif upcoming is not None and upcoming.next_at is not None:
        parts = [f"next {upcoming.plan.tool} {_when(upcoming.next_at, now)}"]
    else:
        parts = [_without_a_time(jobs)]
    parts += [f"{asking} to answer"] if asking else []
    parts += [f"{unpushed} to push"] if unpushed else []
    parts += [f"fired by {one_line(fired_by, 60)}"] if fired_by and parts[0] != _NONE else []
    # First, because the line is cut at its end, above all while it says that the registry is away.
    first = [f"{unannounced} to announce"] if unannounced else []
    return ", ".join([*first, *parts])


def _without_a_time(jobs: Jobs) -> str:
    states = Counter(job.state for job in jobs.all())
    if states["active"]:
        return f"{counted(states['active'], 'job')} listening"
    return f"{counted(states['paused'], 'job')} paused" if states["paused"] else _NONE


def _when(instant: int, now: dt.datetime) -> str:
    """The time of day; with the weekday, or the date, where it is not today."""
    at = dt.datetime.fromtimestamp(instant, now.tzinfo)
    days = (at.date() - now.date()).days
    if days == 0:
        return f"{at:%H:%M}"
    return f"{at:%a %H:%M}" if 0 < days < 7 else f"{at:%Y-%m-%d %H:%M}"
