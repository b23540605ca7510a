"""kill -9 and two launchers: no slot runs twice, none vanishes, and somebody always fires."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.session.running import scheduler
from tests.session.world import Operator, World

KILLS = 8
COUNTER = "echo run >> begun.txt; sleep 0.2\n"
SLOW = "echo run >> begun.txt; sleep 300\n"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    (tmp_path / "login").mkdir()
    for name in [n for n in os.environ if n.startswith(("ROFORLMAO_", "GIT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "login"))
    return World(tmp_path / "world")


def every_second(world: World, name: str, go: str) -> Operator:
    alice = world.operator("alice")
    world.script(alice, name, go)
    alice.done("tool", "schedule", name, "--every", "1s")
    return alice


def ledger(operator: Operator) -> list[tuple[int, str, int | None, str]]:
    with closing(sqlite3.connect(operator.home / "state" / "launcher.sqlite")) as database:
        query = "SELECT scheduled_for, state, started, reason FROM slots ORDER BY scheduled_for"
        return database.execute(query).fetchall()


def test_kill_9_at_random_moments_runs_no_slot_twice_and_loses_none(world: World) -> None:
    alice, dice = every_second(world, "counter", COUNTER), random.Random(6)
    for _ in range(KILLS):
        with scheduler(alice) as running:
            running.wait_for("firing", 20)
            time.sleep(dice.uniform(0.0, 1.6))  # the moment of the kill is the test
            running.process.send_signal(signal.SIGKILL)
            running.process.wait(10)
    last = alice.verb("scheduler", "run", "--for", "1.5s")
    assert last.status == 0
    slots = ledger(alice)
    first, newest = slots[0][0], slots[-1][0]
    assert [slot for slot, *_ in slots] == list(range(first, newest + 1)), "a slot is without a record"
    fine = {"succeeded", "lost", "missed", "skipped", "cancelled", "queued"}
    assert not [slot for slot in slots if slot[1] not in fine]
    begun = (alice.home / "imports" / "tools" / "counter" / "begun.txt").read_text().count("run")
    started = sum(slot[2] is not None for slot in slots)
    assert 0 < begun <= started, "a slot ran twice"
    assert begun >= sum(slot[1] == "succeeded" for slot in slots)
    assert not [run for run in alice.done("run", "list") if run["state"] == "running"]


def test_of_two_launchers_one_fires_and_the_other_takes_over_when_it_is_killed(world: World) -> None:
    alice = every_second(world, "counter", COUNTER)
    with scheduler(alice) as one:
        one.wait_for("started", 20)
        with scheduler(alice) as two:
            standing_by = two.wait_for("standing-by", 20)
            assert f"process {one.process.pid} on" in standing_by["text"]
            one.wait_for("finished", 20)
            assert [told["event"] for told in two.told] == ["standing-by"]
            one.process.send_signal(signal.SIGKILL)
            began = time.monotonic()
            two.wait_for("started", 30)
            assert time.monotonic() - began < 30
            assert [told["event"] for told in two.told][:2] == ["standing-by", "firing"]


def test_sigterm_cancels_what_runs_says_so_and_ends_within_five_seconds(world: World) -> None:
    alice = every_second(world, "slow", SLOW)
    with scheduler(alice) as running:
        running.wait_for("started", 20)
        begun = alice.home / "imports" / "tools" / "slow" / "begun.txt"
        deadline = time.monotonic() + 10
        while not begun.exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        began = time.monotonic()
        running.process.send_signal(signal.SIGTERM)
        assert running.wait_for("finished", 10)["state"] == "cancelled"
        running.wait_for("ended", 10)
        assert running.process.wait(10) == 128 + signal.SIGTERM
        assert time.monotonic() - began < 5
    assert "running" not in {slot[1] for slot in ledger(alice)}
