"""Patterns by weekday in many series: ``week.Week`` on columns of numpy."""

from __future__ import annotations

import datetime as dt

import numpy as np

from roforlmao.anomaly import week as one
from roforlmao.anomaly.columns import Flags, Floats, Ints, Newest, middle_of, upper_middle_of


class ManyWeek:
    """As ``week.Week``, with one place in each array for each series."""

    def __init__(self, series: int) -> None:
        self.used: Flags = np.zeros(series, bool)
        self._ratios = [Newest(series, 4) for _ in range(7)]
        self._newest = Newest(series, 7)
        self._recent = Newest(series, 7)
        self._errors: Floats = np.zeros((series, one.COMPARED, 2))
        self._compared: Ints = np.zeros(series, np.int64)
        self._plain: Floats = np.zeros(series)
        self._weekly: Floats = np.zeros(series)
        self._usual: Floats = np.ones(series)
        self._last: Ints = np.full(series, -9)

    def factor(self, at: Ints, day: dt.date | None) -> Floats:
        """How much of the usual level that weekday has."""
        if day is None:
            return np.ones(len(at))
        known = self._ratios[day.weekday()]
        told = middle_of(known, at) / self._usual[at]
        return np.where(self.used[at] & (known.size[at] > 0), told, 1.0)

    def learn(self, at: Ints, values: Floats, day: dt.date | None) -> None:
        """Takes these values into account for the factors of days to come."""
        if day is None:
            return
        ordinal = day.toordinal()
        since = ordinal - self._last[at]
        self._newest.clear(at[(since <= 0) | (since > 3)])
        self._last[at] = ordinal
        level = upper_middle_of(self._newest, at)
        told = (values > 0) & (self._newest.size[at] >= one.FEW) & (level > 0)
        ratio = np.maximum(1 / one.FAR, np.minimum(one.FAR, values[told] / level[told]))
        self._tell(at[told], ratio, self._ratios[day.weekday()])
        self._newest.push(at, values)

    def _tell(self, at: Ints, ratio: Floats, known: Newest) -> None:
        before = known.size[at] > 0
        weekly = ratio / middle_of(known, at)
        self._compare(at[before], ratio[before], weekly[before])
        known.push(at, ratio)
        self._recent.push(at, ratio)
        self._usual[at] = upper_middle_of(self._recent, at)

    def _compare(self, at: Ints, ratio: Floats, weekly: Floats) -> None:
        """Which explains the values better: the days before, or the weekday?"""
        plain = np.minimum(np.abs(ratio / self._usual[at] - 1), 1.0)
        by_weekday = np.minimum(np.abs(weekly - 1), 1.0)
        turn = self._compared[at]
        place, full = turn % one.COMPARED, (turn >= one.COMPARED)[:, None]
        old = np.where(full, self._errors[at, place], 0.0)
        self._errors[at, place] = np.stack([plain, by_weekday], axis=1)
        self._plain[at] = (self._plain[at] + plain) - old[:, 0]
        self._weekly[at] = (self._weekly[at] + by_weekday) - old[:, 1]
        self._compared[at] = turn + 1
        count = np.minimum(turn + 1, one.COMPARED)
        share = np.where(self.used[at], one.KEPT, one.PROVEN)
        better = (self._weekly[at] < self._plain[at] * share) & (self._plain[at] >= one.SMALL * count)
        self.used[at] = np.where(count >= one.LEAST, better, self.used[at])
