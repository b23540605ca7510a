"""What changed since the last good snapshot: the lines after an anomaly."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from roforlmao.models import Run, Verdict
from roforlmao.progress import Progress
from roforlmao.runs.report import changes_in, report_text
from roforlmao.series import aftermath
from roforlmao.series.aftermath import since_last_good

TODAY = dt.date(2026, 11, 22)
START = dt.date(2026, 1, 1)


def table(rows: int, *, stars: int = 1, extra: str = "") -> str:
    head = f"id,name,stars{',' + extra if extra else ''}\n"
    return head + "".join(f"{n},app {n},{stars}{',x' if extra else ''}\n" for n in range(rows))


def day(directory: Path, number: int, content: str, control: object | None = None) -> None:
    date = START + dt.timedelta(number)
    (directory / f"apps-{date}.csv").write_text(content)
    if control is not None:
        (directory / f"control-{date}.csv").write_text(f"{control}\n")


def told(directory: Path) -> list[str]:
    return since_last_good(directory, "default", TODAY, {}, Progress())


def test_the_newest_snapshot_is_compared_with_the_last_whose_run_was_good(tmp_path: Path) -> None:
    for number in range(20):
        day(tmp_path, number, table(100), 100)
    day(tmp_path, 20, table(3), 3)  # a bad run ...
    day(tmp_path, 21, table(60, stars=2, extra="label"), 60)  # ... and another one
    assert told(tmp_path) == [
        "Changed from apps-2026-01-20.csv, the last good snapshot, to apps-2026-01-22.csv:",
        "  Rows: 100 before, 60 after; 0 added, 40 removed, 60 changed.",
        "  Columns added: label.",
        "  Most changed: stars (60 cells).",
    ]


def test_without_control_files_what_is_counted_decides(tmp_path: Path) -> None:
    for number in range(20):
        day(tmp_path, number, table(100))
    day(tmp_path, 20, "")
    day(tmp_path, 21, "")
    lines = told(tmp_path)
    assert lines[0].startswith("Changed from apps-2026-01-20.csv")
    assert lines[1] == "  Rows: 100 before, 0 after; 0 added, 100 removed, 0 changed."


def test_a_headerless_column_is_called_by_its_number(tmp_path: Path) -> None:
    for number, star in enumerate((1, 1, 1, 9)):
        rows = "".join(f"arn:{n},app {n},{star}\n" for n in range(50))
        day(tmp_path, number, rows, 50 if number < 3 else 0)
    assert told(tmp_path)[-1] == "  Most changed: column 3 (50 cells)."


def test_a_run_without_a_snapshot_is_said(tmp_path: Path) -> None:
    for number in range(5):
        day(tmp_path, number, table(10), 10)
    (tmp_path / "control-2026-01-09.csv").write_text("0\n")
    assert told(tmp_path) == ["No snapshot of 2026-01-09; the newest is of 2026-01-05."]


def test_where_there_is_nothing_to_compare_little_is_said(tmp_path: Path) -> None:
    assert told(tmp_path / "nowhere") == []
    (tmp_path / "control-2026-01-01.csv").write_text("0\n")
    assert told(tmp_path) == []
    day(tmp_path, 0, table(4))
    assert told(tmp_path) == ["There is no good snapshot like apps-*.csv to compare with."]


def test_what_cannot_be_compared_costs_a_sentence_and_not_the_verdict(tmp_path: Path) -> None:
    for number in range(5):
        day(tmp_path, number, table(10), 10)
    (tmp_path / "apps-2026-01-06.csv").write_bytes(b"\x89PNG\0\0")
    (tmp_path / "control-2026-01-06.csv").write_text("0\n")
    assert told(tmp_path)[1].startswith("  Not compared: ")
    assert "apps-2026-01-06.csv" in told(tmp_path)[1]
    os.truncate(tmp_path / "apps-2026-01-06.csv", 2 * 2**30)
    assert told(tmp_path)[1] == "  Too large to compare here: 114 and 2,147,483,648 bytes."
    stopped = Progress()
    stopped.cancel()
    day(tmp_path, 5, table(3))
    assert since_last_good(tmp_path, "default", TODAY, {}, stopped)[1] == "  Not compared: Stopped."


def test_hostile_names_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    for number in range(4):
        name = f"\x1b[31mapps-{START + dt.timedelta(number)}.csv"
        (tmp_path / name).write_text(f"id,\x1b]0;x\x07col\n1,{number}\n")
        (tmp_path / f"control-{START + dt.timedelta(number)}.csv").write_text("5\n" if number < 3 else "0\n")
    lines = told(tmp_path)
    assert len(lines) == 3
    assert not any("\x1b" in line for line in lines)


def test_of_many_streams_the_largest_are_compared(tmp_path: Path) -> None:
    for number in range(4):
        for stream in range(6):
            date = START + dt.timedelta(number)
            (tmp_path / f"s{stream}-{date}.csv").write_text(table(10 * (stream + 1)))
        (tmp_path / f"control-{date}.csv").write_text("5\n" if number < 3 else "0\n")
    named = [line.split(",")[0] for line in told(tmp_path) if line.startswith("Changed")]
    assert named == [f"Changed from s{stream}-2026-01-03.csv" for stream in (5, 4, 3)]
    assert len(named) == aftermath._STREAMS


def test_the_report_keeps_its_lines_and_these_come_last() -> None:
    verdict = Verdict("anomaly", "default", 3.0, 100.0, 94.0, 107.0, -97.0, -97.0, 21, "3 is 97 % under.")
    run = Run("r", "t", "script", "c", (), "", "succeeded", data_path="/d", verdict=verdict)
    changes = ["Changed from a, the last good snapshot, to b:", "  Rows: 100 before, 3 after."]
    assert report_text(run, changes) == report_text(run) + "\n" + "\n".join(changes)
    assert report_text(run).splitlines()[-1] == "Data anomaly detected: 3 is 97 % under."
    assert changes_in(report_text(run, changes)) == changes
    assert changes_in(report_text(run)) == changes_in("") == []
