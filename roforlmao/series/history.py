"""The history of a stream: what each version added, removed and changed against the one before."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from roforlmao.errors import BadInput
from roforlmao.progress import Progress, Quiet
from roforlmao.series.counting import Counting, Tally
from roforlmao.series.ledger import Ledger
from roforlmao.series.rhythm import rhythm
from roforlmao.series.sources import Source
from roforlmao.text import one_line

State = Literal["first", "counted", "empty", "unreadable", "deleted"]


@dataclass(frozen=True)
class Day:
    """One version; a number is None where there is nothing that it could be counted against.

    ``against`` is the day it was compared with: the last that held rows. ``missing`` is the number of
    days (or of weeks, in a weekly stream) that lie between it and the version before.
    """

    date: dt.date
    rows: int | None
    added: int | None
    removed: int | None
    changed: int | None
    state: State
    against: dt.date | None = None
    source: str = ""
    missing: int = 0
    reason: str = ""


def history(source: Source, counting: Counting, ledger_file: Path, progress: Progress) -> list[Day]:
    """One day for each version, oldest first; what was counted before is not read again.

    A version that cannot be read is a day that says why. Errors: BadInput where none can be read;
    Cancelled between two days, with what was counted until then kept.
    """
    total = len(source.snapshots)
    progress.start(f"Reading the history of {one_line(source.name, 40)}", total, "days")
    with closing(Ledger(ledger_file)) as ledger:
        walk = _Walk(source, counting, ledger, progress)
        for place in range(total):
            progress.checkpoint()
            walk.take(place)
            progress.update(place + 1, total)
    refused = [day.reason for day in walk.days if day.state == "unreadable"]
    if refused and not any(day.rows for day in walk.days):
        raise BadInput(f"None of {total:,} versions can be read. {refused[-1]}")
    return _with_gaps(walk.days)


class _Walk:
    """Takes one version after the other; ``base`` is the last that later ones are compared with."""

    def __init__(self, source: Source, counting: Counting, ledger: Ledger, progress: Progress) -> None:
        self.days: list[Day] = []
        self._source = source
        self._counting = counting
        self._ledger = ledger
        self._quiet = Quiet(progress)
        self._base: int | None = None

    def take(self, place: int) -> None:
        snapshot = self._source.snapshots[place]
        day = Day(snapshot.day, None, None, None, None, "unreadable", source=snapshot.source)
        if snapshot.deleted:
            self.days.append(dataclasses.replace(day, state="deleted", reason="The file was deleted."))
            return
        try:
            tally = self._tally(place if self._base is None else self._base, place)
        except BadInput as error:
            self.days.append(dataclasses.replace(day, reason=error.message))
            return
        self.days.append(self._counted(day, tally))
        if tally.after or self._counting.rule == "names":
            self._base = place

    def _counted(self, day: Day, tally: Tally) -> Day:
        state: State = "counted" if tally.after else "empty"
        if self._base is None:
            return dataclasses.replace(day, rows=tally.after, state="first" if tally.after else "empty")
        against = self.days[self._base]
        if against.state == "first":  # whether its first row is a header is told better by two files
            self.days[self._base] = dataclasses.replace(against, rows=tally.before)
        day = dataclasses.replace(day, rows=tally.after, state=state)
        if not tally.after and self._counting.rule == "rows":
            return day  # a crawl that found nothing tells nothing of what is gone
        return dataclasses.replace(
            day, added=tally.added, removed=tally.removed, changed=tally.changed, against=against.date
        )

    def _tally(self, old: int, new: int) -> Tally:
        """Errors: BadInput."""
        first, second = self._identity(old), self._identity(new)
        known = self._ledger.tally(first, second, self._counting.fingerprint)
        if known:
            return known
        with self._source.opened(old) as before, self._source.opened(new) as after:
            tally = self._counting.tally(before, after, self._quiet)
        if (first, second) != (self._identity(old), self._identity(new)):
            raise BadInput(f"{one_line(self._source.snapshots[new].source)} changed while it was read.")
        self._ledger.keep(first, second, self._counting.fingerprint, tally)
        return tally

    def _identity(self, place: int) -> str:
        """Errors: BadInput."""
        return self._source.identity(place, self._ledger, self._quiet)


def _with_gaps(days: list[Day]) -> list[Day]:
    """Fills in ``missing``."""
    beat = rhythm([day.date for day in days])
    later = itertools.pairwise(days)
    return days[:1] + [
        dataclasses.replace(day, missing=beat.missing(before.date, day.date)) for before, day in later
    ]
