"""The menus left open: jobs are made there, fire above an open prompt, and the status line tells."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from contextlib import closing

import pytest

from tests.session.test_menus import answer, choose, launcher, leave
from tests.session.world import Operator, World


@pytest.fixture
def alice(world: World) -> Operator:
    return world.ticking()


@pytest.mark.parametrize("cols", [80, 100])
def test_a_job_is_scheduled_paused_and_stopped_from_the_menu(
    world: World, alice: Operator, cols: int
) -> None:
    with launcher(world, alice.home, cols=cols) as terminal:
        terminal.wait_for("no jobs")
        choose(terminal, "Schedule", "Schedule a tool", "ticker", "monthly", "31")
        answer(terminal, "at what time", "\x1525:00")
        terminal.wait_for("is not a time of day")
        terminal.send("\x15")
        answer(terminal, "at what time", "07:30")
        answer(terminal, "the hub that the data is about", "h")
        terminal.wait_for("Job j1: ticker runs monthly on 31")
        terminal.wait_for("next ticker")
        shown = "".join(terminal.screen().split())  # lines are folded at any word
        assert "thelastdaywherethemonthisshorter" in shown
        assert "toolscheduletickermonthly--on31--at07:30--commandgo--hubh" in shown
        choose(terminal, "Pause a job")
        answer(terminal, "the job's id, or its tool")
        terminal.wait_for("is paused")
        terminal.wait_until(lambda: "1 job paused" in terminal.screen())
        leave(terminal)
    [job] = alice.done("tool", "list-scheduled")
    assert (job["rule"], job["at"], job["state"]) == ("monthly on 31", "07:30", "paused")


def test_a_cron_expression_is_asked_for_in_place_of_day_and_time(world: World, alice: Operator) -> None:
    with launcher(world, alice.home) as terminal:
        choose(terminal, "Schedule", "Schedule a tool", "ticker", "by a cron expression")
        answer(terminal, "five fields", "0 0 31 2 *")
        terminal.wait_for("is not a cron expression")
        terminal.send("\x15")
        answer(terminal, "five fields", "30 7 * * 1")
        answer(terminal, "the hub that the data is about")
        terminal.wait_for("Job j1: ticker runs cron 30 7 * * 1")
        leave(terminal)


def test_a_result_appears_above_what_is_being_typed_and_the_text_stays(world: World, alice: Operator) -> None:
    with launcher(world, alice.home) as terminal:
        choose(terminal, "Tools", "Register a tool")
        terminal.wait_for("name of the tool")
        terminal.send("half-typ")
        terminal.wait_for("half-typ")
        alice.done("tool", "schedule", "ticker", "--every", "2s", "--command", "go")
        terminal.wait_for("Job j1 (ticker) succeeded.", timeout=15)
        terminal.send("ed")
        terminal.wait_for("half-typed")
        terminal.wait_for("to push", timeout=10)
        alice.done("tool", "stop", "j1")
        terminal.press("escape")
        terminal.press("escape")
        terminal.wait_for("/ type to search")
        leave(terminal)
    assert [r for r in alice.done("run", "list") if r["sync"]["state"] == "committed"]


def test_a_second_launcher_shows_the_jobs_and_says_who_fires(world: World, alice: Operator) -> None:
    alice.done("tool", "schedule", "ticker", "daily", "--command", "go")
    with launcher(world, alice.home, cols=120) as one:
        one.wait_for("next ticker")
        with launcher(world, alice.home, cols=120) as two:
            two.wait_for(f"fired by process {one.pid}")
            two.wait_for("Jobs are fired by another launcher")
            leave(one)
            two.wait_for("This launcher fires the jobs.", timeout=30)
            two.wait_until(lambda: "fired by" not in two.screen().splitlines()[-1])
            leave(two)


def test_when_the_launcher_that_fires_is_killed_the_second_fires_within_30_seconds_and_what_is_typed_stays(
    world: World, alice: Operator
) -> None:
    alice.done("tool", "schedule", "ticker", "--every", "1s", "--command", "go")
    with launcher(world, alice.home) as one:
        one.wait_for("succeeded.")
        with launcher(world, alice.home) as two:
            two.wait_for("Jobs are fired by another launcher")
            choose(two, "Tools", "Register a tool")
            two.wait_for("name of the tool")
            two.send("half-typ")
            two.wait_for("half-typ")
            os.kill(one.pid, signal.SIGKILL)
            killed = time.monotonic()
            two.wait_for("This launcher fires the jobs.", timeout=30)
            two.wait_for("succeeded.", timeout=30)
            assert time.monotonic() - killed < 30
            two.send("ed")
            two.wait_for("half-typed")
            assert two.screen().count("half-typed") == 1
            alice.done("tool", "stop", "j1")
            two.press("escape")
            two.wait_for("/ type to search")
            leave(two)
    with closing(sqlite3.connect(alice.home / "state" / "launcher.sqlite")) as database:
        slots = database.execute("SELECT scheduled_for, state FROM slots ORDER BY scheduled_for").fetchall()
    assert [at for at, _ in slots] == list(range(slots[0][0], slots[-1][0] + 1))


def test_many_results_and_refusals_leave_what_is_typed_alone(world: World, alice: Operator) -> None:
    alice.done("tool", "schedule", "ticker", "--every", "1s", "--command", "go")
    with launcher(world, alice.home) as terminal:
        choose(terminal, "Tools", "Register a tool")
        terminal.wait_for("name of the tool")
        typed = ""
        for letter in "a-name-typed-slowly":
            typed += letter
            terminal.send(letter)
            terminal.wait_for(f"{typed}\n")
            terminal.wait_until(lambda: terminal.screen().count("succeeded.") >= min(3, len(typed) // 6))  # noqa: B023
        shown = terminal.screen()
        assert shown.count("name of the tool") == 1
        assert shown.count("succeeded.") >= 3
        assert shown.rstrip().splitlines()[-1].startswith("alice")
        alice.done("tool", "stop", "j1")
        terminal.press("escape")
        terminal.wait_for("/ type to search")
        leave(terminal)
