"""The default detector for many series at once: the same steps as ``machine``, on columns of numpy.

Every number is computed by the same operations in the same order, so that each verdict is the very one
that the machine would give; a property test holds the two together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple, get_args

import numpy as np

from roforlmao.anomaly import machine as one
from roforlmao.anomaly.columns import Flags, Floats, Ints, Newest, middle_of
from roforlmao.anomaly.machine import ALARMS, Kind
from roforlmao.anomaly.manyscatter import ManyScatter
from roforlmao.anomaly.manyweek import ManyWeek
from roforlmao.anomaly.scatter import SCATTER_RUNS, Sensitivity
from roforlmao.models import MarkKind

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
NOT_YET: Final = len(KINDS)  # the code of a run before a series' first number
ALARM_CODES: Final = tuple(code for code, kind in enumerate(KINDS) if kind in ALARMS)
_CODE: Final = {kind: code for code, kind in enumerate(KINDS)}


class Step(NamedTuple):
    """One run of every series: a code in ``KINDS`` each; numbers are NaN where there are none."""

    kind: Ints
    expected: Floats
    low: Floats
    high: Floats


def judge_many(
    values: Floats,
    days: Sequence[dt.date | None],
    sensitivity: Sensitivity = "normal",
    marks: Mapping[int, MarkKind] = MappingProxyType({}),
) -> Iterator[Step]:
    """One step for each row of ``values``, whose columns are the series; NaN is unreadable.

    A series begins with its first number. ``marks`` are operators' words by the number of the row.
    """
    judges = Many(values.shape[1], sensitivity)
    with np.errstate(all="ignore"):  # what divides by nothing is masked, as the machine never gets there
        for number, (row, day) in enumerate(zip(values, days, strict=True)):
            yield judges.step(row, day, marks.get(number))


class Many:
    """As ``machine.Machine``, with one place in each array for each series."""

    def __init__(self, series: int, sensitivity: Sensitivity = "normal") -> None:
        self.runs = np.zeros(series, np.int64)
        self._started = np.zeros(series, bool)
        self._age = np.full(series, -1)  # runs since a new level; -1 for none
        self._before_base = np.full(series, np.nan)
        self._before_good = Newest(series, one.LEVEL_RUNS)
        self._scatter = ManyScatter(series, sensitivity)
        self._week = ManyWeek(series)
        self._whole = np.ones(series, bool)
        self._zeros = np.full(series, -1)  # how often the first value, a zero, has repeated
        self._alarmed = np.zeros((SCATTER_RUNS, series), bool)
        self._alarms = np.zeros(series, np.int64)  # among the last SCATTER_RUNS
        self._turn = 0
        self._base = np.zeros(series)
        self._middle = np.zeros(series)
        self._good = Newest(series, one.LEVEL_RUNS)
        self._past = Newest(series, one.LEAK_RUNS)
        self._pending = Newest(series, one.STAYS_DOWN)
        self._quiet = np.zeros(series, np.int64)
        self._real = np.zeros(series)
        self._real_for = np.zeros(series, np.int64)

    @property
    def unfit(self) -> Flags:
        """As ``machine.Machine.unfit``."""
        wild = (self._scatter.limit >= one.UNFIT_LIMIT) | (self._alarms > one.UNFIT_ALARMS)
        return np.asarray((self.runs >= one.UNFIT_FROM) & wild)

    def step(self, row: Floats, day: dt.date | None, mark: MarkKind | None = None) -> Step:
        """Judges one value of every series, and learns from it. ``mark`` is an operator's word on it."""
        series = len(row)
        found = Step(np.full(series, NOT_YET, np.int64), *(np.full(series, np.nan) for _ in range(3)))
        if mark == "bad-run":
            self._leave_out(np.flatnonzero(self._started), day, found)
            return found
        readable = ~np.isnan(row)
        self._started |= readable
        self.runs += self._started
        self._age += self._started & (self._age >= 0)
        factor = (
            self._week.factor(np.arange(series), day) if mark or self._real_for.any() else np.ones(series)
        )
        self._real_for -= self._started & (self._real_for > 0)
        counts = readable & (row != 0)
        self._judge(np.flatnonzero(counts), row, day, found)
        self._nothing(np.flatnonzero(self._started & ~counts), row, day, found)
        if mark or self._real_for.any():
            heeded = np.flatnonzero(np.isin(found.kind, ALARM_CODES) & readable)
            self._heed(heeded, row[heeded] / factor[heeded], mark, found)
        self._count_alarms(np.isin(found.kind, ALARM_CODES))
        return found

    def _leave_out(self, at: Ints, day: dt.date | None, found: Step) -> None:
        found.kind[at] = _CODE["left-out"]
        at = at[self._good.size[at] > 0]
        self._expected(at, self._week.factor(at, day), found)

    def _heed(self, at: Ints, adjusted: Floats, mark: MarkKind | None, found: Step) -> None:
        """What alarms become by an operator's word on them, or on those that they repeat."""
        if mark == "known-change":
            known = adjusted != 0
            level = Newest(len(self._good.size), one.LEVEL_RUNS)
            level.push(at[known], adjusted[known])
            self._move(at[known], level)
            self._before_base[at[known]] = np.nan  # a return to it is no recovery
            found.kind[at[known]] = _CODE["known"]
            at, adjusted = at[~known], adjusted[~known]
        if mark:
            self._real[at], self._real_for[at], found.kind[at] = adjusted, one.REAL_RUNS, _CODE["real"]
            return
        near = np.abs(adjusted - self._real[at]) <= np.abs(self._real[at]) * self._tolerance(at)
        repeated = at[near & (self._real_for[at] > 0)]
        self._real_for[repeated], found.kind[repeated] = one.REAL_RUNS, _CODE["repeated"]

    def _judge(self, at: Ints, row: Floats, day: dt.date | None, found: Step) -> None:
        values = row[at]
        factor = self._week.factor(at, day)
        self._whole[at] &= values % 1 == 0
        self._week.learn(at, values, day)
        adjusted = values / factor
        known = self._good.size[at] > 0
        self._begin(at[~known], adjusted[~known], found)
        at, values, adjusted, factor = at[known], values[known], adjusted[known], factor[known]
        self._expected(at, factor, found)
        inside = (found.low[at] <= values) & (values <= found.high[at])
        found.kind[at[~inside]] = self._suspect(at[~inside], adjusted[~inside])
        self._accept(at[inside], adjusted[inside], factor[inside], found)

    def _accept(self, at: Ints, adjusted: Floats, factor: Floats, found: Step) -> None:
        """What is in its range: a leak, or good."""
        found.kind[at] = np.where(self._rests(at) > 1, _CODE["normal"], _CODE["few"])
        leaks = self._leaks(at, adjusted)
        leaking = at[leaks]
        expected = self._past.values[leaking, 0] * factor[leaks]
        found.kind[leaking], found.expected[leaking] = _CODE["leak"], expected
        found.low[leaking] = expected - np.abs(expected) * self._tolerance(leaking)
        self._scatter.learn(at, (adjusted - self._middle[at]) / np.abs(self._middle[at]))
        self._good.push(at, adjusted)
        self._past.push(at, adjusted)
        self._pending.clear(at)
        self._expect(at)

    def _nothing(self, at: Ints, row: Floats, day: dt.date | None, found: Step) -> None:
        """Zero or unreadable."""
        zero = row[at] == 0
        self._pending.clear(at)
        begun = self._good.size[at] > 0
        self._zeros[at[zero & ~begun]] += 1
        found.kind[at] = np.where(zero, _CODE["zero"], _CODE["unreadable"])
        found.kind[at[zero & ~begun & (self._zeros[at] >= one.ALL_ZERO)]] = _CODE["nothing-yet"]
        at = at[begun]
        self._expected(at, self._week.factor(at, day), found)

    def _expected(self, at: Ints, factor: Floats, found: Step) -> None:
        base = self._base[at] * factor
        width, unit = np.abs(base) * self._scatter.limit[at], self._unit(at)
        found.expected[at] = base
        found.low[at] = base - np.maximum(width, unit)
        found.high[at] = base + np.maximum(width * one.UPWARD, unit)

    def _rests(self, at: Ints) -> Ints:
        return np.minimum(self._scatter.count[at] + 1, SCATTER_RUNS)

    def _tolerance(self, at: Ints) -> Floats:
        return np.maximum(one.START, self._scatter.limit[at])

    def _unit(self, at: Ints) -> Floats:
        return np.where(self._whole[at], 1.0, 0.0)

    def _leaks(self, at: Ints, adjusted: Floats) -> Flags:
        quiet = self._quiet[at] > 0
        self._quiet[at] -= quiet
        then = self._past.values[at, 0]
        lost = then - adjusted > np.maximum(np.abs(then) * self._tolerance(at), self._unit(at))
        leaks = np.asarray(~quiet & (self._past.size[at] == one.LEAK_RUNS) & lost)
        self._quiet[at[leaks]] = one.LEAK_RUNS
        return leaks

    def _suspect(self, at: Ints, adjusted: Floats) -> Ints:
        """Codes: the level before again, a new level if it stays, else an alarm."""
        high = adjusted > self._base[at]
        codes = np.where(high, _CODE["high"], _CODE["low"])
        back = self._returns(at, adjusted)
        codes[back] = _CODE["recovered"]
        self._return(at[back], adjusted[back])
        at, adjusted, high, rest = at[~back], adjusted[~back], high[~back], np.flatnonzero(~back)
        other = middle_of(self._pending, at)
        far = np.abs(adjusted - other) > np.abs(other) * self._tolerance(at)
        self._pending.clear(at[(self._pending.size[at] > 0) & (((other > self._base[at]) != high) | far)])
        self._pending.push(at, adjusted)
        stays = self._pending.size[at] >= np.where(high, one.STAYS_UP, one.STAYS_DOWN)
        codes[rest[stays]] = _CODE["level"]
        self._move(at[stays], self._pending)
        return codes

    def _returns(self, at: Ints, adjusted: Floats) -> Flags:
        before, age = self._before_base[at], self._age[at]
        limit = np.where(before > self._base[at], SCATTER_RUNS, one.LEAK_RUNS)
        near = np.abs(adjusted - before) <= np.abs(before) * self._tolerance(at)
        return np.asarray((age >= 0) & (age <= limit) & near)

    def _return(self, at: Ints, adjusted: Floats) -> None:
        self._before_good.push(at, adjusted)
        self._move(at, self._before_good)

    def _move(self, at: Ints, values: Newest) -> None:
        """From the level that is left to one that these values show."""
        left, self._before_base[at] = self._good.copy(at), self._base[at]
        self._age[at] = 0
        self._good.take(at, *values.copy(at))
        self._before_good.take(at, *left)
        self._past.clear(at)
        self._past.push(at, self._good.values[at, -1])
        self._pending.clear(at)
        self._expect(at)

    def _begin(self, at: Ints, adjusted: Floats, found: Step) -> None:
        self._good.push(at, adjusted)
        self._past.push(at, adjusted)
        self._base[at] = self._middle[at] = adjusted
        found.kind[at] = _CODE["first"]

    def _expect(self, at: Ints) -> None:
        middle = middle_of(self._good, at)
        middle = np.where(middle == 0, self._good.values[at, -1], middle)
        self._middle[at] = middle
        self._base[at] = middle + np.abs(middle) * self._scatter.growth[at]

    def _count_alarms(self, alarmed: Flags) -> None:
        gone = self._alarmed[self._turn]
        self._alarms += alarmed.astype(np.int64) - gone
        self._alarmed[self._turn] = alarmed
        self._turn = (self._turn + 1) % SCATTER_RUNS
