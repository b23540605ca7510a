"""The scheduler's screen in a real session: real jobs fire, run, fail and are ended from there."""

from __future__ import annotations

import pytest

from tests.session.test_menus import agree, choose, launcher, leave
from tests.session.world import Operator, World

TALK = "for i in $(seq 100000); do echo line $i; sleep 0.05; done\n"


@pytest.fixture
def alice(world: World) -> Operator:
    operator = world.ticking()
    world.script(operator, "talker", TALK)
    return operator


@pytest.mark.parametrize("cols", [80, 60])
def test_jobs_are_watched_run_ended_and_stopped_from_the_screen(
    world: World, alice: Operator, cols: int
) -> None:
    alice.done("tool", "schedule", "talker", "daily")
    alice.done("tool", "schedule", "ticker", "daily", "--command", "go", "--hub", "h")
    with launcher(world, alice.home, cols=cols) as terminal:
        choose(terminal, "Schedule", "Jobs, queue and history")
        terminal.wait_for("» j1 talker")
        terminal.send("r")
        terminal.wait_for("running talker")
        terminal.send("\t")
        terminal.wait_for("Queue: what runs")
        terminal.wait_for("» j1 talker")
        terminal.send("l")
        terminal.wait_for("Log of talker")
        terminal.wait_for("» line ")
        shown = terminal.screen()
        terminal.wait_until(lambda: terminal.screen() != shown, what="the log to grow")
        terminal.press("escape")
        terminal.send("x")
        agree(terminal, "End what a job runs now")
        terminal.wait_for("Job j1 (talker) cancelled")
        terminal.wait_for("Nothing runs or waits now.")
        terminal.send("\t")
        terminal.wait_for("History (3 of 4)")
        terminal.wait_for("cancelled")
        alice.done("tool", "run-now", "ticker")
        terminal.wait_for("» j1 talker")  # the pointer stays on its record
        terminal.wait_for("j2 ticker")
        terminal.send("f")
        choose(terminal, "ticker", "succeeded")
        terminal.wait_until(lambda: "historyofticker,succeeded" in "".join(terminal.screen().split()))
        terminal.wait_until(lambda: "j1 talker" not in terminal.screen())
        terminal.send("u")
        terminal.wait_for("Published 1 run.")
        terminal.wait_for("History (3 of 4)")
        terminal.send("\t")
        terminal.wait_for("By itself")
        terminal.wait_for("clean-up")
        terminal.send("\t")
        terminal.wait_for("» j1 talker")
        terminal.send("p")
        terminal.wait_for("is paused")
        terminal.wait_for("» j1 talker")
        terminal.send("d")
        agree(terminal, "Stop a job")
        terminal.wait_for("is stopped for good")
        terminal.wait_for("» j2 ticker")
        terminal.press("escape")
        terminal.wait_for("/ type to search")
        leave(terminal)
    [job] = alice.done("tool", "list-scheduled")
    assert (job["id"], job["last_state"]) == ("j2", "succeeded")
    assert alice.done("hub", "dates", "h")


def test_the_plain_menus_tell_the_same_as_text(world: World, alice: Operator) -> None:
    alice.done("tool", "schedule", "ticker", "daily", "--at", "07:30", "--command", "go")
    with launcher(world, alice.home, "--plain") as terminal:
        terminal.wait_for("Your choice")
        for word in ("Schedule", "Jobs, queue"):
            terminal.send(f"{word}\r")
        terminal.wait_for("ires")
        terminal.wait_for("ticker")
        terminal.wait_for("Again: ")
        for word in ("b", "Quit"):
            terminal.send(f"{word}\r")
        assert terminal.wait_end() == 0


def test_the_status_for_programs_holds_jobs_queue_history_and_routines(alice: Operator) -> None:
    alice.done("tool", "schedule", "ticker", "daily", "--command", "go")
    alice.done("tool", "run-now", "ticker")
    before = alice.done("scheduler", "status")
    assert (before["fired_by"], [slot["state"] for slot in before["open"]]) == (None, ["queued"])
    alice.verb("scheduler", "run", "--for", "3s")
    after = alice.done("scheduler", "status", "--tool", "ticker", "--limit", "1")
    assert [slot["cause"] for slot in after["past"]] == ["now"]
    assert (after["past"][0]["state"], after["to_push"], after["open"]) == ("succeeded", 1, [])
    assert [routine["name"] for routine in after["routines"]] == [
        "clean-up",
        "left containers",
        "member heartbeat",
        "peers' judgements",
        "registry watch",
    ]
    assert "03:30:00" in after["routines"][0]["next_run"]
    assert alice.done("scheduler", "status", "--state", "failed")["past"] == []
