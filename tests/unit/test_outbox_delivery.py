"""The outbox: what the registry is away for is delivered when it is back, in order, and once."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from roforlmao.errors import Busy, StorageFailed
from roforlmao.git.lock import flock
from roforlmao.models import Run, Sync
from roforlmao.runs.history import History, write
from roforlmao.runs.outbox import KIND, Posted
from tests.unit.outboxdesk import Desk, commits, letter


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with closing(Desk(tmp_path)) as opened:
        yield opened


def test_what_the_registry_takes_at_once_never_waits(desk: Desk) -> None:
    assert desk.outbox.announce(letter()) == Posted("/mao/hubs/h/2026-11-22/alice")
    assert (desk.outbox.count(), desk.told(), desk.notices(KIND)) == (0, commits(1), [])


def test_what_waits_is_delivered_in_order_and_once_also_after_a_restart(desk: Desk) -> None:
    desk.put_away(letter(1), letter(2, date="2026-11-23"), letter(3))
    assert [one.letter.run for one in desk.outbox.all()] == ["r1", "r2", "r3"]
    desk.restart()
    done = desk.outbox.deliver()
    assert [one.letter.run for one in done.delivered] == ["r1", "r2", "r3"]
    assert desk.told() == commits(1, 2, 3)
    assert desk.outbox.deliver().delivered == ()
    assert desk.told() == commits(1, 2, 3)


def test_a_newer_announcement_of_the_same_day_goes_out_behind_the_one_that_waits(desk: Desk) -> None:
    desk.put_away(letter(1))
    assert not desk.outbox.announce(letter(2)).waits
    assert desk.told() == commits(1, 2)


def test_the_same_does_not_wait_twice_but_a_return_to_it_does(desk: Desk) -> None:
    desk.put_away(letter(1), letter(1), letter(2), letter(1))
    assert [one.letter.run for one in desk.outbox.all()] == ["r1", "r2", "r1"]


@pytest.mark.parametrize("fate", ["done", "dropped"])
def test_a_write_whose_answer_was_lost_is_made_sure_of_and_not_repeated(desk: Desk, fate: str) -> None:
    desk.gate.loses = fate
    assert desk.outbox.announce(letter(1)).waits
    desk.now += 60
    assert desk.outbox.deliver().why == ("It went away in mid-write." if fate == "dropped" else "")
    desk.gate.loses = ""
    desk.outbox.deliver()
    assert (desk.told(), desk.outbox.count()) == (commits(1), 0)


def test_an_outcome_is_written_down_with_the_letter_or_neither(desk: Desk) -> None:
    def fails(_connection: sqlite3.Connection, _posted: Posted) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    desk.gate.away = True
    with pytest.raises(StorageFailed, match="disk I/O"):
        desk.outbox.announce(letter(1), fails)
    assert (desk.outbox.count(), desk.notices(KIND)) == (0, [])
    run = Run("r1", "t", "script", "go", (), "2026-11-22T03:00:00+00:00", "succeeded")
    desk.outbox.announce(letter(1), lambda at, posted: write(at, run, finished=not posted.key))
    assert desk.outbox.count() == 1
    assert History(desk.state).get("r1") == run


def test_the_run_says_when_its_announcement_was_made(desk: Desk) -> None:
    desk.put_away(letter(1))
    desk.run(1, Sync("pushed", commits(1)[0], reason="left out: x.csv", waits=True))
    desk.outbox.deliver()
    assert desk.sync(1) == Sync("pushed", commits(1)[0], "/mao/hubs/h/2026-11-22/alice", "left out: x.csv")


def test_a_run_that_was_published_anew_meanwhile_is_left_as_it_is(desk: Desk) -> None:
    desk.put_away(letter(1))
    newer = Sync("pushed", commits(9)[0], "/mao/hubs/h/2026-11-22/alice")
    desk.run(1, newer)
    desk.outbox.deliver()
    assert desk.sync(1) == newer


def test_away_is_asked_less_and_less_and_announcing_asks_once_in_a_while(desk: Desk) -> None:
    desk.gate.away = True
    desk.outbox.announce(letter(1))
    asked = []
    for second in range(200):
        before = desk.gate.asked
        desk.now += 1
        desk.outbox.round()
        if desk.gate.asked != before:
            asked.append(second + 1)
    assert asked == [5, 15, 35, 65, 95, 125, 155, 185]
    before = desk.gate.asked
    for number in range(2, 100):  # a long queue of runs does not meet the deadline of a call each time
        desk.outbox.announce(letter(number, date=f"2026-0{1 + number % 9}-11"))
    assert desk.gate.asked <= before + 1
    desk.gate.away = False
    desk.now += 31
    desk.outbox.round()
    assert desk.told() == commits(*range(1, 100))


def test_a_round_with_nothing_to_deliver_asks_nobody(desk: Desk) -> None:
    desk.outbox.round()
    assert desk.gate.asked == 0


def test_while_another_launcher_delivers_a_letter_is_put_behind_and_no_round_waits(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roforlmao.runs.outbox._PATIENCE_S", 0.05)
    desk.put_away(letter(1))
    with flock(desk.place / "locks" / "outbox", ""):
        assert desk.outbox.announce(letter(2)).waits
        desk.outbox.round()
        for blocked in (desk.outbox.deliver, lambda: desk.outbox.discard(1)):
            with pytest.raises(Busy, match="at its outbox"):
                blocked()
        assert desk.told() == []
    desk.outbox.round()
    assert desk.told() == commits(1, 2)


def test_that_the_registry_is_away_is_told_once_and_that_it_is_back_once(desk: Desk) -> None:
    desk.put_away(letter(1), letter(2), letter(3))
    desk.outbox.round()
    assert [text.partition(".")[0] for text in desk.notices(KIND)] == [
        "The registry does not answer",
        "The registry answers again: 3 announcements delivered",
    ]


@pytest.mark.parametrize("seed", range(12))
def test_whatever_comes_between_all_is_told_in_order_and_nothing_twice(desk: Desk, seed: int) -> None:
    dice = random.Random(seed)

    def lose(how: str) -> Callable[[], None]:
        return lambda: setattr(desk.gate, "loses", how)

    turns: list[Callable[[], None]] = [
        lose(""),
        lose(""),
        lose("done"),
        lose("dropped"),
        desk.restart,
        lambda: None,
    ]
    said: list[int] = []
    for number in range(1, 60):
        dice.choice(turns)()
        desk.gate.away = dice.random() < 0.4
        desk.now += dice.choice([0, 3, 40])
        if dice.random() < 0.5:
            desk.outbox.round()
        desk.outbox.announce(letter(number, date=f"2026-11-{dice.randint(1, 4):02}"))
        said.append(number)
    desk.gate.away, desk.gate.loses = False, ""
    desk.outbox.deliver()
    assert (desk.told(), desk.outbox.count()) == (commits(*said), 0)
