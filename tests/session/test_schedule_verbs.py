"""Scheduled jobs through verbs: made, listed, fired by the real runner, committed, pushed later."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.session.world import Answer, Operator, World

TICKER = {
    "mao.yml": (
        "Name: ticker\nData: {Local: data}\nCommands:\n"
        "  - {Name: go, Command: sh, Script: go.sh}\n"
        "  - {Name: say, Command: sh, Script: go.sh, Arguments: [{Name: word}]}\n"
    ),
    "go.sh": 'mkdir -p data; date +%s%N > "data/tick-$(date +%s%N).csv"\n',
}
JOB_KEYS = {
    *("grace_s", "catch_up", "retries", "backoff_s", "busy", "timeout_s", "ping", "duty", "experiment"),
    *("id", "tool", "command", "args", "rule", "at", "timezone", "hub", "sync", "state"),
    *("next_run", "last_run", "last_state", "missed"),
}


@pytest.fixture
def alice(world: World) -> Operator:
    operator = world.operator("alice")
    code, data = world.tool("ticker", TICKER), world.bare("data")
    operator.done("tool", "add", "ticker", "--code-repo", code, "--data-repo", data)
    operator.done("tool", "install", "ticker", "--trust")
    return operator


def schedule(operator: Operator, *words: object) -> Any:
    return operator.done(
        "tool", "schedule", "ticker", *words, "--command", "go", "--timezone", "Europe/Zurich"
    )


def events(answer: Answer) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.out.splitlines()]


def test_a_job_is_made_listed_paused_resumed_and_stopped(alice: Operator) -> None:
    job = schedule(alice, "weekly", "--on", "mon", "--at", "7:30")
    assert set(job) == JOB_KEYS
    assert (job["rule"], job["at"], job["timezone"]) == ("weekly on mon", "07:30", "Europe/Zurich")
    assert "T07:30:00+0" in job["next_run"]
    assert (job["command"], job["args"], job["hub"], job["sync"]) == ("go", [], None, False)
    assert alice.done("tool", "list-scheduled") == [job]
    paused = alice.done("tool", "pause", "ticker")
    assert (paused["state"], paused["next_run"]) == ("paused", None)
    assert alice.done("tool", "resume", job["id"]) == job
    assert alice.done("tool", "resume", job["id"]) == job
    assert alice.done("tool", "stop", "ticker")["state"] == "stopped"
    assert alice.done("tool", "list-scheduled") == []
    assert alice.verb("tool", "stop", "ticker").status == 2


def test_a_monthly_job_says_what_it_does_in_short_months(
    alice: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    from roforlmao.cli import main

    home = ["--home", str(alice.home)]
    assert main([*home, "tool", "schedule", "ticker", "monthly", "--on", "31", "--command", "go"]) == 0
    assert "the last day where the month is shorter" in capsys.readouterr().out


def test_the_zone_is_the_configuration_s_and_stays_with_the_job(alice: Operator) -> None:
    config = alice.home / "config.yaml"
    config.write_text(config.read_text() + "timezone: Australia/Lord_Howe\n")
    assert alice.done("tool", "schedule", "ticker", "daily", "--command", "go")["timezone"] == (
        "Australia/Lord_Howe"
    )
    config.write_text(config.read_text().replace("Australia/Lord_Howe", "UTC"))
    [job] = alice.done("tool", "list-scheduled")
    assert (job["timezone"], job["at"]) == ("Australia/Lord_Howe", "00:00")


BAD = [
    ("daily --at 25:00", "25:00"),
    ("daily --at 9", "'9' is not a time"),
    ("daily --at 07:60", "07:60"),
    ("hourly", "'hourly'"),
    ("", "not said when"),
    ("daily --on mon", "every day"),
    ("weekly --on 3", "weekday"),
    ("monthly --on mon", "day of the month"),
    ("monthly --on 32", "'32' is not a day"),
    ("monthly --on 0", "'0' is not a day"),
    ("daily --cron '0 0 * * *'", "twice"),
    ("--cron '0 0 * * *' --at 07:00", "--cron"),
    ("--cron '0 0 0 * * *'", "6 fields"),
    ("--cron '0 0 31 2 *'", "31 2"),
    ("--cron '99 0 * * *'", "bad minute"),
    ("--every 0.5s", "whole seconds"),
    ("daily --timezone Europe/Zurch", "not a time zone"),
    ("daily --command fly", "fly"),
    ("daily --command go --sync", "hub"),
    ("daily --command say", "word"),
    ("daily", "several commands"),
]


@pytest.mark.parametrize(("words", "said"), BAD)
def test_a_wrong_rule_is_one_sentence_and_exit_2(alice: Operator, words: str, said: str) -> None:
    import shlex

    given = shlex.split(words)
    command = [] if "--command" in given or words == "daily" else ["--command", "go"]
    answer = alice.verb("tool", "schedule", "ticker", *given, *command)
    error = answer.data["error"]
    assert answer.status == 2, answer.out
    assert said in error["message"] + error["hint"]
    assert error["message"].count(". ") == 0
    assert alice.done("tool", "list-scheduled") == []


def test_a_job_for_a_tool_that_is_not_installed_is_refused(alice: Operator) -> None:
    answer = alice.verb("tool", "schedule", "nothing", "daily")
    assert (answer.status, answer.data["error"]["code"]) == (2, "not-found")


def test_a_scheduled_run_commits_and_waits_for_one_verb_to_push(alice: Operator, world: World) -> None:
    schedule(alice, "--every", "1s")
    answer = alice.verb("scheduler", "run", "--for", "3s")
    told = events(answer)
    assert answer.status == 0
    assert [told[0]["event"], told[-1]["event"]] == ["firing", "ended"]
    assert {event["event"] for event in told} >= {"started", "finished"}
    runs = alice.done("run", "list")
    ended = [event["run"] for event in told if event["event"] == "finished" and event["state"] == "succeeded"]
    assert [run["id"] for run in runs if run["state"] == "succeeded"][::-1] == ended
    run = next(run for run in runs if run["id"] == ended[0])
    assert (run["sync"]["state"], run["rows"]) == ("committed", 1)
    [job] = alice.done("tool", "list-scheduled")
    assert job["last_state"] in ("succeeded", "cancelled")
    remote = Path(world.root / "remotes" / "data.git")
    assert world.git(remote, "branch") == ""
    assert f"run sync {run['id']}" in run["sync"]["reason"]
    pushed = alice.done("run", "sync", run["id"], "--hub", "h")
    assert (pushed["sync"]["state"], pushed["rows"]) == ("pushed", 1)
    subjects = world.git(remote, "log", "--format=%s", "main").splitlines()
    assert len(subjects) == len(ended)
    assert all(subject.startswith("sync ") for subject in subjects)
    [announced] = alice.done("hub", "operators", "h", run["started"][:10])
    assert announced["rows"] == 1


def test_a_job_with_sync_pushes_and_announces(alice: Operator, world: World) -> None:
    schedule(alice, "--every", "1s", "--hub", "h", "--sync")
    alice.verb("scheduler", "run", "--for", "2.5s")
    states = [run["sync"]["state"] for run in alice.done("run", "list") if run["state"] == "succeeded"]
    assert "pushed" in states
    assert alice.done("hub", "dates", "h")


def test_a_tool_that_was_removed_fails_its_job_and_stops_nothing(alice: Operator, world: World) -> None:
    schedule(alice, "--every", "1s")
    alice.done("tool", "uninstall", "ticker", "--yes")
    told = events(alice.verb("scheduler", "run", "--for", "2.2s"))
    failed = [event for event in told if event["event"] == "finished"]
    assert failed
    assert all(event["state"] == "failed" and "ticker" in event["reason"] for event in failed)
    assert not [event for event in told if event["event"] == "trouble"]
