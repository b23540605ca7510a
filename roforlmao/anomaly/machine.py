"""The default detector: a small state machine that learns a level, its growth and its usual scatter.

Expected is the median of the last five good values, moved by the median growth. The usual range
follows the scatter of good runs: 6 % at first, 2 % for a quiet series. What alarms is not learned,
unless it stays: then it becomes the new level. Each step costs some microseconds, whatever came before.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from typing import Literal, NamedTuple

from roforlmao.anomaly.repetition import Repetition
from roforlmao.anomaly.scatter import SCATTER_RUNS, Scatter, Sensitivity, median
from roforlmao.anomaly.week import Week
from roforlmao.models import MarkKind

Kind = Literal[
    "first", "few", "normal", "low", "high", "zero", "nothing-yet", "unreadable", "leak", "level",
    "recovered", "known", "real", "repeated", "left-out",
]  # fmt: skip
ALARMS: frozenset[str] = frozenset({"low", "high", "zero", "unreadable", "leak"})

UPWARD = 1.25  # growth is less of a worry than loss
START = 0.06  # the least that a leak loses, and that values of one level may differ by
LEVEL_RUNS, LEAK_RUNS = 5, 14
REAL_RUNS = 14  # in which what repeats a value that is real is quiet, with that value the first of them
STAYS_UP, STAYS_DOWN = 2, 3  # so many runs that agree are a new level
ALL_ZERO = 7
UNFIT_LIMIT, UNFIT_ALARMS, UNFIT_FROM = 0.25, 9, 20


class Judgement(NamedTuple):
    """One step in numbers; ``low`` and ``high`` are where alarms begin, ``runs`` what they rest on."""

    kind: Kind
    value: float | None
    expected: float | None
    low: float | None
    high: float | None
    runs: int


class Level(NamedTuple):
    """A level as it was when it was left: its good values, and where it expected the next."""

    good: tuple[float, ...]
    base: float


class Machine:
    """Fed with one value a run, oldest first; ``None`` is a run whose value cannot be read."""

    def __init__(self, sensitivity: Sensitivity = "normal") -> None:
        self.runs = 0
        self.streak = 0  # alarms in a row
        self.level_age: int | None = None  # runs since a new level was accepted
        self.before: Level | None = None
        self.repetition = Repetition()
        self._scatter = Scatter(sensitivity)
        self._week = Week()
        self._alarmed: deque[int] = deque()
        self._base = self._middle = 0.0
        self._good: deque[float] = deque(maxlen=LEVEL_RUNS)
        self._past: deque[float] = deque(maxlen=LEAK_RUNS)
        self._pending: list[float] = []
        self._quiet = 0
        self._real = 0.0  # the value that an operator called real
        self._real_for = 0  # runs for which that is heeded

    @property
    def nearly_level(self) -> bool:
        """Whether the next alarm, if it agrees with those before, becomes the new level."""
        if not self._pending:
            return False
        need = STAYS_UP if self._pending[-1] > self._base else STAYS_DOWN
        return len(self._pending) == need - 1

    @property
    def recent_alarms(self) -> int:
        """Alarms in the last ``SCATTER_RUNS`` runs."""
        return len(self._alarmed)

    @property
    def unfit(self) -> bool:
        """Whether the series varies so much that its verdicts say little."""
        wild = self._scatter.limit >= UNFIT_LIMIT or self.recent_alarms > UNFIT_ALARMS
        return self.runs >= UNFIT_FROM and wild

    def step(
        self, value: float | None, day: dt.date | None = None, mark: MarkKind | None = None
    ) -> Judgement:
        """Judges the value by what came before, and learns from it. ``mark`` is an operator's word on it."""
        if mark == "bad-run":
            return self._unlearned("left-out", value, day)
        self.runs += 1
        if self.level_age is not None:
            self.level_age += 1
        factor = self._week.factor(day) if mark or self._real_for else 1.0
        self._real_for -= self._real_for > 0
        judged = self._judge(value, day) if value else self._nothing(value, day)
        if judged.kind in ALARMS and value is not None and (mark or self._real_for):
            judged = judged._replace(kind=self._heed(judged.kind, value / factor, mark))
        if judged.kind in ALARMS:
            self.streak += 1
            self._alarmed.append(self.runs)
        else:
            self.streak = 0
        if self._alarmed and self._alarmed[0] <= self.runs - SCATTER_RUNS:
            self._alarmed.popleft()
        return judged

    def _judge(self, value: float, day: dt.date | None) -> Judgement:
        factor = self._week.factor(day)
        self.repetition.learn(value)
        self._week.learn(value, day)
        adjusted = value / factor
        if not self._good:
            self._begin(adjusted)
            return Judgement("first", value, None, None, None, 0)
        expected, runs = self._base * factor, self._rests
        low, high = self._range(factor)
        if not low <= value <= high:
            kind = self._suspect(adjusted, "high" if adjusted > self._base else "low")
            return Judgement(kind, value, expected, low, high, runs)
        if self._leaks(adjusted):
            expected = self._past[0] * factor
            low = expected - abs(expected) * self._tolerance
            judged = Judgement("leak", value, expected, low, high, runs)
        else:
            judged = Judgement("normal" if runs > 1 else "few", value, expected, low, high, runs)
        self._learn(adjusted)
        return judged

    def _nothing(self, value: float | None, day: dt.date | None) -> Judgement:
        """Zero or unreadable: an alarm, never learned, and no part of a new level."""
        self._pending.clear()
        kind: Kind = "unreadable" if value is None else "zero"
        if value is not None:
            self.repetition.learn(value)
        if kind == "zero" and not self._good and self.repetition.same >= ALL_ZERO:
            kind = "nothing-yet"
        return self._unlearned(kind, value, day)

    def _unlearned(self, kind: Kind, value: float | None, day: dt.date | None) -> Judgement:
        """What was expected, for a value that tells nothing of the level."""
        if not self._good:
            return Judgement(kind, value, None, None, None, 0)
        factor = self._week.factor(day)
        return Judgement(kind, value, self._base * factor, *self._range(factor), self._rests)

    def _heed(self, kind: Kind, adjusted: float, mark: MarkKind | None) -> Kind:
        """What an alarm becomes by an operator's word on it, or on one that it repeats."""
        if mark == "known-change" and adjusted:
            self._move([adjusted])
            self.before = (
                Level((), self.before.base) if self.before else None
            )  # a return to it is no recovery
            return "known"
        if mark:
            self._real, self._real_for = adjusted, REAL_RUNS
            return "real"
        if abs(adjusted - self._real) > abs(self._real) * self._tolerance:
            return kind
        self._real_for = REAL_RUNS
        return "repeated"

    @property
    def _rests(self) -> int:
        """How many good runs a judgement rests on."""
        return min(len(self._scatter) + 1, SCATTER_RUNS)

    @property
    def _tolerance(self) -> float:
        return max(START, self._scatter.limit)

    @property
    def _unit(self) -> float:
        """Of counts, one more or less is never an alarm."""
        return 1.0 if self.repetition.whole else 0.0

    def _range(self, factor: float) -> tuple[float, float]:
        base = self._base * factor
        width = abs(base) * self._scatter.limit
        return base - max(width, self._unit), base + max(width * UPWARD, self._unit)

    def _leaks(self, adjusted: float) -> bool:
        """A slow loss: each run is in its range, but much is gone since fourteen good runs ago."""
        if self._quiet:
            self._quiet -= 1
            return False
        if len(self._past) < LEAK_RUNS:
            return False
        then = self._past[0]
        if then - adjusted <= max(abs(then) * self._tolerance, self._unit):
            return False
        self._quiet = LEAK_RUNS
        return True

    def _suspect(self, adjusted: float, side: Literal["high", "low"]) -> Kind:
        """Out of range: the level before again, a new level if it stays, else an alarm."""
        if self._returns(adjusted):
            return "recovered"
        if self._pending:
            other = median(sorted(self._pending))
            same_side = (other > self._base) == (side == "high")
            if not same_side or abs(adjusted - other) > abs(other) * self._tolerance:
                self._pending.clear()
        self._pending.append(adjusted)
        if len(self._pending) < (STAYS_UP if side == "high" else STAYS_DOWN):
            return side
        self._move(self._pending)
        return "level"

    def _returns(self, adjusted: float) -> bool:
        """Whether the value is back at the level before; down again after long is no return but a loss."""
        before, age = self.before, self.level_age
        if before is None or age is None or not before.good:
            return False
        if age > (SCATTER_RUNS if before.base > self._base else LEAK_RUNS):
            return False
        if abs(adjusted - before.base) > abs(before.base) * self._tolerance:
            return False
        self._move([*before.good, adjusted])
        return True

    def _move(self, values: list[float]) -> None:
        """From the level that is left to one that these values show."""
        self.before = Level(tuple(self._good), self._base)
        self.level_age = 0
        self._good.clear()
        self._good.extend(values)
        self._past.clear()
        self._past.extend(values[-1:])
        self._pending = []
        self._expect()

    def _begin(self, adjusted: float) -> None:
        self._good.append(adjusted)
        self._past.append(adjusted)
        self._base = self._middle = adjusted

    def _learn(self, adjusted: float) -> None:
        self._scatter.learn((adjusted - self._middle) / abs(self._middle))
        self._good.append(adjusted)
        self._past.append(adjusted)
        self._pending.clear()
        self._expect()

    def _expect(self) -> None:
        """Sets where the next run is expected; a median of zero would divide nothing."""
        self._middle = median(sorted(self._good)) or self._good[-1]
        self._base = self._middle + abs(self._middle) * self._scatter.growth
