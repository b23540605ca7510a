"""`spike check` and `spike backtest`, and how a run is judged: from the command line to the report."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.session.world import DATA, World, clean_environment, days

VERDICT_KEYS = {
    "state", "method", "value", "expected", "low", "high", "difference", "gain_percent", "snapshots",
    "reason",
}  # fmt: skip


def controls(directory: Path, *values: object) -> Path:
    directory.mkdir(exist_ok=True)
    for number, value in enumerate(values, 1):
        (directory / f"control-2026-{number // 28 + 1:02}-{number % 28 + 1:02}.csv").write_text(f"{value}\n")
    return directory


def steady(directory: Path, *last: object) -> Path:
    return controls(directory, *[630 + run % 5 for run in range(60)], *last)


def test_a_check_is_exit_1_on_an_alarm_and_its_document_is_a_verdict(world: World) -> None:
    alice = world.operator("alice")
    good = alice.verb("spike", "check", steady(world.root / "good", 632))
    assert (good.status, good.data["state"], set(good.data)) == (0, "normal", VERDICT_KEYS)
    bad = alice.verb("spike", "check", steady(world.root / "bad", 412))
    assert (bad.status, bad.data["state"], bad.data["method"]) == (1, "anomaly", "default")
    assert bad.data["reason"].startswith("412 is 35 % under the expected 632 (usual range 6")
    assert bad.data["reason"].endswith("from 60 runs).")
    assert (bad.data["snapshots"], bad.data["value"], bad.data["difference"]) == (61, 412, -220)


def test_the_method_is_the_configured_one_unless_another_is_named(world: World) -> None:
    alice = world.operator("alice")
    series = controls(world.root / "d", 630, 600, 900, 900)
    assert alice.done("spike", "check", series)["reason"].startswith("900 is accepted as the new level")
    classic = alice.verb("spike", "check", series, "--method", "classic")
    assert (classic.status, classic.data["expected"]) == (1, 750)
    with (alice.home / "config.yaml").open("a") as config:
        config.write("spike: {method: classic}\n")
    assert alice.verb("spike", "check", series).data == classic.data


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["check", "nowhere"], "There is no"),
        (["check", ".", "--method", "magic"], "'magic' is not a method"),
        (["check", ".", "--metric", "none.csv"], "There is no file 'none.csv'"),
        (["check", ".", "--metric", "none-*.csv"], "matches 'none-*.csv'"),
        (["check", "empty.csv"], "is empty"),
        (["backtest", "."], "There is nothing to judge"),
    ],
)
def test_wrong_usage_is_a_sentence_and_exit_2(
    world: World, monkeypatch: pytest.MonkeyPatch, words: list[str], what: str
) -> None:
    alice = world.operator("alice")
    directory = world.root / "d"
    directory.mkdir()
    (directory / "empty.csv").write_text("")
    monkeypatch.chdir(directory)
    answer = alice.verb("spike", *words)
    assert answer.status == 2
    assert what in answer.data["error"]["message"]


def test_a_directory_without_a_metric_is_no_alarm(world: World) -> None:
    empty = world.root / "empty"
    empty.mkdir()
    found = world.operator("alice").done("spike", "check", empty)
    assert (found["state"], found["value"], found["snapshots"]) == ("no-metric", None, 0)


def test_a_backtest_judges_every_run_in_turn_by_what_came_before(world: World) -> None:
    alice = world.operator("alice")
    series = steady(world.root / "d", 412, 632, 0, 800, 801, 800)
    found = alice.done("spike", "backtest", series)
    assert len(found) == 66
    assert set(found[0]) == VERDICT_KEYS | {"run"}
    assert [one["state"] for one in found[:3]] == ["insufficient-data", "insufficient-data", "normal"]
    told = [(one["value"], one["state"]) for one in found[60:]]
    assert told == [
        (412, "anomaly"), (632, "normal"), (0, "anomaly"),
        (800, "anomaly"), (801, "normal"), (800, "normal"),
    ]  # fmt: skip
    shown = subprocess.run(
        alice.command("spike", "backtest", series),
        env=clean_environment(), capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert shown.startswith("3 alarms in 66 runs.\n")
    assert "control-2026-03-06.csv" in shown


def test_a_hostile_control_file_cannot_write_to_the_terminal(world: World) -> None:
    alice = world.operator("alice")
    hostile = controls(world.root / "d", *["\x1b]0;owned\x07rows,\x1b[2J\n5,6"] * 4, "\x1b[31mrows\n1")
    for verb in ("check", "backtest"):
        shown = subprocess.run(
            alice.command("spike", verb, hostile),
            env=clean_environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert "\x1b" not in shown.stdout + shown.stderr
        assert "control-2026-01-06.csv" in shown.stdout


def test_a_run_is_judged_by_the_configured_method_and_the_report_says_how(world: World) -> None:
    alice = world.operator("alice")
    definition = (
        "Name: t\nData: {Local: data}\n"
        "Commands: [{Name: go, Command: sh, Script: go.sh, Arguments: [{Name: n}, {Name: v}]}]\n"
    )
    script = 'mkdir -p data; echo "$2" > "data/control-$1.csv"; echo row > "data/s-$1.csv"\n'
    url = world.tool("t", {"mao.yml": definition, "go.sh": script})
    alice.done("tool", "add", "t", "--code-repo", url, "--data-repo", world.bare("t-data"))
    alice.done("tool", "install", "t", "--trust")
    for number in (1, 2, 3):
        run = alice.done("tool", "run", "t", "go", number, 900, "--no-sync")
    assert run["verdict"]["method"] == "default"
    assert run["report"].splitlines()[-7:] == [
        "Number of data snapshots: 3",
        "Current rolling average of control metric: 900.0",
        "Value of control metric in current snapshot: 900",
        "Difference:0.0",
        "Gain:0.0%",
        "No data anomalies detected",
        f"Explanation: {run['verdict']['reason']}",
    ]
    assert run["verdict"] == alice.done("spike", "check", run["data_path"])
    with (alice.home / "config.yaml").open("a") as config:
        config.write("spike: {method: classic}\n")
    run = alice.done("tool", "run", "t", "go", 4, 900, "--no-sync")
    assert run["verdict"]["method"] == "classic"
    assert run["report"].splitlines()[-1] == "No data anomalies detected"


@pytest.mark.skipif(not days(), reason="the recorded snapshots (../shared/data) are not here")
def test_real_snapshots_without_control_files_are_judged_by_what_they_hold(world: World) -> None:
    alice = world.operator("alice")
    found = alice.verb("spike", "check", DATA).data
    assert found["reason"].startswith("No control-*.csv; counted in its snapshots: ")
    stats = alice.done("spike", "backtest", DATA.parent / "autostats.csv")
    alarms = {one["run"] for one in stats if one["state"] == "anomaly"}
    assert "2019-04-26" in alarms  # the crawl changed its method ...
    assert "2019-04-27" not in alarms  # ... which is told once
    assert len(alarms) < 20
