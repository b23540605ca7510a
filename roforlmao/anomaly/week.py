"""Whether a daily series repeats by weekday, and by which factor each weekday differs."""

from __future__ import annotations

import datetime as dt
from collections import deque

from roforlmao.anomaly.scatter import median

PROVEN = 0.5  # the factor must halve the error before it is believed
KEPT = 0.7
COMPARED = 28  # runs over which both errors are compared
LEAST = 7
SMALL = 0.01  # a pattern below 1 % is within any usual range
FAR = 1000.0  # no weekday differs by more
FEW = 4  # values from which a level of the last days can be told


class Week:
    """Learns from every readable value, alarmed or not: a weekend that alarms is still a weekend."""

    def __init__(self) -> None:
        self.used = False
        self._ratios: list[deque[float]] = [deque(maxlen=4) for _ in range(7)]
        self._newest: deque[float] = deque(maxlen=7)
        self._recent: deque[float] = deque(maxlen=7)
        self._errors: deque[tuple[float, float]] = deque()
        self._plain = self._weekly = 0.0
        self._usual = 1.0
        self._last = -9  # the day before, as an ordinal

    def factor(self, day: dt.date | None) -> float:
        """How much of the usual level that weekday has; 1 until it is proven that weekdays matter."""
        if day is None or not self.used:
            return 1.0
        known = self._ratios[day.weekday()]
        return median(sorted(known)) / self._usual if known else 1.0

    def learn(self, value: float, day: dt.date | None) -> None:
        """Takes the value into account for the factors of days to come."""
        if day is None:
            return
        ordinal = day.toordinal()
        if not 0 < ordinal - self._last <= 3:  # not daily, or a gap over which the level may have moved
            self._newest.clear()
        self._last = ordinal
        newest = self._newest
        if value > 0 and len(newest) >= FEW and (level := sorted(newest)[len(newest) // 2]) > 0:
            ratio = max(1 / FAR, min(FAR, value / level))
            known = self._ratios[ordinal % 7 - 1]  # ordinal 1 was a Monday
            if known:
                self._compare(ratio, ratio / median(sorted(known)))
            known.append(ratio)
            # The level lags behind growth, which moves every ratio: weekdays are told from the rest.
            self._recent.append(ratio)
            self._usual = sorted(self._recent)[len(self._recent) // 2]
        newest.append(value)

    def _compare(self, ratio: float, weekly: float) -> None:
        """Which explains the value better: the days before, or the weekday?"""
        errors = self._errors
        errors.append((min(abs(ratio / self._usual - 1), 1.0), min(abs(weekly - 1), 1.0)))
        self._plain += errors[-1][0]
        self._weekly += errors[-1][1]
        if len(errors) > COMPARED:
            plain, by_weekday = errors.popleft()
            self._plain -= plain
            self._weekly -= by_weekday
        if len(errors) >= LEAST and self._plain < SMALL * len(errors):
            self.used = False
        elif len(errors) >= LEAST:
            self.used = self._weekly < self._plain * (KEPT if self.used else PROVEN)
