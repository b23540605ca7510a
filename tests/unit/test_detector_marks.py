"""An operator's word on a run: what the detector makes of it, run by run and side by side."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from roforlmao.anomaly.each import judge_each, metrics_below, metrics_in
from roforlmao.anomaly.judging import judge, newest_run, readings_of, replay
from roforlmao.anomaly.machine import Machine
from roforlmao.anomaly.many import KINDS, judge_many
from roforlmao.models import Mark, MarkKind
from roforlmao.progress import Progress
from tests.unit.test_detector import START, quiet
from tests.unit.test_detector_many import drifting

TODAY = dt.date(2026, 11, 22)
Values = Sequence[float | None]


def kinds(values: Values, marks: Mapping[int, MarkKind]) -> list[str]:
    """After sixty quiet runs; ``marks`` by the number of the value."""
    machine = Machine()
    for value in quiet(60):
        machine.step(value)
    return [machine.step(value, None, marks.get(number)).kind for number, value in enumerate(values)]


@pytest.mark.parametrize(
    ("values", "marks", "expected"),
    [
        ([800, 801, 803], {0: "known-change"}, ["known", "normal", "normal"]),
        ([400, 401, 399], {0: "known-change"}, ["known", "normal", "normal"]),
        ([400, 401, 634], {0: "known-change"}, ["known", "normal", "high"]),  # back again is no recovery
        ([634], {0: "known-change"}, ["normal"]),
        ([0, 634], {0: "known-change"}, ["real", "normal"]),  # nothing is no level
        ([400, 402, 634, 401], {0: "real"}, ["real", "repeated", "normal", "repeated"]),
        ([400, 402, 401], {0: "real"}, ["real", "repeated", "level"]),
        ([400, 500], {0: "real"}, ["real", "low"]),  # another value alarms
        ([0, 0, 0, 634, 0], {0: "real"}, ["real", "repeated", "repeated", "normal", "repeated"]),
        ([0, None], {0: "real"}, ["real", "unreadable"]),
        ([None], {0: "real"}, ["unreadable"]),
        ([800, 801], {0: "bad-run"}, ["left-out", "high"]),  # no witness for a new level
        ([800, 634], {0: "bad-run"}, ["left-out", "normal"]),
        ([634, 634], {0: "bad-run"}, ["left-out", "normal"]),  # one that the detector believed
    ],
)
def test_a_mark_is_followed_by_the_very_next_verdict(
    values: Values, marks: Mapping[int, MarkKind], expected: list[str]
) -> None:
    assert kinds(values, marks) == expected


def test_what_is_real_is_quiet_for_a_fortnight_of_runs_after_its_last_repetition() -> None:
    assert kinds([400, *quiet(12), 401], {0: "real"})[-1] == "repeated"
    assert kinds([400, *quiet(13), 401], {0: "real"})[-1] == "low"
    assert kinds([400, *quiet(10), 401, *quiet(10), 402], {0: "real"})[-1] == "repeated"


@pytest.mark.parametrize("kind", ["real", "bad-run"])
def test_a_real_value_and_a_bad_run_move_no_later_expectation(kind: MarkKind) -> None:
    plain, heeded = Machine(), Machine()
    for value in quiet(60):
        plain.step(value)
        heeded.step(value)
    heeded.step(300, None, kind)
    assert heeded.step(634.0)[2:] == plain.step(634.0)[2:]


def test_a_bad_run_does_not_make_a_metric_unfit_nor_count_as_a_run() -> None:
    machine = Machine()
    for number in range(80):
        machine.step(634.0 if number % 2 else 100.0, None, None if number % 2 else "bad-run")
    assert (machine.runs, machine.recent_alarms, machine.unfit) == (40, 0, False)


@pytest.mark.parametrize("dated", [True, False])
def test_marks_are_followed_alike_by_many_series_at_once(dated: bool) -> None:
    chance = np.random.default_rng(11)
    table = [drifting(chance, 160) for _ in range(40)]
    days = [START + dt.timedelta(run) if dated else None for run in range(160)]
    words: tuple[MarkKind, ...] = ("real", "known-change", "bad-run")
    marks = {int(run): words[number % 3] for number, run in enumerate(chance.choice(160, 60, replace=False))}
    values = np.array([[math.nan if v is None else v for v in series] for series in table]).T
    steps = judge_many(values, days, "normal", marks)
    found = [[(*KINDS, "not yet")[code] for code in step.kind] for step in steps]
    seen = set()
    for column, series in enumerate(table):
        begins = next(n for n, value in enumerate(series) if value is not None and marks.get(n) != "bad-run")
        machine = Machine()
        expected = [machine.step(series[n], days[n], marks.get(n)).kind for n in range(begins, len(series))]
        assert [row[column] for row in found] == ["not yet"] * begins + expected, column
        seen |= set(expected)
    assert {"known", "real", "repeated", "left-out"} <= seen


def written(directory: Path, *values: object) -> Path:
    for number, value in enumerate(values):
        (directory / f"control-{START + dt.timedelta(number)}.csv").write_text(f"{value}\n")
    return directory


def mark_on(directory: Path, run: int, kind: MarkKind, note: str = "") -> dict[str, Mark]:
    """A mark on that run as it is now."""
    reading = readings_of(directory)[run]
    return {reading.name: Mark(kind, note, values=reading.values)}


def test_the_newest_verdict_and_the_backtest_follow_a_mark_and_say_so(tmp_path: Path) -> None:
    written(tmp_path, *[f"{value:.0f}" for value in quiet(60)], 800)
    assert judge(tmp_path, today=TODAY).state == "anomaly"
    marks = mark_on(tmp_path, -1, "known-change", "crawler v2\x1b[2J\nreads more")
    found = judge(tmp_path, today=TODAY, marks=marks)
    assert found.state == "normal"
    assert "and the new level" in found.reason
    assert found.reason.endswith("Marked as known change: crawler v2 reads more.")
    assert replay(readings_of(tmp_path, marks=marks), today=TODAY)[-1][1].reason == found.reason
    (tmp_path / "control-2026-03-07.csv").write_text("802\n")
    after = judge(tmp_path, today=TODAY, marks=marks)
    assert after.state == "normal"
    assert after.expected == pytest.approx(800, abs=5)


def test_a_mark_holds_for_the_values_that_it_was_set_on(tmp_path: Path) -> None:
    written(tmp_path, *[634] * 30, 400)
    marks = mark_on(tmp_path, -1, "real")
    assert judge(tmp_path, today=TODAY, marks=marks).state == "normal"
    newest = tmp_path / newest_run(tmp_path)
    newest.write_text("200\n")  # the same day was collected again
    found = judge(tmp_path, today=TODAY, marks=marks)
    assert found.state == "anomaly"
    assert "Marked" not in found.reason


def test_a_bad_run_stays_an_anomaly_and_tells_what_was_expected(tmp_path: Path) -> None:
    written(tmp_path, *[634] * 30, 400)
    found = judge(tmp_path, today=TODAY, marks=mark_on(tmp_path, -1, "bad-run", "disk full"))
    assert (found.state, found.value, found.expected) == ("anomaly", 400, 634)
    assert found.reason.endswith("Marked as bad run: disk full.")


@pytest.mark.parametrize("text", ["\0\xff", "", "inf"])
def test_an_unreadable_run_is_left_out_once_it_is_marked(tmp_path: Path, text: str) -> None:
    written(tmp_path, *[634] * 30, text, 635)
    marks = mark_on(tmp_path, 30, "bad-run")
    found = [verdict.state for _, verdict in replay(readings_of(tmp_path, marks=marks), today=TODAY)]
    assert found[-2:] == ["anomaly", "normal"]
    assert judge(written(tmp_path, text), today=TODAY).state == "normal"  # the first of all, not the newest


def test_the_very_first_run_may_be_bad(tmp_path: Path) -> None:
    found = judge(written(tmp_path, 5), today=TODAY, marks=mark_on(tmp_path, 0, "bad-run"))
    assert (found.state, found.reason) == (
        "anomaly",
        "control-2026-01-05.csv is left out. Marked as bad run.",
    )


def test_a_run_dated_in_the_future_hides_nothing_once_it_is_marked_as_bad(tmp_path: Path) -> None:
    written(tmp_path, *[634] * 30)
    (tmp_path / "control-2031-01-01.csv").write_text("634\n")
    assert "dated in the future" in judge(tmp_path, today=TODAY).reason
    marks = mark_on(tmp_path, -1, "bad-run", "wrong clock")
    found = judge(tmp_path, today=TODAY, marks=marks)
    assert (found.state, found.value) == ("normal", 634)


def test_several_metrics_are_marked_by_run(tmp_path: Path) -> None:
    rows = ["apps,tags\n100,50", *["apps,tags\n101,50"] * 20, "apps,tags\n150,50"]
    written(tmp_path, *rows)
    found = judge(tmp_path, today=TODAY, marks=mark_on(tmp_path, -1, "known-change"))
    assert found.state == "normal"
    (tmp_path / "control-2026-02-01.csv").write_text("apps,tags\n151,20\n")
    after = judge(tmp_path, today=TODAY, marks=mark_on(tmp_path, -2, "known-change"))
    assert after.reason.startswith("tags: 20 is 60 % under")
    assert "1 of 2 metrics alarms." in after.reason


def test_every_metric_on_its_own_follows_the_marks_of_a_directory_and_of_a_file(tmp_path: Path) -> None:
    rows = [*[f"apps,tags\n{100 + n % 2},50" for n in range(20)], "apps,tags\n150,50", "apps,tags\n151,50"]
    marks = mark_on(written(tmp_path, *rows), 20, "known-change")
    for heeded, alarms in (({}, 1), (marks, 0)):
        found = judge_each(metrics_below(tmp_path, heeded), "normal", TODAY, Progress())
        assert sum(len(one.alarms) for one in found) == alarms
    series = tmp_path / "series.csv"
    lines = [f"{START + dt.timedelta(n)},{row.splitlines()[1]}" for n, row in enumerate(rows)]
    series.write_text("\n".join(["day,apps,tags", *lines]) + "\n")
    of_file = {"2026-01-25": Mark("known-change", values={"apps": 150.0, "tags": 50.0})}
    for heeded, alarms in (({}, 1), (of_file, 0)):
        found = judge_each(metrics_in(series, heeded, Progress()), "normal", TODAY, Progress())
        assert sum(len(one.alarms) for one in found) == alarms


CLASSIC: list[tuple[list[int], MarkKind, str, float]] = [
    ([630, 630, 900, 630], "bad-run", "normal", 630.0),  # the day after a bad day is quiet
    ([630, 630, 900, 630], "real", "normal", 630.0),
    ([630, 630, 900, 910], "known-change", "normal", 900.0),
]


@pytest.mark.parametrize(("values", "kind", "state", "mean"), CLASSIC)
def test_the_original_rule_follows_marks_by_its_mean(
    tmp_path: Path, values: list[int], kind: MarkKind, state: str, mean: float
) -> None:
    written(tmp_path, *values)
    assert judge(tmp_path, "classic", TODAY).state == "anomaly"
    found = judge(tmp_path, "classic", TODAY, mark_on(tmp_path, 2, kind))
    assert (found.state, found.expected) == (state, mean)


@pytest.mark.parametrize(
    ("kind", "state"), [("bad-run", "anomaly"), ("real", "normal"), ("known-change", "normal")]
)
def test_the_original_rule_takes_the_word_on_the_newest_run(
    tmp_path: Path, kind: MarkKind, state: str
) -> None:
    written(tmp_path, 630, 630, 900)
    assert judge(tmp_path, "classic", TODAY, mark_on(tmp_path, -1, kind)).state == state
