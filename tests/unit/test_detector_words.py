"""The one line in which a verdict explains itself, and the numbers beside it."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from roforlmao.anomaly.judging import judge_readings
from roforlmao.anomaly.readings import Reading
from roforlmao.models import Run, Verdict
from roforlmao.runs.report import report_text

TODAY = dt.date(2026, 11, 22)
QUIET = [630.0 + run % 9 for run in range(60)]


def verdict(values: list[float | None], fault: str = "") -> Verdict:
    readings = [Reading(f"run {n}", None, {"": value}) for n, value in enumerate(values)]
    if fault:
        readings.append(Reading("run x", fault=fault))
    return judge_readings(readings, "default", TODAY, len(readings))


@pytest.mark.parametrize(
    ("values", "state", "sentence"),
    [
        ([634], "insufficient-data", "634 is the first value, by which the next are measured."),
        ([0], "anomaly", "0 means that nothing was collected."),
        ([None], "anomaly", "run 0 holds no number."),
        ([630, 600], "insufficient-data",
         "600 is 4.8 % under the 630 of the run before; a usual range needs one run more."),
        ([630, 630], "insufficient-data",
         "630 equals the value of the run before; a usual range needs one run more."),
        ([900] * 9, "normal", "900 is the expected 900 (usual range 859 to 950, from 8 runs)."),
        ([*QUIET, 412], "anomaly",
         "412 is 35 % under the expected 635 (usual range 612 to 663, from 60 runs)."),
        ([*QUIET, 0, 0], "anomaly",
         ("0 means that nothing was collected where 635 is expected "
         "(usual range 612 to 663, from 60 runs), alarm 2 in a row.")),
        ([*QUIET, None], "anomaly",
         "The value in run 60 is not a number where 635 is expected (usual range 612 to 663, from 60 runs)."),
        ([*QUIET, 800], "anomaly",
         ("800 is 26 % over the expected 635 (usual range 612 to 663, from 60 runs). "
         "One more such run will be accepted as the new level.")),
        ([*QUIET, 800, 801], "normal",
         "801 is accepted as the new level: 2 runs agree (before: about 635)."),
        ([*QUIET, 800, 801, 800], "normal",
         ("800 is 0.4 % under the expected 803 (usual range 772 to 836, from 60 runs). "
         "This level is 1 run old (before: about 635).")),
        ([*QUIET, 412, 412, 412], "normal",
         ("412 is accepted as the new level: 3 runs agree (before: about 635). "
         "If these runs are bad, mend the tool: from now on they are the measure.")),
        ([*QUIET, 412, 412, 412, 634], "normal",
         "634 is back at an earlier level (before: about 413)."),
        ([0] * 9, "insufficient-data", "0 in all 9 runs so far, so that nothing can be judged by it."),
        ([0.25, 0.26, 0.9], "anomaly", "0.9 is 253 % over the expected 0.255"),
    ],
)  # fmt: skip
def test_a_verdict_explains_itself(values: list[float | None], state: str, sentence: str) -> None:
    found = verdict(values)
    if re.search(r"\d+ to \d+", sentence):  # the range's ends are asserted as numbers elsewhere
        pattern = re.sub(r"\d+ to \d+", "RANGE", sentence)
        assert re.sub(r"\d+ to \d+", "RANGE", found.reason) == pattern
    else:
        assert found.reason.startswith(sentence)
    assert (found.state, found.method) == (state, "default")


def test_the_range_in_words_is_the_one_in_numbers() -> None:
    found = verdict([*QUIET, 412])
    assert found.low is not None
    assert found.high is not None
    low, high = re.findall(r"range (\d+) to (\d+)", found.reason)[0]
    assert (int(low) - 1 < found.low <= int(low), int(high) <= found.high < int(high) + 1) == (True, True)
    assert verdict([*QUIET, float(low)]).state == verdict([*QUIET, float(high)]).state == "normal"
    assert verdict([*QUIET, int(low) - 1.0]).state == verdict([*QUIET, int(high) + 1.0]).state == "anomaly"


def test_golden_values_of_the_original_rule_are_judged_alike() -> None:
    spike = verdict([630, 600, 900])
    assert (spike.state, spike.expected, spike.difference) == ("anomaly", 615.0, 285.0)
    assert spike.gain_percent == pytest.approx(46.34, abs=0.005)
    assert verdict([5, 10, 20]).state == "anomaly"
    still = verdict([900] * 9)
    assert (still.state, still.expected, still.difference, still.gain_percent) == ("normal", 900, 0, 0)
    assert still.snapshots == 9


def test_a_slow_loss_is_told_with_what_was_there_before() -> None:
    steady = [10_000.0 + run * 37 % 301 for run in range(60)]
    leaking = [round(10_150 * 0.99 ** (run + 1)) + 0.0 for run in range(8)]
    found = [verdict([*steady, *leaking[:run]]) for run in range(1, 9)]
    told = [one.reason for one in found if one.state == "anomaly"]
    pattern = r"9\d{3} is \d\.\d % under the 10\d{3} of 14 good runs before: a slow loss\."
    assert len(told) == 1
    assert re.fullmatch(pattern, told[0]), told


def test_notices_and_warnings_follow_the_sentence() -> None:
    stuck = verdict([*QUIET, *[634.0] * 8])
    assert stuck.state == "normal"
    assert stuck.reason.endswith("Notice: unchanged for 8 runs, which this series never was before.")
    wild = verdict([float(10 + (run * 7919) % 997) for run in range(80)])
    assert re.search(
        r" Warning: this metric is unfit for judging: \d+ alarms in the last 60 runs\.$", wild.reason
    )
    broad = verdict([100.0 * (1 + min(0.12, 0.002 * run) * (-1) ** run) for run in range(160)])
    assert "Warning: this metric is unfit for judging: its good runs alone vary too much." in broad.reason


def test_a_dead_crawler_stays_an_alarm_and_is_called_dead_after_a_week() -> None:
    found = [verdict([*QUIET, *[0.0] * dead]) for dead in range(1, 31)]
    assert {one.state for one in found} == {"anomaly"}
    said = ["looks dead; this never becomes the usual." in one.reason for one in found]
    assert said == [False] * 6 + [True] * 24
    assert "alarm 30 in a row" in found[-1].reason
    assert verdict([*QUIET, *[0.0] * 30, 634]).state == "normal"


def test_the_report_keeps_its_lines_and_adds_the_explanation() -> None:
    run = Run("r", "t", "script", "c", (), "", "succeeded", data_path="/d", verdict=verdict([900] * 9))
    assert report_text(run).splitlines()[-7:] == [
        "Number of data snapshots: 9",
        "Current rolling average of control metric: 900.0",
        "Value of control metric in current snapshot: 900",
        "Difference:0.0",
        "Gain:0.0%",
        "No data anomalies detected",
        f"Explanation: {verdict([900] * 9).reason}",
    ]
