"""The default detector's state machine: what it alarms at, what it learns, and what it settles to."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Sequence

import pytest

from roforlmao.anomaly.judging import judge_readings
from roforlmao.anomaly.machine import ALARMS, Machine
from roforlmao.anomaly.readings import Reading

START = dt.date(2026, 1, 5)  # a Monday


def quiet(runs: int, level: float = 634.0) -> list[float]:
    """A series that moves a little around a level, the same in each test."""
    chance = random.Random(5)
    return [round(level * (1 + chance.gauss(0, 0.003))) + 0.0 for _ in range(runs)]


def kinds(values: Sequence[float | None], *, daily: bool = False) -> list[str]:
    machine = Machine()
    days = [START + dt.timedelta(number) if daily else None for number in range(len(values))]
    return [machine.step(value, day).kind for value, day in zip(values, days, strict=True)]


def after(*values: float | None, runs: int = 60) -> list[str]:
    """The kinds of these values after a quiet time."""
    return kinds([*quiet(runs), *values])[runs:]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (412, "low"), (601, "low"), (630, "normal"), (640, "normal"), (670, "high"), (1268, "high"),
        (0, "zero"), (-634, "low"), (None, "unreadable"), (1e300, "high"),
    ],
)  # fmt: skip
def test_a_value_after_sixty_quiet_runs(value: float | None, kind: str) -> None:
    assert after(value) == [kind]


def test_the_usual_range_begins_near_6_percent_and_narrows_in_a_quiet_series() -> None:
    machine = Machine()
    widths = []
    for value in [1000.0] * 80:
        judged = machine.step(value)
        if judged.expected is not None and judged.low is not None:
            widths.append((judged.expected - judged.low) / judged.expected)
    assert widths[0] == 0.5  # the second run
    assert widths[1] == pytest.approx(0.057, abs=0.001)
    assert widths[-1] == pytest.approx(0.0227, abs=0.0001)
    assert widths == sorted(widths, reverse=True)


def test_the_usual_range_widens_with_the_scatter_of_good_runs() -> None:
    chance = random.Random(1)
    calm, wild = Machine(), Machine()
    for _ in range(60):
        drawn = chance.gauss(0, 1)
        narrow, wide = calm.step(1000 + 2 * drawn), wild.step(1000 + 20 * drawn)
    assert narrow.low is not None
    assert wide.low is not None
    assert wide.low < 930 < 970 < narrow.low


def test_the_first_runs_are_not_judged_but_a_loss_of_half_alarms() -> None:
    assert kinds([630, 600, 610]) == ["first", "few", "normal"]
    assert kinds([630, 300]) == ["first", "low"]


def test_a_lasting_rise_alarms_once_and_then_settles() -> None:
    assert after(*quiet(5, 800)) == ["high", "level", *["normal"] * 3]


def test_a_lasting_fall_alarms_twice_before_it_is_believed() -> None:
    assert after(*quiet(5, 500)) == ["low", "low", "level", "normal", "normal"]


def test_values_that_do_not_agree_are_no_new_level() -> None:
    assert after(500, 300, 200, 120, 500, 300) == ["low"] * 6
    assert after(800, 1100, 1500) == ["high"] * 3
    assert after(800, 500, 800) == ["high", "low", "high"]


@pytest.mark.parametrize("bad", [0, 412, 1268, None])
def test_the_day_after_a_bad_day_is_quiet(bad: float | None) -> None:
    assert after(bad, 634, 636) == ["high" if bad == 1268 else after(bad)[0], "normal", "normal"]


def test_bad_values_are_not_learned() -> None:
    learned, unharmed = Machine(), Machine()
    for value in quiet(60):
        learned.step(value)
        unharmed.step(value)
    for bad in (0, 412, 0, 300, None):
        learned.step(bad)
    assert learned.step(634.0)[2:] == unharmed.step(634.0)[2:]


def test_zeros_never_become_normal() -> None:
    assert set(after(*[0] * 30)) == {"zero"}
    assert after(*[0] * 30, 634)[-1] == "normal"


def test_a_metric_that_was_always_zero_cannot_be_judged_and_says_so() -> None:
    assert kinds([0] * 9) == [*["zero"] * 7, *["nothing-yet"] * 2]
    assert kinds([0] * 9 + [5])[-1] == "first"


def test_zeros_do_not_help_a_fall_to_become_the_level() -> None:
    assert after(412, 0, 412, 0, 412) == ["low", "zero", "low", "zero", "low"]


def test_a_return_to_the_level_before_is_silent() -> None:
    assert after(412, 412, 412, 412, 634, 633) == ["low", "low", "level", "normal", "recovered", "normal"]


def test_a_fall_to_the_level_before_alarms_once_the_new_one_has_lasted() -> None:
    assert after(*quiet(10, 800), 634)[-1] == "recovered"
    assert after(*quiet(20, 800), 634)[-1] == "low"


@pytest.mark.parametrize("percent", [0.7, 1])
def test_a_slow_leak_is_found_within_fourteen_runs_and_not_told_at_each_one(percent: float) -> None:
    leaking = [round(10_000 * (1 - percent / 100) ** (run + 1)) + 0.0 for run in range(28)]
    found = kinds([*quiet(60, 10_000), *leaking])[60:]
    first = found.index("leak")
    assert first < 14
    assert "leak" not in found[first + 1 : first + 14]


def test_growth_is_expected() -> None:
    growing = [round(1000 * 1.03**run) + 0.0 for run in range(60)]
    assert not ALARMS & set(kinds(growing))
    assert kinds([*growing, growing[-1] * 0.9])[-1] == "low"


def test_one_more_or_less_of_a_small_count_is_no_alarm() -> None:
    assert kinds([5.0] * 20 + [6, 4, 5]) == ["first", "few", *["normal"] * 21]
    assert kinds([0.5] * 20 + [0.4])[-1] == "low"  # no count, no unit


def weekly(weeks: int) -> list[float]:
    chance = random.Random(3)
    week = (1, 1.01, 0.99, 1, 1, 0.7, 0.65)
    return [round(2000 * share * (1 + chance.gauss(0, 0.004))) + 0.0 for _ in range(weeks) for share in week]


def test_a_weekday_pattern_is_quiet_from_the_third_weekend_on_and_a_fault_in_it_is_found() -> None:
    found = kinds([*weekly(12)], daily=True)
    assert [number for number, kind in enumerate(found) if kind in ALARMS] == [5, 6, 12, 13]
    saturday = kinds([*weekly(12), *weekly(1)[:5], 1000], daily=True)
    assert saturday[-1] == "low"  # half of a Monday is too little for a Saturday
    monday = kinds([*weekly(12), 1400], daily=True)
    assert monday[-1] == "low"  # what a Saturday has is too little for a Monday


def test_weekdays_are_told_from_dates_not_from_positions() -> None:
    machine, alarms = Machine(), 0
    days = [day for day in range(7 * 16) if day % 7 in (5, 6) or day % 11]  # some Mondays to Fridays fail
    values = weekly(16)
    for day in days:
        alarmed = machine.step(values[day], START + dt.timedelta(day)).kind in ALARMS
        alarms += alarmed and day > 28
    assert alarms == 0


def test_weekly_files_have_no_weekday_pattern() -> None:
    machine = Machine()
    for number, value in enumerate(weekly(8)):
        machine.step(value, START + dt.timedelta(weeks=number))
    assert machine._week.used is False


def test_a_stuck_value_is_noticed_but_no_alarm() -> None:
    machine = Machine()
    for value in [*quiet(60), *[634.0] * 12]:
        kind = machine.step(value).kind
    assert kind == "normal"
    assert machine.repetition.stuck


def test_a_series_that_seldom_changes_is_not_stuck() -> None:
    machine = Machine()
    for run in range(200):
        machine.step(500.0 + run // 40)
    assert not machine.repetition.stuck


def test_a_metric_that_varies_wildly_is_called_unfit_and_a_quiet_one_is_not() -> None:
    chance, wild, calm = random.Random(2), Machine(), Machine()
    for value in quiet(100):
        wild.step(value * chance.choice((0.3, 0.6, 1, 1.7, 2.5)))
        calm.step(value)
    assert (wild.unfit, calm.unfit) == (True, False)


def test_a_verdict_on_1000_runs_takes_less_than_5_ms() -> None:
    days = [START + dt.timedelta(number) for number in range(1000)]
    readings = [Reading(str(day), day, {"": value}) for day, value in zip(days, quiet(1000), strict=True)]
    taken = []
    for _ in range(9):
        began = time.process_time()
        judge_readings(readings, "default", days[-1], len(readings))
        taken.append(time.process_time() - began)
    assert min(taken) < 0.005
