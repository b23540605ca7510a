"""When a job runs: a rule, and its next occurrence as a pure function."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from roforlmao.errors import BadInput
from roforlmao.schedule.zones import instant_of, wall_time
from roforlmao.text import one_line

Kind = Literal["daily", "weekly", "monthly", "cron", "every", "when-hub", "when-dataset"]
EVENTS = ("when-hub", "when-dataset")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = dt.timedelta(days=1)
_CRON_LIMIT = 200  # characters


@dataclass(frozen=True)
class Rule:
    """``at`` is HH:MM in ``timezone``; ``on`` a weekday (0 is Monday) or a day of the month.

    ``cron`` has the five fields of crontab(5); ``every_s`` is in seconds, counted from the epoch,
    so that the slots are the same after every restart. What is called for by new data of a hub or
    dataset, the ``source``, has no slots of its own; ``every_s`` is then the least time between runs.
    """

    kind: Kind
    timezone: str
    at: str = ""
    on: int = 0
    cron: str = ""
    every_s: int = 0
    source: str = ""

    @property
    def by_event(self) -> bool:
        """Whether data calls for its slots, not the clock."""
        return self.kind in EVENTS


def next_after(rule: Rule, instant: dt.datetime) -> dt.datetime | None:
    """The rule's first slot (UTC) after an instant, or None where the clock never fires it again.

    Each wall time counts once: where the clocks skip it, the slot is the first instant after the
    skip; where they show it twice, the first of both.
    """
    if rule.by_event:
        return None
    if rule.kind == "every":
        seconds = (int(instant.timestamp()) // rule.every_s + 1) * rule.every_s
        return dt.datetime.fromtimestamp(seconds, dt.UTC)
    for wall in _walls(rule, wall_time(instant, rule.timezone)):
        slot = instant_of(wall, rule.timezone)
        if slot > instant:
            return slot
    return None


def check_cron(expression: str) -> str:
    """The expression, with single spaces between its fields. Errors: BadInput."""
    from cronsim import CronSim, CronSimError

    shown, fields = one_line(expression, 60), expression.split()
    hint = "Minute, hour, day of month, month, day of week, such as '30 7 * * 1'."
    if len(fields) != 5 or len(expression) > _CRON_LIMIT:
        raise BadInput(f"'{shown}' has {len(fields)} fields, not the five of a cron expression.", hint)
    try:
        walls = CronSim(" ".join(fields), dt.datetime(2000, 1, 1))  # noqa: DTZ001 (a wall time)
    except CronSimError as error:
        raise BadInput(f"'{shown}' is not a cron expression: {str(error).lower()}.", hint) from error
    if next(walls, None) is None:
        raise BadInput(f"'{shown}' never fires.", hint)
    return " ".join(fields)


def label(rule: Rule) -> str:
    """The rule without its time of day: ``weekly on mon``."""
    texts = {
        "daily": "daily",
        "weekly": f"weekly on {WEEKDAYS[rule.on % 7]}",
        "monthly": f"monthly on {rule.on}",
        "cron": f"cron {rule.cron}",
        "every": f"every {rule.every_s} s",
        "when-hub": f"on data of the hub {rule.source}",
        "when-dataset": f"on commits to the dataset {rule.source}",
    }
    return texts[rule.kind]


def describe(rule: Rule) -> str:
    """The whole rule in words, with what it does in short months."""
    short = " (the last day where the month is shorter)"
    text = label(rule) + (short if rule.kind == "monthly" and rule.on > 28 else "")
    if rule.kind == "every" or rule.by_event:
        return text
    return f"{text}{' at ' + rule.at if rule.at else ''}, {rule.timezone}"


def _walls(rule: Rule, since: dt.datetime) -> Iterator[dt.datetime]:
    """The rule's wall times in their order, from the day of ``since`` on (cron: after it)."""
    if rule.kind == "cron":
        from cronsim import CronSim

        yield from CronSim(rule.cron, since)
        return
    hour, minute = map(int, rule.at.split(":"))
    midnight = since.replace(hour=0, minute=0, second=0, microsecond=0)
    for day in _days(rule, midnight):
        yield day.replace(hour=hour, minute=minute)


def _days(rule: Rule, midnight: dt.datetime) -> Iterator[dt.datetime]:
    if rule.kind == "monthly":
        yield from _days_of_months(rule.on, midnight)
        return
    step = _DAY if rule.kind == "daily" else 7 * _DAY
    day = midnight if rule.kind == "daily" else midnight + _DAY * ((rule.on - midnight.weekday()) % 7)
    while True:
        yield day
        day += step


def _days_of_months(on: int, midnight: dt.datetime) -> Iterator[dt.datetime]:
    first = midnight.replace(day=1)
    while True:
        last = calendar.monthrange(first.year, first.month)[1]
        yield first.replace(day=min(on, last))
        first = (first + 31 * _DAY).replace(day=1)
