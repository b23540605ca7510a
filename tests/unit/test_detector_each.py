"""Back-tests of every metric of a file on its own: what is read, and what is refused."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from roforlmao.anomaly.each import MetricRecord, judge_each, metrics_below, metrics_in
from roforlmao.errors import BadInput, Cancelled
from roforlmao.progress import Progress

TODAY = dt.date(2026, 11, 22)
START = dt.date(2026, 1, 1)


def judged(path: Path, text: str | bytes) -> list[MetricRecord]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return judge_each(metrics_in(path, {}, Progress()), "normal", TODAY, Progress())


def series(*columns: str, runs: int = 20, last: str = "") -> str:
    rows = [f"{START + dt.timedelta(run)},{100 + run % 3},{50 + run % 2}" for run in range(runs)]
    return "\n".join([",".join(columns), *rows, *([last] if last else [])]) + "\n"


def test_those_that_alarm_now_come_first(tmp_path: Path) -> None:
    found = judged(tmp_path / "s.csv", series("day", "apps", "tags", last="2026-01-21,100,20"))
    assert found == [
        MetricRecord("tags", 21, "low", ("2026-01-21",), unfit=False),
        MetricRecord("apps", 21, "normal", (), unfit=False),
    ]


def test_columns_of_text_are_no_metrics_and_names_are_told_apart(tmp_path: Path) -> None:
    text = "day,n,n,n (3),note\n2026-01-01,1,2,3,text\n2026-01-02,1,2,3,text\n"
    names = [one.metric for one in judged(tmp_path / "s.csv", text)]
    assert names == ["n", "n (3)", "n (3) (4)"]
    hostile = "\x1b[31mred\x1b[0m,plain\n1,2\n"
    assert [one.metric for one in judged(tmp_path / "h.csv", hostile)] == ["red", "plain"]


def test_short_rows_gaps_and_repeated_dates_are_judged(tmp_path: Path) -> None:
    text = "day,a,b\n2026-01-01,5,5\n2026-01-01,5\n2026-01-02,5,x\n2026-01-02,5,5,9,9\n"
    found = {one.metric: one for one in judged(tmp_path / "s.csv", text)}
    assert found["a"].alarms == ()
    assert found["b"].alarms == ("2026-01-01", "2026-01-02")
    assert (found["b"].state, found["b"].runs) == ("few", 4)


def test_a_series_of_one_run_is_judged(tmp_path: Path) -> None:
    found = judged(tmp_path / "s.csv", "apps\n5\n")
    assert found == [MetricRecord("apps", 1, "first", (), unfit=False)]
    assert judged(tmp_path / "t.csv", "apps\n") == []


def test_runs_of_the_future_are_left_out(tmp_path: Path) -> None:
    found = judged(tmp_path / "s.csv", series("day", "apps", "tags", last="2027-01-21,1,1"))
    assert [one.runs for one in found] == [20, 20]
    assert not any(one.alarms for one in found)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"", "no names in its first row"), (b"1,2\n3,4\n", "no names in its first row"),
        (b"\xff\xfe\0\0", "cannot be read as CSV"), (b"a" * 1_100_000, "a line is over 1,048,576 characters"),
    ],
)  # fmt: skip
def test_what_is_no_table_of_metrics_is_a_sentence(tmp_path: Path, text: bytes, what: str) -> None:
    with pytest.raises(BadInput, match=what):
        judged(tmp_path / "s.csv", text)


def test_a_file_of_2_gb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text("a\n")
    os.truncate(path, 2 * 2**30)
    with pytest.raises(BadInput, match="2,147,483,648 bytes long") as refused:
        metrics_in(path, {}, Progress())
    assert refused.value.hint == "A series has at most 256 MB."


def test_a_directory_is_judged_by_its_control_files_or_what_can_be_counted(tmp_path: Path) -> None:
    for run in range(9):
        day = START + dt.timedelta(run)
        (tmp_path / f"apps-{day}.csv").write_text("row\n" * (100 if run < 8 else 10))
    counted = judge_each(metrics_below(tmp_path, {}), "normal", TODAY, Progress())
    assert {one.alarms for one in counted} == {("2026-01-09",)}
    for run in range(9):
        (tmp_path / f"control-{START + dt.timedelta(run)}.csv").write_bytes(b"7\n" if run else b"\xff")
    found = judge_each(metrics_below(tmp_path, {}), "normal", TODAY, Progress())
    assert [(one.metric, one.runs, one.alarms) for one in found] == [("", 8, ())]


def test_ctrl_c_stops_the_reading_and_the_judging(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text(series("day", "a", "b"))
    metrics, stopped = metrics_in(path, {}, Progress()), Progress()
    stopped.cancel()
    with pytest.raises(Cancelled):
        metrics_in(path, {}, stopped)
    with pytest.raises(Cancelled):
        judge_each(metrics, "normal", TODAY, stopped)
