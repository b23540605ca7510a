"""The default detector: a small state machine that learns a level, its growth and its usual scatter.

Expected is the median of the last five good values, moved by the median growth. The usual range
follows the scatter of good runs: 6 % at first, 2 % for a quiet series. What alarms is not learned,
unless it stays: then it becomes the new level. Each step costs some microseconds, whatever came before.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, insort
from collections import deque
from typing import Literal, NamedTuple

from roforlmao.anomaly.week import Week

Kind = Literal[
    "first", "few", "normal", "low", "high", "zero", "nothing-yet", "unreadable", "leak", "level", "recovered"
]
ALARMS: frozenset[str] = frozenset({"low", "high", "zero", "unreadable", "leak"})

_PRIOR = 0.015  # the scatter believed before there is any data ...
_PRIOR_RUNS = 10  # ... and how many runs that belief is worth
_SCALES = 4.0
_NARROWEST, _WIDEST = 0.02, 0.5
_UPWARD = 1.25  # growth is less of a worry than loss
_START = 0.06
_SCATTER_RUNS, _GROWTH_RUNS, _LEVEL_RUNS, _LEAK_RUNS = 60, 21, 5, 14
_MOST_GROWTH = 0.15
_STAYS_UP, _STAYS_DOWN = 2, 3  # so many runs that agree are a new level
_ALL_ZERO = 7


class Judgement(NamedTuple):
    """One step in numbers; ``low`` and ``high`` are where alarms begin, ``runs`` what they rest on."""

    kind: Kind
    value: float | None
    expected: float | None
    low: float | None
    high: float | None
    runs: int


class Level(NamedTuple):
    """A level as it was when it was left: its good values, and where it expects the next."""

    good: tuple[float, ...]
    base: float


class Machine:
    """Fed with one value a run, oldest first; ``None`` is a run whose value cannot be read."""

    def __init__(self) -> None:
        self.runs = 0
        self.level_age: int | None = None  # runs since a new level was accepted
        self.before: Level | None = None
        self.streak = 0  # alarms in a row
        self.same = 0  # repetitions of the newest value
        self.whole = True  # counts: one more or less is never an alarm
        self.limit = _WIDEST
        self.alarmed: deque[int] = deque()
        self._base = 0.0
        self._middle = 0.0
        self._good: deque[float] = deque(maxlen=_LEVEL_RUNS)
        self._past: deque[float] = deque(maxlen=_LEAK_RUNS)
        self._residuals: deque[float] = deque()
        self._ordered: list[float] = []
        self._sum = self._squares = 0.0
        self._pending: list[float] = []
        self._quiet = 0
        self._last: float | None = None
        self._changes = self._steps = 0
        self._week = Week()

    @property
    def nearly_level(self) -> bool:
        """Whether the next alarm, if it agrees with those before, becomes the new level."""
        if not self._pending:
            return False
        need = _STAYS_UP if self._pending[-1] > self._base else _STAYS_DOWN
        return len(self._pending) == need - 1

    @property
    def stuck(self) -> bool:
        """Whether the newest value repeats longer than chance allows in a series that used to change."""
        if self.same < 5:
            return False
        steady = 1 - (self._changes + 1) / (self._steps - self.same + 2)
        return steady**self.same < 1e-4

    @property
    def unfit(self) -> bool:
        """Whether the series varies so much that its verdicts say little."""
        return self.runs >= 20 and (self.limit >= 0.25 or len(self.alarmed) > 9)

    def step(self, value: float | None, day: dt.date | None = None) -> Judgement:
        """Judges the value by what came before, and learns from it."""
        self.runs += 1
        if self.level_age is not None:
            self.level_age += 1
        judged = self._judge(value, day)
        if judged.kind in ALARMS:
            self.streak += 1
            self.alarmed.append(self.runs)
        else:
            self.streak = 0
        if self.alarmed and self.alarmed[0] <= self.runs - _SCATTER_RUNS:
            self.alarmed.popleft()
        return judged

    def _judge(self, value: float | None, day: dt.date | None) -> Judgement:
        factor = self._week.factor(day)
        if not value:
            return self._nothing(value, factor)
        self._notice(value)
        self._week.learn(value, day)
        adjusted = value / factor
        if not self._good:
            self._learn_first(adjusted)
            return Judgement("first", value, None, None, None, 0)
        base = self._base
        runs = self._rests
        low, high = self._range(factor)
        if low <= value <= high:
            kind: Kind = self._leak(adjusted) if runs > 1 else "few"
            expected = base * factor
            if kind == "leak":
                expected = self._past[0] * factor
                low = expected - abs(expected) * max(_START, self.limit)
            self._learn(adjusted)
            return Judgement(kind, value, expected, low, high, runs)
        kind = self._suspect(adjusted, "high" if adjusted > base else "low")
        return Judgement(kind, value, base * factor, low, high, runs)

    @property
    def _rests(self) -> int:
        """How many good runs a judgement rests on."""
        return min(len(self._residuals) + 1, _SCATTER_RUNS)

    def _range(self, factor: float) -> tuple[float, float]:
        base = self._base * factor
        width = abs(base) * self.limit
        least = 1.0 if self.whole else 0.0
        return base - max(width, least), base + max(width * _UPWARD, least)

    def _nothing(self, value: float | None, factor: float) -> Judgement:
        """Zero or unreadable: an alarm, never learned, and no part of a new level."""
        self._pending.clear()
        kind: Kind = "unreadable" if value is None else "zero"
        if value is not None:
            self._notice(value)
        if not self._good:
            if kind == "zero" and self.runs > _ALL_ZERO and self.same >= _ALL_ZERO:
                kind = "nothing-yet"
            return Judgement(kind, value, None, None, None, 0)
        return Judgement(kind, value, self._base * factor, *self._range(factor), self._rests)

    def _notice(self, value: float) -> None:
        """Counts how often the series changes, for ``stuck`` and for the unit of counts."""
        self.whole = self.whole and value.is_integer()
        if self._last is not None:
            self._steps += 1
            if value == self._last:
                self.same += 1
            else:
                self.same = 0
                self._changes += 1
        self._last = value

    def _leak(self, adjusted: float) -> Kind:
        """A slow loss: each run is in its range, but much is gone since fourteen runs ago."""
        if self._quiet:
            self._quiet -= 1
        elif len(self._past) == _LEAK_RUNS:
            then = self._past[0]
            if adjusted - then < -abs(then) * max(_START, self.limit):
                self._quiet = _LEAK_RUNS
                return "leak"
        return "normal"

    def _suspect(self, adjusted: float, side: Kind) -> Kind:
        """Out of range: the level before again, a new level if it stays, else an alarm."""
        if self._returns(adjusted):
            return "recovered"
        tolerance = max(_START, self.limit)
        if self._pending:
            other = _median(sorted(self._pending))
            same_side = (other > self._base) == (side == "high")
            if not same_side or abs(adjusted - other) > abs(other) * tolerance:
                self._pending.clear()
        self._pending.append(adjusted)
        if len(self._pending) < (_STAYS_UP if side == "high" else _STAYS_DOWN):
            return side
        self._move(Level(tuple(self._good), self._base), self._pending)
        return "level"

    def _returns(self, adjusted: float) -> bool:
        before = self.before
        if before is None or self.level_age is None or self.level_age > _SCATTER_RUNS:
            return False
        if abs(adjusted - before.base) > abs(before.base) * max(_START, self.limit):
            return False
        if before.base < self._base and self.level_age > _LEAK_RUNS:
            return False  # back down after so long is a loss
        self._move(Level(tuple(self._good), self._base), [*before.good, adjusted])
        return True

    def _move(self, left: Level, values: list[float]) -> None:
        """From the level that is left to one that these values show."""
        self.before = left
        self.level_age = 0
        self._good.clear()
        self._good.extend(values)
        self._past.clear()
        self._past.extend(values[-1:])
        self._pending = []
        self._expect()

    def _learn_first(self, adjusted: float) -> None:
        self._good.append(adjusted)
        self._past.append(adjusted)
        self._base = self._middle = adjusted

    def _learn(self, adjusted: float) -> None:
        residual = (adjusted - self._middle) / abs(self._middle)
        residuals = self._residuals
        residuals.append(residual)
        self._sum += residual
        self._squares += residual * residual
        insort(self._ordered, residual)
        if len(residuals) > _GROWTH_RUNS:
            old = residuals[-_GROWTH_RUNS - 1]
            del self._ordered[bisect_left(self._ordered, old)]
        if len(residuals) > _SCATTER_RUNS:
            old = residuals.popleft()
            self._sum -= old
            self._squares -= old * old
        self._good.append(adjusted)
        self._past.append(adjusted)
        self._pending.clear()
        self._expect()

    def _expect(self) -> None:
        """Sets the base and the limit for the next run."""
        self._middle = _median(sorted(self._good)) or self._good[-1]
        count = len(self._residuals)
        growth = 0.0
        if count >= 4:
            growth = max(-_MOST_GROWTH, min(_MOST_GROWTH, _median(self._ordered)))
        self._base = self._middle + abs(self._middle) * growth
        scatter = self._squares - 2 * growth * self._sum + count * growth * growth
        variance = (_PRIOR_RUNS * _PRIOR * _PRIOR + max(scatter, 0.0)) / (_PRIOR_RUNS + count)
        if count:
            self.limit = max(_NARROWEST, min(_WIDEST, _SCALES * variance**0.5))


def _median(ordered: list[float]) -> float:
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
