"""The jobs of a home in a few words, for the status line."""

from __future__ import annotations

import datetime as dt

from roforlmao.schedule.jobs import Jobs
from roforlmao.text import counted, one_line


def brief(jobs: Jobs, unpushed: int, now: dt.datetime, fired_by: str = "", asking: int = 0) -> str:
    """What runs, or comes next (in the zone of ``now``), or how many jobs data may call for; how many slots
    wait for an answer, and runs to be pushed; who fires if not we.
    """
    running = jobs.running_tools()
    upcoming = jobs.next()
    listening = 0 if upcoming else sum(job.state == "active" for job in jobs.by_event())
    if running:
        parts = [f"running {', '.join(running)}"]
    elif upcoming is not None and upcoming.next_at is not None:
        parts = [f"next {upcoming.plan.tool} {_when(upcoming.next_at, now)}"]
    else:
        parts = [f"{counted(listening, 'job')} listening" if listening else "no jobs"]
    parts += [f"{asking} to answer"] if asking else []
    parts += [f"{unpushed} to push"] if unpushed else []
    parts += [f"fired by {one_line(fired_by, 60)}"] if fired_by and (running or upcoming or listening) else []
    return ", ".join(parts)


def _when(instant: int, now: dt.datetime) -> str:
    """The time of day; with the weekday, or the date, where it is not today."""
    at = dt.datetime.fromtimestamp(instant, now.tzinfo)
    days = (at.date() - now.date()).days
    if days == 0:
        return f"{at:%H:%M}"
    return f"{at:%a %H:%M}" if 0 < days < 7 else f"{at:%Y-%m-%d %H:%M}"
