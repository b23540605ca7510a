"""Experiments: one operator publishes how a tool is run, a peer inspects, runs and schedules just that."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from roforlmao.registry.sqlite import SqliteRegistry
from tests.session.running import scheduler
from tests.session.world import Operator, World

MEASURE = {
    "mao.yml": """
Name: measure
Description: Writes a number that it is given.
Data:
  Local: data
  Repo: {Name: measure-data, Remote: ''}
Commands:
  - Name: count
    Description: Counts.
    Command: sh
    Script: count.sh
    Arguments:
      - {Name: day, Description: of which day}
""",
    "count.sh": """mkdir -p data
echo "$VALUE" > "data/control-$1.csv"
echo "a,$VALUE" > "data/rows-$1.csv"
""",
}
CALL = ("measure", "count", "2026-11-01", "--env", "VALUE=7")


@pytest.fixture
def ann(world: World) -> Operator:
    ann = world.operator("ann")
    ann.done(
        "tool",
        "add",
        "measure",
        "--code-repo",
        world.tool("measure", MEASURE),
        "--data-repo",
        world.bare("d"),
    )
    ann.done("tool", "install", "measure", "--trust")
    return ann


@pytest.fixture
def ben(world: World, ann: Operator) -> Operator:
    del ann  # she registered the tool
    ben = world.operator("ben")
    ben.done("tool", "install", "measure", "--trust")
    return ben


def test_a_peer_inspects_and_runs_the_very_same_and_the_receipt_names_it(
    world: World, ann: Operator, ben: Operator
) -> None:
    made = ann.done("experiment", "add", "seven", *CALL, "--hub", "numbers", "--low", "5", "--high", "9")
    assert [one["revision"] for one in ben.done("experiment", "get")] == [made["revision"]]
    assert ben.done("experiment", "get", "seven")["args"] == ["2026-11-01"]
    untrusted = ben.verb("experiment", "run", "seven", "--sync")
    assert (untrusted.status, untrusted.data["error"]["code"]) == (5, "untrusted")
    run = ben.done("experiment", "run", "seven", "--sync", "--accept")
    assert run["experiment"] == f"seven@{made['revision']}"
    assert run["expected"] == {"low": 5.0, "high": 9.0, "met": True}
    assert run["sync"]["key"].startswith("/mao/hubs/numbers/")
    message = world.git(world.root / "remotes" / "d.git", "log", "-1", "--format=%B", "main")
    assert f"Experiment: seven@{made['revision']}" in message.splitlines()
    assert ben.done("experiment", "run", "seven", "--no-sync")["state"] == "succeeded", (
        "asked once a revision"
    )


def test_what_is_not_as_expected_is_said_and_is_a_finding(ann: Operator) -> None:
    ann.done("experiment", "add", "odd", *CALL, "--low", "100")
    answer = ann.verb("experiment", "run", "odd", "--no-sync", "--fail-on-anomaly")
    assert (answer.status, answer.data["expected"]["met"]) == (1, False)
    assert "odd expects at least 100" in answer.err


def test_a_new_revision_asks_the_peer_again_and_somebody_else_s_name_is_not_taken_silently(
    ann: Operator, ben: Operator
) -> None:
    first = ann.done("experiment", "add", "seven", *CALL)
    ben.done("experiment", "run", "seven", "--no-sync", "--accept")
    assert ann.verb("experiment", "add", "seven", *CALL).status == 2
    second = ann.done("experiment", "add", "seven", *CALL, "--env", "MODE=all", "--replace")
    assert second["revision"] != first["revision"]
    assert ben.verb("experiment", "run", "seven", "--no-sync").status == 5
    taken = ben.verb("experiment", "add", "seven", *CALL)
    assert taken.status == 2
    assert "by ann" in taken.data["error"]["message"]
    assert ann.done("experiment", "remove", "seven")["name"] == "seven"
    assert ben.done("experiment", "get") == []


def test_a_peer_schedules_it_by_its_own_rule_and_the_job_runs_what_was_accepted(
    ann: Operator, ben: Operator
) -> None:
    made = ann.done("experiment", "add", "seven", *CALL, "--rule", "weekly", "--on", "mon", "--at", "7:30")
    assert made["rule"] == {"rule": "weekly", "at": "07:30", "on": "mon"}
    job = ben.done("experiment", "schedule", "seven", "--accept")
    assert (job["experiment"], job["at"]) == (f"seven@{made['revision']}", "07:30")
    ann.done("experiment", "add", "seven", *CALL, "--env", "VALUE=8", "--replace")
    ben.done("tool", "run-now", job["id"])
    with scheduler(ben) as running:
        ended = running.wait_for("finished", 30)
    run = ben.done("run", "show", ended["run"])
    assert (run["state"], run["experiment"]) == ("succeeded", f"seven@{made['revision']}")
    assert (Path(run["data_path"]) / "control-2026-11-01.csv").read_text() == "7\n"


def test_without_a_rule_a_schedule_says_so_and_takes_one(ann: Operator) -> None:
    ann.done("experiment", "add", "seven", *CALL)
    assert ann.verb("experiment", "schedule", "seven").status == 2
    assert ann.done("experiment", "schedule", "seven", "--cron", "0 4 * * *")["rule"] == "cron 0 4 * * *"


@pytest.mark.parametrize(
    "words",
    [
        ("--env", "GITHUB_TOKEN=x"),
        ("--env", "X=ghp_0123456789012345678901234"),
        ("--env", "LD_PRELOAD=/tmp/x.so"),
        ("--env", "PATH=/tmp"),
        ("--rule", "weekly", "--on", "31"),
        ("--cron", "61 * * * *"),
        ("--low", "nan"),
        ("--low", "2", "--high", "1"),
    ],
)
def test_what_others_must_not_get_or_cannot_run_is_not_published(
    ann: Operator, words: tuple[str, ...]
) -> None:
    assert ann.verb("experiment", "add", "bad", "measure", "count", "d", *words).status == 2
    assert ann.done("experiment", "get") == []


@pytest.mark.parametrize(
    "changes",
    [
        {"tool": "../x"},
        {"tool": None},
        {"args": "a b"},
        {"args": ["x"] * 101},
        {"args": ["a\0b"]},
        {"env": {"LD_PRELOAD": "/x"}},
        {"env": {"BASH_ENV": "/x"}},
        {"env": {"X": 3}},
        {"env": {"a b": "x"}},
        {"rule": {"every": "1"}},
        {"rule": {"at": "\x1b[2J"}},
        {"expected": {"low": "many"}},
        {"expected": {"high": 10**400}},
        {"expected": [1, 2]},
        {"hub": "../../x"},
    ],
)
def test_a_stranger_s_hostile_entry_is_refused_alone(
    world: World, ann: Operator, changes: dict[str, object]
) -> None:
    good = ann.done("experiment", "add", "good", *CALL)
    with closing(SqliteRegistry(world.registry)) as registry:
        registry.put("/mao/experiments/bad", json.dumps({"tool": "measure", **changes}).encode())
    listed = ann.verb("experiment", "get")
    assert [one["name"] for one in listed.data] == [good["name"]]
    assert "/mao/experiments/bad" in listed.err
    assert "\x1b" not in listed.err
    assert ann.verb("experiment", "run", "bad", "--no-sync", "--accept").status == 2


def test_an_entry_that_claims_to_be_one_s_own_asks_all_the_same(world: World, ann: Operator) -> None:
    entry = {"tool": "measure", "command": "count", "args": ["x"], "registered_by": "ann"}
    with closing(SqliteRegistry(world.registry)) as registry:
        registry.put("/mao/experiments/forged", json.dumps(entry).encode())
    answer = ann.verb("experiment", "run", "forged", "--no-sync")
    assert (answer.status, answer.data["error"]["code"]) == (5, "untrusted")
