"""The original rule and its report: the golden values, and control files of every sort."""

from __future__ import annotations

from pathlib import Path

import pytest

from roforlmao.anomaly.classic import judge, judge_values
from roforlmao.models import Run, Verdict
from roforlmao.runs.report import report_text


@pytest.mark.parametrize(
    ("values", "mean", "gain", "state"),
    [
        ([5, 10, 20], 7.5, 166.67, "anomaly"),
        ([630, 600, 900], 615, 46.34, "anomaly"),
        ([900, 900, 900], 900, 0.0, "normal"),
        ([100, 100, 105.9], 100, 5.9, "normal"),
        ([100, 100, 94.1], 100, -5.9, "normal"),
        ([100, 100, 93.9], 100, -6.1, "anomaly"),
    ],
)
def test_golden_values(values: list[float], mean: float, gain: float, state: str) -> None:
    verdict = judge_values(values, len(values))
    assert verdict.expected == mean
    assert verdict.gain_percent == pytest.approx(gain, abs=0.005)
    assert verdict.state == state


def test_a_mean_of_zero_divides_nothing() -> None:
    assert judge_values([0, 0, 0], 3).state == "normal"
    assert judge_values([0, 0, 1], 3).state == "anomaly"


def controls(directory: Path, *texts: bytes) -> Path:
    for number, text in enumerate(texts):
        (directory / f"control-2026-01-{number + 1:02}.csv").write_bytes(text)
    return directory


def test_no_control_file_is_no_metric(tmp_path: Path) -> None:
    assert judge(tmp_path).state == "no-metric"


def test_two_are_too_few_and_three_are_enough(tmp_path: Path) -> None:
    assert judge(controls(tmp_path, b"5\n", b"6\n")).state == "insufficient-data"
    assert judge(controls(tmp_path, b"5\n", b"10,x\n", b"20\n")).gain_percent == pytest.approx(
        166.67, abs=0.005
    )


@pytest.mark.parametrize("text", [b"", b"\n", b"abc\n", b"nan\n", b"inf\n", b"\xff\xfe", b",5\n"])
def test_a_control_file_that_cannot_be_read_is_a_verdict_with_a_reason(tmp_path: Path, text: bytes) -> None:
    verdict = judge(controls(tmp_path, b"5\n", b"5\n", text))
    assert verdict.state == "anomaly"
    assert "control-2026-01-03.csv" in verdict.reason


def test_the_report_holds_the_old_lines() -> None:
    verdict = judge_values([900.0] * 3, 9)
    image = "panosece/spike:latest"
    run = Run(
        "r", "spike", "container", "", (), "", "succeeded", image=image, data_path="/d", verdict=verdict
    )
    assert report_text(run).splitlines() == [
        "Report:",
        "Tool image: panosece/spike:latest",
        "Data directory: /d",
        f'Message to scheduler: {{"container": "{image}", "tool": "spike", "dataset": "/d", "cron": false}}',
        "Scheduler output:",
        "Tool image: panosece/spike:latest",
        "Name of tool: spike",
        "Data directory: /d",
        "Spike detector output:",
        "Data directory: /d",
        "Number of data snapshots: 9",
        "Current rolling average of control metric: 900.0",
        "Value of control metric in current snapshot: 900",
        "Difference:0.0",
        "Gain:0.0%",
        "No data anomalies detected",
    ]


def test_the_report_of_a_verdict_without_numbers_says_why() -> None:
    run = Run(
        "r", "t", "script", "c", (), "", "succeeded", verdict=Verdict("no-metric", "classic", reason="None.")
    )
    assert report_text(run).splitlines()[-1] == "No control metric to judge: None."
