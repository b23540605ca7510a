"""How often a stream has a version, and where some are missing."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from statistics import median_low
from typing import NamedTuple


class Rhythm(NamedTuple):
    """The usual distance of two versions, in days."""

    days: int

    def missing(self, before: dt.date, after: dt.date) -> int:
        """How many versions should lie between these two."""
        return max(0, round((after - before).days / self.days) - 1)


class Gap(NamedTuple):
    """Days without a version, both ends included, and how many versions should have been there."""

    first: dt.date
    last: dt.date
    missing: int


def rhythm(days: Sequence[dt.date]) -> Rhythm:
    """From the distances in the sequence; that of a daily stream where there are too few."""
    distances = [(after - before).days for before, after in itertools.pairwise(days)]
    return Rhythm(max(1, median_low([d for d in distances if d > 0] or [1])))


def gaps(days: Sequence[dt.date]) -> list[Gap]:
    """Where versions are missing, oldest first."""
    beat, one = rhythm(days), dt.timedelta(1)
    return [
        Gap(before + one, after - one, missing)
        for before, after in itertools.pairwise(days)
        if (missing := beat.missing(before, after))
    ]
