"""Control files of every sort, several metrics, series in a file, and snapshots without control files."""

from __future__ import annotations

import datetime as dt
import os
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pytest

from roforlmao.anomaly.control import control_reading, dated_files
from roforlmao.anomaly.judging import backtest, judge, judge_source
from roforlmao.anomaly.keycount import distinct_keys
from roforlmao.anomaly.readings import date_of
from roforlmao.anomaly.snapshots import snapshot_readings
from roforlmao.errors import BadInput
from roforlmao.models import Verdict
from roforlmao.schema import SpikeMethod

TODAY = dt.date(2026, 11, 22)
START = dt.date(2026, 1, 1)


def write(directory: Path, *texts: str | bytes, start: dt.date = START) -> Path:
    """One control file a day."""
    for number, text in enumerate(texts):
        data = text if isinstance(text, bytes) else text.encode()
        (directory / f"control-{start + dt.timedelta(number)}.csv").write_bytes(data)
    return directory


def steady(directory: Path, runs: int = 20) -> Path:
    return write(directory, *[f"{630 + run % 3}\n" for run in range(runs)])


def judged(directory: Path) -> Verdict:
    return judge(directory, "default", TODAY)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("control-2026-01-31.csv", "2026-01-31"), ("control-20260131.csv", "2026-01-31"),
        ("control-2026-1-3.csv", "2026-01-03"), ("control-2026_01_31T0230.csv", "2026-01-31"),
        ("control-20260131023000.csv", "2026-01-31"), ("control-2026-02-30.csv", None),
        ("control-0007.csv", None), ("control-1573689600.csv", None), ("control-.csv", None),
        ("control-v2.0.1-2026-01-31.csv", "2026-01-31"), ("control-9999-01-01.csv", None),
    ],
)  # fmt: skip
def test_the_day_is_read_from_the_name(name: str, day: str | None) -> None:
    found = date_of(name)
    assert (found.isoformat() if found else None) == day


def test_dates_without_padding_are_in_their_own_order(tmp_path: Path) -> None:
    for day in ("2026-9-30", "2026-10-1", "2026-9-3"):
        (tmp_path / f"control-{day}.csv").write_text("5\n")
    names = ["control-2026-9-3.csv", "control-2026-9-30.csv", "control-2026-10-1.csv"]
    assert [path.name for path in dated_files(tmp_path)] == names
    (tmp_path / "control-last.csv").write_text("5\n")
    assert dated_files(tmp_path)[0].name == "control-2026-10-1.csv"


@pytest.mark.parametrize(
    ("text", "value"),
    [("634", 634), ("634\n", 634), ("\ufeff634\n", 634), (" 634 ,x\n9\n", 634), ("0.25\r\n", 0.25),
     ("6.34e2\n", 634), ('"634"\n', 634), ("-3\n", -3), ("634" + ",0" * 999 + "\n", 634)],
)  # fmt: skip
def test_the_first_cell_is_the_number(tmp_path: Path, text: str, value: float) -> None:
    path = write(tmp_path, text) / "control-2026-01-01.csv"
    assert control_reading(path).values == {"": value}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"", "is empty"), (b"\n\n", "is empty"), (b" ,634\n", "is empty"),
        (b"abc\n", "does not begin with a number"), (b"1,5 x\n".replace(b",", b"\xc2\xb7"), "not begin"),
        (b"name\nabc\n", "does not begin with a number"), (b"nan\n", "no finite number"),
        (b"-inf\n", "no finite number"), (b"1e999\n", "no finite number"), (b"1e200\n", "no finite number"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "cannot be read as text"), (b"\xff\xfe6\x003\x004\x00", "be read"),
        (b"\0" * 100, "does not begin with a number"), (b'"' + b"9" * 200_000, "no finite number"),
    ],
)  # fmt: skip
def test_an_unreadable_newest_file_is_an_alarm_that_says_why(tmp_path: Path, text: bytes, what: str) -> None:
    write(steady(tmp_path), text, start=START + dt.timedelta(20))
    found = judged(tmp_path)
    assert (found.state, found.value, found.snapshots) == ("anomaly", None, 21)
    assert what in found.reason
    assert "control-2026-01-21.csv" in found.reason
    assert "where 631 is expected" in found.reason
    write(tmp_path, "631\n", start=START + dt.timedelta(21))
    assert judged(tmp_path).state == "normal"


def test_unreadable_files_alone_are_a_verdict_too(tmp_path: Path) -> None:
    assert judged(write(tmp_path, b"\xff", b"", b"x")).state == "anomaly"


def test_a_file_that_may_not_be_opened_or_is_no_file_is_no_crash(tmp_path: Path) -> None:
    steady(tmp_path)
    (tmp_path / "control-2026-02-01.csv").mkdir()
    os.mkfifo(tmp_path / "control-2026-02-02.csv")
    (tmp_path / "control-2026-02-03.csv").symlink_to(tmp_path / "nowhere")
    assert (judged(tmp_path).state, judged(tmp_path).snapshots) == ("normal", 20)


def test_a_control_file_of_2_gb_is_judged_with_little_memory(tmp_path: Path) -> None:
    steady(tmp_path)
    os.truncate(write(tmp_path, "x", start=TODAY) / f"control-{TODAY}.csv", 2 * 2**30)
    tracemalloc.start()
    found = judged(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.state == "anomaly"
    assert peak < 10 * 2**20


def test_a_future_date_is_told_and_the_rest_is_judged_without_it(tmp_path: Path) -> None:
    write(steady(tmp_path), "632\n", start=dt.date(2062, 1, 1))
    found = judged(tmp_path)
    assert (found.state, found.value, found.snapshots) == ("anomaly", 631, 21)
    assert found.reason.startswith("control-2062-01-01.csv is dated in the future (2062-01-01)")
    assert "Without it: 631 is" in found.reason
    assert [verdict.state for _, verdict in backtest(tmp_path, "default", None, TODAY)][-2:] == [
        "normal",
        "anomaly",
    ]


def test_a_peer_ahead_by_a_time_zone_is_not_in_the_future(tmp_path: Path) -> None:
    write(steady(tmp_path), "632\n", start=TODAY + dt.timedelta(1))
    assert judged(tmp_path).state == "normal"


def table(*rows: str) -> list[str]:
    return [f"date,rows,users\n2026-01-01,{row}\n" for row in rows]


def test_several_metrics_are_judged_one_by_one_and_the_worst_is_told(tmp_path: Path) -> None:
    good = [f"{630 + run % 3},{5000 + run}" for run in range(20)]
    write(tmp_path, *table(*good, "631,2500"))
    found = judged(tmp_path)
    assert (found.state, found.value) == ("anomaly", 2500)
    assert found.reason.startswith("users: 2500 is 50 % under the expected 50")
    assert found.reason.endswith("1 of 2 metrics alarms.")
    write(tmp_path, *table("632,5021"), start=START + dt.timedelta(21))
    assert judged(tmp_path).reason.endswith("None of 2 metrics alarms.")


@pytest.mark.parametrize(
    ("last", "what"),
    [
        ("rows,users\n631,\n", "users in control-2026-01-21.csv is not a number"),
        ("rows\n631\n", "control-2026-01-21.csv no longer holds users"),
        ("631\n", "control-2026-01-21.csv no longer holds rows"),
        ("rows,users\n", "control-2026-01-21.csv does not begin with a number"),
    ],
)
def test_a_metric_that_goes_missing_is_told(tmp_path: Path, last: str, what: str) -> None:
    good = [f"{630 + run % 3},{5000 + run}" for run in range(20)]
    write(tmp_path, *table(*good), last)
    assert judged(tmp_path).state == "anomaly"
    assert what in judged(tmp_path).reason


def test_a_metric_that_is_gone_for_good_alarms_once(tmp_path: Path) -> None:
    write(tmp_path, *["rows,users\n630,5000\n"] * 20, *["rows\n630\n"] * 3)
    states = [verdict.state for _, verdict in backtest(tmp_path, "default", None, TODAY)]
    assert states[20:] == ["anomaly", "normal", "normal"]


def test_a_column_that_was_always_zero_does_not_hide_the_others(tmp_path: Path) -> None:
    write(tmp_path, *[f"rows,errors\n{630 + run % 3},0\n" for run in range(20)])
    assert judged(tmp_path).state == "normal"


def test_a_thousand_columns_are_judged_in_part_and_that_is_said(tmp_path: Path) -> None:
    names = ",".join(f"m{number}" for number in range(1000))
    write(tmp_path, *[f"{names}\n{','.join(['1000'] * 1000)}\n"] * 20)
    found = judged(tmp_path)
    assert found.state == "normal"
    assert found.reason.endswith("None of 64 metrics alarms. Of 1,000 columns the first 64 are judged.")


def test_names_of_metrics_cannot_reach_the_terminal_as_they_are(tmp_path: Path) -> None:
    write(tmp_path, *["\x1b]0;owned\x07rows\x1b[2J,rows,rows\n5,6,7\n"] * 9, "\x1b[31mrows,x,y\n0,0,0\n")
    assert "\x1b" not in judged(tmp_path).reason


def test_a_series_in_one_file_is_judged_by_column(tmp_path: Path) -> None:
    rows = [f"{START + dt.timedelta(run)},{630 + run % 3},{5 + run}" for run in range(20)]
    series = tmp_path / "stats.csv"
    series.write_text("\n".join(["#stamp,total,caps", *rows, "2026-01-21,300,25"]) + "\n")
    found = judge_source(series, "default", None, TODAY)
    assert (found.state, found.value, found.snapshots) == ("anomaly", 300, 21)
    assert found.reason.startswith("total: 300 is 52 % under the expected 631")
    assert judge_source(tmp_path, "default", "stats.csv", TODAY) == found
    assert [name for name, _ in backtest(series, "default", None, TODAY)][-1] == "2026-01-21"


@pytest.mark.parametrize("text", ["630\n631\n632\n300\n", "2026-01-01,630\n2026-01-02,631\n2026-01-03,300\n"])
def test_a_series_needs_no_names(tmp_path: Path, text: str) -> None:
    (tmp_path / "s.csv").write_text(text)
    found = judge_source(tmp_path / "s.csv", "default", None, TODAY)
    assert found.reason.startswith("300 is 52 % under the expected 63")
    assert judge_source(tmp_path / "s.csv", "classic", None, TODAY).state == "anomaly"


@pytest.mark.parametrize(("data", "what"), [(b"", "is empty"), (b"\xff\xfe", "cannot be read as CSV"),
    (b"9" * 100_000, "a line is over 65,536 characters long"), (None, "bytes long")])  # fmt: skip
def test_what_is_no_series_is_a_sentence(tmp_path: Path, data: bytes | None, what: str) -> None:
    path = tmp_path / "s.csv"
    path.write_bytes(data or b"")
    if data is None:
        os.truncate(path, 2 * 2**30)
    with pytest.raises(BadInput, match=what):
        judge_source(path, "default", None, TODAY)


def test_a_metric_may_be_a_pattern_or_one_control_file(tmp_path: Path) -> None:
    write(steady(tmp_path), "300\n", start=START + dt.timedelta(20))
    for run in range(5):
        (tmp_path / f"users-2026-01-0{run + 1}.csv").write_text("50\n")
    assert judge_source(tmp_path, "default", None, TODAY).state == "anomaly"
    before = judge_source(tmp_path, "default", "control-2026-01-20.csv", TODAY)
    assert (before.state, before.snapshots) == ("normal", 20)
    assert judge_source(tmp_path, "default", "users-*.csv", TODAY).value == 50
    for missing in ("nothing-*.csv", "nothing.csv", "../*/control-*.csv"):
        with pytest.raises(BadInput):
            judge_source(tmp_path, "default", missing, TODAY)


@pytest.mark.parametrize("count", [1, 2, 3, 21])
def test_a_check_is_the_last_line_of_the_backtest(tmp_path: Path, count: int) -> None:
    write(tmp_path, *["630\n", "600\n", "900\n", *["905\n"] * 18][:count])
    assert backtest(tmp_path, "default", None, TODAY)[-1][1] == judged(tmp_path)
    classic = backtest(tmp_path, "classic", None, TODAY)[-1][1]
    assert classic == judge(tmp_path, "classic", TODAY)


def snapshots(directory: Path, rows: list[int]) -> Path:
    directory.mkdir(exist_ok=True)
    for number, count in enumerate(rows):
        day = START + dt.timedelta(number)
        (directory / f"content-{day}.csv").write_text("row\n" * count)
    return directory


def test_without_control_files_rows_and_bytes_are_judged_and_that_is_said(tmp_path: Path) -> None:
    snapshots(tmp_path, [630 + run % 3 for run in range(20)])
    assert judged(tmp_path).state == "normal"
    start = "No control-*.csv; counted in its snapshots: "
    assert judged(tmp_path).reason.startswith(start)
    (tmp_path / "content-2026-01-21.csv").write_text("row\n" * 300 + "last")
    found = judged(tmp_path)
    assert found.state == "anomaly"
    assert "of content-*.csv: " in found.reason
    assert found.reason.endswith("2 of 2 metrics alarm.")
    (tmp_path / "content-2026-01-21.csv").write_text("")
    assert (judged(tmp_path).value, judged(tmp_path).state) == (0, "anomaly")


def keyed(directory: Path, number: int, ids: Sequence[object], delimiter: str = ",") -> None:
    rows = "".join(delimiter.join(("hub", str(one), "x y")) + "\n" for one in ids)
    (directory / f"apps-{START + dt.timedelta(number)}.csv").write_text(rows)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_rows_that_repeat_are_seen_by_the_distinct_keys_alone(tmp_path: Path, delimiter: str) -> None:
    for number in range(20):
        keyed(tmp_path, number, range(100, 200), delimiter)
    assert judged(tmp_path).reason.endswith("None of 3 metrics alarms.")
    keyed(tmp_path, 20, [*range(100, 150), *range(100, 150)], delimiter)  # as many rows and bytes
    found = judged(tmp_path)
    assert (found.state, found.value) == ("anomaly", 50)
    assert "distinct keys of apps-*.csv: 50 is 50 % under the expected 100" in found.reason
    assert found.reason.endswith("1 of 3 metrics alarms.")


def test_where_no_column_tells_rows_apart_or_a_table_is_large_no_keys_are_counted(tmp_path: Path) -> None:
    for number in range(9):
        keyed(tmp_path, number, [1, 1, 2])
    assert judged(tmp_path).reason.endswith("None of 2 metrics alarms.")
    for number in range(9):
        keyed(tmp_path, number, range(100))
    os.truncate(tmp_path / "apps-2026-01-09.csv", 9 * 2**20)
    assert "keys" not in {name.split()[1] for name in snapshot_readings(tmp_path)[-1].values}


def test_keys_are_counted_as_far_back_as_a_bound_reaches_and_without_a_gap(tmp_path: Path) -> None:
    for number in range(9):
        keyed(tmp_path, number, range(100))
    days = {START + dt.timedelta(n): tmp_path / f"apps-{START + dt.timedelta(n)}.csv" for n in range(9)}
    size = days[START].stat().st_size
    assert len(distinct_keys(days, 4 * size)) == 4
    days[START + dt.timedelta(6)].unlink()
    days[START + dt.timedelta(6)].mkdir()  # stands for any table that cannot be read
    assert list(distinct_keys(days, 2**20)) == [START + dt.timedelta(8), START + dt.timedelta(7)]


def test_control_files_of_one_date_are_each_a_run_in_the_order_of_their_names(tmp_path: Path) -> None:
    steady(tmp_path)
    for name, text in (("control-20260121.csv", "631"), ("control-2026-01-21.csv", "300")):
        (tmp_path / name).write_text(text)
    found = judged(tmp_path)
    assert (found.state, found.value, found.snapshots) == ("normal", 631, 22)
    told = backtest(tmp_path, "default", None, TODAY)[-2:]
    assert [(run, verdict.state) for run, verdict in told] == [
        ("control-2026-01-21.csv", "anomaly"),
        ("control-20260121.csv", "normal"),
    ]


@pytest.mark.parametrize("method", ["default", "classic"])
@pytest.mark.parametrize("text", ["631\n", "", "0\n", "inf", "a,b\n1,2\n", "\0\xff"])
def test_a_series_of_one_is_a_verdict_whatever_it_holds(
    tmp_path: Path, method: SpikeMethod, text: str
) -> None:
    found = judge(write(tmp_path, text.encode("latin-1")), method, TODAY)
    assert found.snapshots == 1
    assert found.state in ("insufficient-data", "anomaly")
    assert found.reason.endswith(".")


def test_snapshots_below_directories_of_their_day_are_one_family(tmp_path: Path) -> None:
    for number in range(10):
        day = START + dt.timedelta(number)
        (tmp_path / str(day)).mkdir()
        for name in ("data.csv", f"content-{day}.csv"):
            (tmp_path / str(day) / name).write_text("row\n" * 5)
    (tmp_path / ".git" / "2026-09-09").mkdir(parents=True)
    (tmp_path / ".git" / "2026-09-09" / "x.csv").write_text("no data")
    assert judged(tmp_path).state == "normal"
    assert judged(tmp_path).snapshots == 10
    assert judged(tmp_path).reason.endswith("None of 4 metrics alarms.")


def test_a_huge_snapshot_is_judged_by_its_bytes(tmp_path: Path) -> None:
    snapshots(tmp_path, [1000] * 9)
    os.truncate(tmp_path / "content-2026-01-09.csv", 2 * 2**30)
    assert judged(tmp_path).state == "anomaly"


@pytest.mark.parametrize("files", [[], ["data.csv"], ["README.md", "notes-2026-01-01.exe"]])
def test_where_nothing_can_be_counted_there_is_no_metric(tmp_path: Path, files: list[str]) -> None:
    for name in files:
        (tmp_path / name).write_text("row\n")
    assert judged(tmp_path).state == "no-metric"
    assert judged(tmp_path / "nowhere").state == "no-metric"
