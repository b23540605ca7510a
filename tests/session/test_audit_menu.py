"""From the menus: the calendar of a hub leads to an audit, its differences and a vote; a gap is filled."""

from __future__ import annotations

import subprocess

import pytest

from tests.session.test_audits import DAY, DRIFTED, FULL, HUB, clone_of, holder
from tests.session.test_menus import answer, choose, launcher
from tests.session.world import World, clean_environment


@pytest.mark.parametrize("cols", [80, 60])
def test_from_the_calendar_to_the_differing_cells_and_a_vote(world: World, cols: int) -> None:
    ann = holder(world, "ann", FULL)
    holder(world, "ben", FULL)
    holder(world, "cat", DRIFTED)
    with launcher(world, ann.home, cols=cols) as terminal:
        choose(terminal, "Hubs", "Calendar of a hub", HUB)
        terminal.wait_for("A ann, B ben, C cat")
        terminal.wait_for(f"» {DAY}")
        terminal.send("a")
        terminal.wait_for("2 of 3 are identical")
        terminal.wait_for("d differences")
        terminal.press("down", "down")
        terminal.wait_for("» cat")
        terminal.send("d")
        terminal.wait_for("cat against ann: 1 difference")
        terminal.press("escape")
        terminal.wait_for("» cat")
        terminal.press("escape")
        terminal.wait_for(f"» {DAY}")
        terminal.send("v")
        choose(terminal, "ann")
        terminal.wait_for("1 vote; ann is elected")
        terminal.wait_for(f"» {DAY}")
        terminal.press("escape")
        terminal.wait_for("Hubs")
    assert ann.done("vote", HUB, DAY)["elected"] == "ann"


def test_a_gap_is_filled_and_a_day_retracted_from_the_menus(world: World) -> None:
    ann = holder(world, "ann", FULL, "2019-03-24")
    ben = holder(world, "ben", FULL)
    with launcher(world, ann.home) as terminal:
        choose(terminal, "Data", "Fill a gap from a peer", "ann", HUB, DAY)
        terminal.wait_for("Took 1 file")
        terminal.wait_for("not published yet")
    assert (clone_of(ann) / f"charts-{DAY}.csv").read_text() == FULL
    with launcher(world, ben.home) as terminal:
        choose(terminal, "Hubs", "Retract a day of your own", HUB, DAY)
        answer(terminal, "what is wrong with it", "half a crawl")
        terminal.wait_for("is marked as wrong")
    (entry,) = ann.done("hub", "operators", HUB, DAY)
    assert entry["retracted"]["reason"] == "half a crawl"


def printed(command: list[str]) -> tuple[int, str]:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=clean_environment(), timeout=60
    )
    return done.returncode, done.stdout


def test_a_pipe_gets_the_standings_and_the_calendar_as_rows(world: World) -> None:
    ann = holder(world, "ann", FULL)
    holder(world, "ben", DRIFTED)
    status, audit = printed(ann.command("audit", HUB, DAY))
    assert status == 1
    assert "A draw: ann, ben each have 1 row or cell that nobody else has." in audit
    assert "ben\tdrifted\t8\t0\t0\t1\t1\tdiffers in stars (1)" in audit
    _, calendar = printed(ann.command("hub", "calendar", HUB))
    assert f"{DAY}\t+ x\tben disagreement" in calendar
    assert [day["date"] for day in ann.done("hub", "calendar", HUB, "--month", "2019-3")] == [DAY]
    assert ann.done("hub", "calendar", HUB, "--month") == []
