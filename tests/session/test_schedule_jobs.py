"""What an operator does with jobs that there are: change, run now, end, answer, push it all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from tests.session.running import scheduler
from tests.session.test_menus import answer, choose, launcher, leave
from tests.session.world import Operator, World


@pytest.fixture
def alice(world: World) -> Operator:
    return world.ticking()


def daily(operator: Operator, *words: object) -> Any:
    zone = ("--timezone", "Europe/Zurich", "--command", "go")
    return operator.done("tool", "schedule", "ticker", "daily", "--at", "07:30", *zone, *words)


def slots(operator: Operator, columns: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(operator.home / "state" / "launcher.sqlite")) as database:
        return database.execute(f"SELECT {columns} FROM slots ORDER BY scheduled_for").fetchall()


MANNERS = ("--grace", "2h", "--catch-up", "ask", "--retries", "3", "--backoff", "90s")


def test_a_job_is_made_with_manners_of_its_own_and_given_back_to_the_defaults(alice: Operator) -> None:
    job = daily(alice, *MANNERS, "--busy", "skip", "--timeout", "10m")
    fields = ("grace_s", "catch_up", "retries", "backoff_s", "busy", "timeout_s")
    assert [job[name] for name in fields] == [7200.0, "ask", 3, 90.0, "skip", 600.0]
    words = ("--grace", "default", "--catch-up", "default", "--retries", "0", "--timeout", "default")
    job = alice.done("tool", "edit-scheduled", "j1", *words, "--busy", "queue")
    assert [job[name] for name in fields] == [None, None, 0, 90.0, "queue", None]


EDITS = [
    ("--at 9:15", "daily", "09:15", "T09:15:00+0"),
    ("weekly", "weekly on mon", "07:30", "T07:30:00+0"),
    ("monthly --on 31 --at 06:00", "monthly on 31", "06:00", "T06:00:00+0"),
    ("--timezone Asia/Tokyo", "daily", "07:30", "T07:30:00+09:00"),
    ("cron --cron '15 6 * * *'", "cron 15 6 * * *", None, "T06:15:00+0"),
    ("--cron '15 6 * * *'", "cron 15 6 * * *", None, "T06:15:00+0"),
    ("--every 60s", "every 60 s", None, ":00+0"),
]


@pytest.mark.parametrize(("words", "rule", "at", "following"), EDITS)
def test_a_changed_rule_gives_the_next_run_anew(
    alice: Operator, words: str, rule: str, at: str | None, following: str
) -> None:
    import shlex

    before = daily(alice)
    after = alice.done("tool", "edit-scheduled", "ticker", *shlex.split(words))
    assert (after["rule"], after["at"]) == (rule, at)
    assert following in after["next_run"]
    changed = {"rule", "at", "timezone", "next_run"}
    assert {k: v for k, v in after.items() if k not in changed} == {
        k: v for k, v in before.items() if k not in changed
    }


BAD = [
    ("edit-scheduled j1 --at 25:00", "25:00"),
    ("edit-scheduled j1 cron", "which cron expression"),
    ("edit-scheduled j1 --cron '0 0 31 2 *'", "31 2"),
    ("edit-scheduled j1 --timezone Mars/Base", "not a time zone"),
    ("edit-scheduled j1 --command fly", "fly"),
    ("edit-scheduled j1 --sync", "hub"),
    ("edit-scheduled j1 --retries 21", "from 0 to 20"),
    ("edit-scheduled j1 --grace soon", "not a duration"),
    ("edit-scheduled j1 --catch-up never", "none of run-once, skip, ask and default"),
    ("edit-scheduled j1 --busy wait", "none of queue and skip"),
    ("edit-scheduled j9 --at 07:00", "no job 'j9'"),
    ("run-now j9", "no job 'j9'"),
    ("cancel j1", "Nothing of job j1"),
    ("catch-up j1 run", "waits for your word"),
    ("catch-up j1 perhaps", "none of run and miss"),
]


@pytest.mark.parametrize(("words", "said"), BAD)
def test_what_cannot_be_done_with_a_job_is_a_sentence_and_changes_nothing(
    alice: Operator, words: str, said: str
) -> None:
    import shlex

    before = daily(alice)
    refused = alice.verb("tool", *shlex.split(words))
    assert refused.status == 2, refused.out
    assert said in refused.data["error"]["message"] + refused.data["error"]["hint"]
    assert alice.done("tool", "list-scheduled") == [before]


def test_a_rule_of_seconds_cannot_be_given_a_time_of_day_alone(alice: Operator) -> None:
    alice.done("tool", "schedule", "ticker", "--every", "60s", "--command", "go")
    refused = alice.verb("tool", "edit-scheduled", "j1", "--at", "07:00")
    assert "belong to daily" in refused.data["error"]["message"]


def test_a_job_runs_now_beside_its_rule_and_its_run_is_ended_by_a_verb(world: World) -> None:
    alice = world.operator("alice")
    world.script(alice, "slow", "sleep 300\n")
    job = alice.done("tool", "schedule", "slow", "daily")
    alice.done("tool", "run-now", "slow")
    assert "already" in alice.verb("tool", "run-now", "slow").data["error"]["message"]
    with scheduler(alice) as running:
        running.wait_for("started", 20)
        alice.done("tool", "cancel", "j1")
        assert running.wait_for("finished", 20)["state"] == "cancelled"
    assert slots(alice, "cause, state") == [("now", "cancelled")]
    [after] = alice.done("tool", "list-scheduled")
    assert (after["next_run"], after["last_state"]) == (job["next_run"], "cancelled")


FLAKY = {
    "mao.yml": "Name: flaky\nData: {Local: data}\nCommands: [{Name: go, Command: sh, Script: go.sh}]\n",
    "go.sh": "test -e again || { : > again; echo not yet; exit 7; }\necho well\n",
}


def test_a_run_that_fails_is_tried_again_and_both_are_in_the_history(world: World) -> None:
    alice = world.operator("alice")
    alice.done("tool", "add", "flaky", "--code-repo", world.tool("flaky", FLAKY))
    alice.done("tool", "install", "flaky", "--trust")
    alice.done("tool", "schedule", "flaky", "daily", "--retries", "2", "--backoff", "1s")
    alice.done("tool", "run-now", "flaky")
    with scheduler(alice) as running:
        first = running.wait_for("retrying", 20)
        second = running.wait_for("finished", 20)
    assert (first["state"], second["state"]) == ("failed", "succeeded")
    runs = {run["id"]: run["state"] for run in alice.done("run", "list")}
    assert runs == {first["run"]: "failed", second["run"]: "succeeded"}


def test_a_tool_that_takes_longer_than_its_job_allows_is_ended(world: World) -> None:
    alice = world.operator("alice")
    world.script(alice, "slow", "sleep 300\n")
    alice.done("tool", "schedule", "slow", "daily", "--timeout", "1s")
    alice.done("tool", "run-now", "slow")
    with scheduler(alice) as running:
        assert running.wait_for("finished", 20)["state"] == "timed-out"


@pytest.mark.parametrize("cols", [80, 60])
def test_a_job_is_changed_run_now_and_answered_for_from_the_menus(
    world: World, alice: Operator, cols: int
) -> None:
    daily(alice, "--catch-up", "ask", "--grace", "10d")
    with closing(sqlite3.connect(alice.home / "state" / "launcher.sqlite")) as database:
        database.execute("UPDATE jobs SET next_at = next_at - 86400 * ((next_at - unixepoch()) / 86400 + 1)")
        database.commit()
    with launcher(world, alice.home, cols=cols) as terminal:
        terminal.wait_for("asks about 1 slot")
        choose(terminal, "Schedule", "Answer for a missed slot")
        answer(terminal, "the job's id")
        answer(terminal, "run or miss", "run it now")
        terminal.wait_for("runs what it missed; process")
        terminal.wait_for("Job j1 (ticker) succeeded.")
        choose(terminal, "Change a job")
        answer(terminal, "the job's id")
        choose(terminal, "weekly", "wed")
        answer(terminal, "at what time", "\x1508:45")
        answer(terminal, "the hub that the data is about", "h")
        for question in ("was missed", "how late", "try again", "first new try", "is busy", "end its tool"):
            answer(terminal, question)
        terminal.wait_for("runs weekly on wed at 08:45")
        choose(terminal, "Run a job now")
        answer(terminal, "the job's id")
        terminal.wait_for("runs now, beside its rule")
        terminal.wait_until(lambda: slots(alice, "cause, state")[-1] == ("now", "succeeded"))
        leave(terminal)
    [job] = alice.done("tool", "list-scheduled")
    changed = [job[name] for name in ("rule", "at", "hub", "grace_s")]
    assert changed == ["weekly on wed", "08:45", "h", 864000.0]


def test_one_verb_publishes_all_that_waits_and_what_fails_keeps_nothing_back(
    world: World, alice: Operator
) -> None:
    world.script(alice, "broken", data=True)
    alice.done("tool", "schedule", "broken", "daily", "--command", "go", "--hub", "h")
    daily(alice, "--hub", "h")
    for tool in ("broken", "ticker", "ticker"):
        alice.done("tool", "run-now", tool)
        with scheduler(alice) as running:
            assert running.wait_for("finished", 20)["state"] == "succeeded"
    away = world.root / "remotes" / "broken-data.git"
    away.rename(away.with_suffix(".away"))
    pushed = alice.verb("run", "push-all")
    assert pushed.status == 3
    assert [(run["tool"], run["sync"]["state"]) for run in pushed.data] == [
        ("broken", "failed"),
        ("ticker", "pushed"),
        ("ticker", "pushed"),
    ]
    [waiting] = [run for run in alice.done("run", "list") if run["sync"]["state"] == "failed"]
    assert waiting["sync"]["commit"]
    assert "broken-data" in waiting["sync"]["reason"]
    away.with_suffix(".away").rename(away)
    [last] = alice.done("run", "push-all")
    assert (last["id"], last["sync"]["state"]) == (waiting["id"], "pushed")
    assert alice.done("run", "push-all") == []
    log = world.git(
        world.root / "remotes" / "ticker-data.git", "log", "--format=%(trailers:key=Run-id,valueonly)"
    )
    assert len(set(log.split())) == 2


def test_what_nobody_knows_the_hub_of_waits_and_is_told(alice: Operator) -> None:
    daily(alice)
    alice.done("tool", "run-now", "ticker")
    with scheduler(alice) as running:
        running.wait_for("finished", 20)
    refused = alice.verb("run", "push-all")
    assert (refused.status, refused.data[0]["sync"]["state"]) == (3, "failed")
    assert "under which hub" in refused.data[0]["sync"]["reason"]
    [run] = alice.done("run", "push-all", "--hub", "h")
    assert run["sync"]["state"] == "pushed"
