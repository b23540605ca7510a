"""The detector for many series at once gives the very verdicts of the machine, series by series."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roforlmao.anomaly.machine import Machine
from roforlmao.anomaly.many import KINDS, NOT_YET, Many, judge_many
from roforlmao.anomaly.scatter import Sensitivity
from tests.session.world import PROJECT

START = dt.date(2026, 1, 5)
REAL = PROJECT.parent / "shared" / "data" / "anomaly" / "series.json"

Told = tuple[str, float | None, float | None, float | None]


def by_machine(
    values: Sequence[float | None], days: Sequence[dt.date | None], sensitivity: Sensitivity
) -> tuple[list[Told], bool]:
    told: list[Told] = []
    machine, begun = Machine(sensitivity), False
    for value, day in zip(values, days, strict=True):
        begun = begun or value is not None
        if begun:
            judged = machine.step(value, day)
            told.append((judged.kind, judged.expected, judged.low, judged.high))
        else:
            told.append(("", None, None, None))
    return told, machine.unfit


def by_many(
    table: Sequence[Sequence[float | None]], days: Sequence[dt.date | None], sensitivity: Sensitivity
) -> list[tuple[list[Told], bool]]:
    values = np.array([[math.nan if v is None else v for v in series] for series in table]).T
    judges = Many(len(table), sensitivity)
    told: list[list[Told]] = [[] for _ in table]
    with np.errstate(all="ignore"):
        for row, day in zip(values, days, strict=True):
            step = judges.step(row, day)
            for place, code in enumerate(step.kind):
                numbers = [float(column[place]) for column in (step.expected, step.low, step.high)]
                shown = [None if math.isnan(number) else number for number in numbers]
                told[place].append(("" if code == NOT_YET else KINDS[code], shown[0], shown[1], shown[2]))
    return list(zip(told, judges.unfit.tolist(), strict=True))


def drifting(chance: np.random.Generator, runs: int) -> list[float | None]:
    """A series with what real ones have: growth, weekends, steps, leaks, zeros, gaps, strays."""
    level = float(chance.choice([8, 40, 634, 1e4, 0.37]))
    noise, growth = chance.choice([0.0005, 0.005, 0.03, 0.2]), chance.choice([0, 0.001, 0.01, 0.05])
    weekend = chance.choice([1.0, 1.0, 0.7, 0.3])
    values: list[float | None] = []
    for run in range(runs):
        level *= (
            (1 + growth)
            * (0.99 if 40 < run < 60 else 1)
            * (chance.choice([0.6, 1.5]) if chance.random() < 0.02 else 1)
        )
        value = level * (1 + chance.normal(0, noise)) * (weekend if run % 7 > 4 else 1)
        value *= chance.choice([1, 1, 0.5, 2]) if chance.random() < 0.03 else 1
        odd = chance.random()
        values.append(
            None if odd < 0.01 else 0.0 if odd < 0.03 else float(round(value) if level > 5 else value)
        )
    return values


@pytest.mark.parametrize("sensitivity", ["low", "normal", "high"])
@pytest.mark.parametrize("dated", [True, False])
def test_many_series_are_judged_as_one_by_one(sensitivity: Sensitivity, dated: bool) -> None:
    chance = np.random.default_rng(5)
    table = [drifting(chance, 200) for _ in range(60)]
    gaps = np.cumsum(chance.choice([1, 1, 1, 1, 2, 5], 200))
    days = [START + dt.timedelta(int(gap)) if dated else None for gap in gaps]
    found = by_many(table, days, sensitivity)
    kinds = set()
    for number, series in enumerate(table):
        expected = by_machine(series, days, sensitivity)
        assert found[number] == expected, number
        kinds |= {kind for kind, *_ in expected[0]}
    assert {"low", "high", "zero", "unreadable", "leak", "level", "recovered"} <= kinds


CELL = st.one_of(
    st.none(), st.just(0.0), st.integers(1, 6).map(float), st.floats(0.9, 1.1), st.floats(-1e9, 1e9)
)


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.lists(CELL, min_size=40, max_size=40), min_size=1, max_size=4),
    st.lists(st.integers(0, 9), min_size=40, max_size=40),
    st.booleans(),
)
def test_any_series_side_by_side_do_not_mix(
    table: list[list[float | None]], gaps: list[int], dated: bool
) -> None:
    days = [START + dt.timedelta(sum(gaps[: n + 1])) if dated else None for n in range(40)]
    found = by_many(table, days, "normal")
    for number, series in enumerate(table):
        assert found[number] == by_machine(series, days, "normal")


@pytest.mark.skipif(not REAL.is_file(), reason=f"the labelled series ({REAL}) are not here")
def test_real_series_are_judged_alike() -> None:
    series = [one["values"] for one in json.loads(Path(REAL).read_text()).values()]
    longest = max(map(len, series))
    table = [[None] * (longest - len(values)) + values for values in series]
    days = [START + dt.timedelta(run) for run in range(longest)]
    for values, found in zip(table, by_many(table, days, "normal"), strict=True):
        assert found == by_machine(values, days, "normal")


def test_a_series_begins_with_its_first_number() -> None:
    nothing = math.nan
    table = np.array([[nothing, 5.0], [nothing, 5.0], [7.0, nothing], [7.0, 5.0]])
    kinds = [[int(code) for code in step.kind] for step in judge_many(table, [None] * 4)]
    named = [[("-" if code == NOT_YET else KINDS[code]) for code in row] for row in kinds]
    assert named == [["-", "first"], ["-", "few"], ["first", "unreadable"], ["few", "normal"]]
