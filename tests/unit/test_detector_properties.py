"""What holds of the detector for any series at all."""

from __future__ import annotations

import datetime as dt
import json
import math

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from roforlmao.anomaly.judging import judge_readings
from roforlmao.anomaly.machine import ALARMS, Machine
from roforlmao.anomaly.panel import Panel
from roforlmao.anomaly.readings import Reading
from roforlmao.anomaly.wording import explain
from roforlmao.models import as_json
from roforlmao.schema import SpikeMethod
from roforlmao.text import one_line

START = dt.date(2026, 1, 1)
ANY = st.one_of(st.none(), st.floats(-1e150, 1e150), st.integers(-5, 5).map(float), st.just(0.0))
NEAR = st.floats(0.9, 1.1)
SERIES = st.one_of(st.lists(ANY, min_size=1, max_size=80), st.lists(NEAR, min_size=1, max_size=80))
GAPS = st.lists(st.integers(0, 9), min_size=80, max_size=80)


def days(gaps: list[int], count: int) -> list[dt.date]:
    return [START + dt.timedelta(sum(gaps[: number + 1])) for number in range(count)]


@settings(max_examples=300, deadline=None)
@given(SERIES, GAPS)
def test_every_series_gets_a_verdict_in_one_line_that_json_can_hold(
    values: list[float | None], gaps: list[int]
) -> None:
    machine = Machine()
    for value, day in zip(values, days(gaps, len(values)), strict=True):
        verdict = explain(machine.step(value, day), machine, 1)
        json.dumps(as_json(verdict), allow_nan=False)
        assert verdict.reason.endswith(".")
        assert one_line(verdict.reason) == verdict.reason
        if verdict.low is not None and verdict.high is not None and verdict.expected is not None:
            assert verdict.low <= verdict.high
            assert verdict.difference is None or math.isfinite(verdict.difference)


@settings(max_examples=200, deadline=None)
@given(SERIES, GAPS, st.integers(1, 80))
def test_a_verdict_does_not_depend_on_the_future(
    values: list[float | None], gaps: list[int], cut: int
) -> None:
    dated = list(zip(values, days(gaps, len(values)), strict=True))
    whole, part = Machine(), Machine()
    judged = [whole.step(*run) for run in dated]
    assert [part.step(*run) for run in dated[:cut]] == judged[:cut]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.floats(0.5, 2).map(lambda x: x * 1.0001), min_size=1, max_size=80), st.integers(-8, 8), GAPS
)
def test_the_unit_of_a_metric_does_not_matter(values: list[float], power: int, gaps: list[int]) -> None:
    scale = 4.0**power  # exact in binary, so that rounding decides nothing
    plain, scaled = Machine(), Machine()
    for number, (value, day) in enumerate(zip(values, days(gaps, len(values)), strict=True)):
        assume(not value.is_integer() and not (value * scale).is_integer())  # a count has a unit
        one, other = plain.step(value, day), scaled.step(value * scale, day)
        assert one.kind == other.kind, number
        assert one.runs == other.runs


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(100, 104), min_size=2, max_size=80))
def test_a_series_within_2_percent_never_alarms(values: list[int]) -> None:
    machine = Machine()
    kinds = {machine.step(1000.0 + value).kind for value in values}
    assert not kinds & ALARMS


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(SERIES, st.text(max_size=5)), max_size=4), st.sampled_from(["default", "classic"]))
def test_any_metrics_side_by_side_get_one_verdict(
    columns: list[tuple[list[float | None], str]], method: SpikeMethod
) -> None:
    longest = max((len(values) for values, _ in columns), default=1)
    readings = [
        Reading(f"run {run}", None, {name: values[run] for values, name in columns if run < len(values)})
        for run in range(longest)
    ]
    verdict = judge_readings(readings, method, START, len(readings))
    assert verdict.state in ("normal", "anomaly", "insufficient-data")
    assert verdict.reason
    panel = Panel(method)
    for reading in readings:
        panel.feed(reading)
    assert panel.verdict() == verdict
