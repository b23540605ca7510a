"""The outbox: what the registry is away for is delivered when it is back, in order, and once."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from roforlmao.errors import Busy, ConfigurationError, Conflict, LossRefused, NameTaken, StorageFailed
from roforlmao.git.lock import flock
from roforlmao.models import Announcement, Run, Sync
from roforlmao.notices import Notices
from roforlmao.registry.base import ABSENT
from roforlmao.registry.catalog import Catalog
from roforlmao.registry.fence import Fence
from roforlmao.runs.history import History, write
from roforlmao.runs.letters import Letter
from roforlmao.runs.outbox import KIND, NotAnnounced, Outbox, Posted
from roforlmao.state import State
from tests.unit.gate import Gate

URL = "https://example.org/data.git"
CLAIM = "/mao/fired/watch/2026-11-22T03:00:00Z"


def letter(name: object = 1, hub: str = "h", date: str = "2026-11-22", **others: object) -> Letter:
    """About commit ``name``, a number."""
    entry = Announcement(hub, date, "alice", URL, f"{name:040x}", 7, "normal")
    return Letter(entry, f"run sync {name}", **{"run": f"r{name}", **others})  # type: ignore[arg-type]


class Desk:
    """A home's outbox before a gate; ``restart`` opens the home anew."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.gate = Gate(place / "registry.sqlite", deadline_s=2.0)
        self.now = 1000.0
        self.hinders: Exception | None = None
        self._open()

    def _open(self) -> None:
        self.state = State(self.place / "launcher.sqlite")
        self.outbox = Outbox(self.state, self.place / "locks", self._catalog, lambda: self.now)

    def _catalog(self, fence: Fence | None) -> Catalog:
        def admitted() -> None:
            if self.hinders is not None:
                raise self.hinders

        return Catalog(self.gate, "/mao/", "alice", False, fence, admitted=admitted)

    def restart(self) -> None:
        self.state.close()
        self._open()

    def close(self) -> None:
        self.state.close()
        self.gate.close()

    def put_away(self, *letters: Letter) -> None:
        """The registry is away, and these wait for it; then it is back, some seconds later."""
        self.gate.away = True
        for one in letters:
            assert self.outbox.announce(one).waits
        self.gate.away = False
        self.now += 60

    def told(self) -> list[str]:
        """The commits of all announcements that were ever written, in order."""
        found = []
        with self.gate.watch("/mao/hubs/", from_revision=1) as watch:
            while (event := watch.next_event(0.05)) is not None:
                assert event.record is not None
                found.append(json.loads(event.record.value)["commit"])
        return found

    def notices(self, kind: str) -> list[str]:
        return [one.text for one in reversed(Notices(self.state).newest()) if one.kind == kind]

    def run(self, name: object, sync: Sync) -> None:
        run = Run(f"r{name}", "t", "script", "go", (), "2026-11-22T03:00:00+00:00", "succeeded", sync=sync)
        History(self.state).save(run, finished=True)

    def sync(self, name: object) -> Sync:
        found = History(self.state).get(f"r{name}").sync
        assert found is not None
        return found


def commits(*names: int) -> list[str]:
    return [f"{name:040x}" for name in names]


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


def test_what_is_refused_for_good_is_told_and_keeps_nothing_else_waiting(desk: Desk) -> None:
    hostile = Letter(Announcement("h", "2026-11-22", "alice", "ext::sh -c id", commits(4)[0]), "run sync 4")
    desk.put_away(letter(1), letter(2, hub="denied"), hostile, letter(3))
    desk.run(2, Sync("pushed", commits(2)[0], waits=True))
    done = desk.outbox.deliver()
    assert [one.letter.again for one, _ in done.refused] == ["run sync 2", "run sync 4"]
    assert (desk.told(), desk.outbox.count()) == (commits(1, 3), 0)
    told = desk.notices("sync")
    assert told[0] == (
        "The announcement of denied 2026-11-22 was refused: You may not write there. Ask for the role. "
        "Once that is mended: run sync 2"
    )
    assert len(told) == 2
    assert desk.sync(2).state == "failed"
    assert [run.id for run in History(desk.state).waiting()] == ["r2"], "push-all would pass it by"


def test_what_is_refused_at_once_does_not_wait(desk: Desk) -> None:
    with pytest.raises(NotAnnounced, match="Pushed as 000000000000, but not announced: You may not") as told:
        desk.outbox.announce(letter(2, hub="denied"))
    assert "run sync 2" in told.value.hint
    assert desk.outbox.count() == 0


@pytest.mark.parametrize("error", [ConfigurationError("sign.key: no"), NameTaken("Somebody else is you.")])
def test_what_hinders_every_letter_alike_refuses_none(desk: Desk, error: Exception) -> None:
    desk.put_away(letter(1), letter(2))
    desk.hinders = error
    assert desk.outbox.deliver().why == str(error)
    assert desk.outbox.announce(letter(3)).waits
    desk.now += 60
    desk.outbox.round()
    assert sum("cannot be announced" in text for text in desk.notices(KIND)) == 1
    desk.hinders = None
    desk.outbox.deliver()
    assert desk.told() == commits(1, 2, 3)


def test_an_announcement_that_another_key_signed_is_refused_unless_it_may_be_replaced(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(_catalog: Catalog, _entry: Announcement, *, replace: bool = False) -> str:
        if replace:
            return "/mao/hubs/h/2026-11-22/alice"
        raise LossRefused("It was announced with another key than yours.")

    desk.put_away(letter(1), letter(2, replace=True))
    monkeypatch.setattr(Catalog, "announce", taken)
    done = desk.outbox.deliver()
    assert [one.letter.run for one in done.delivered] == ["r2"]
    assert "another key" in done.refused[0][1]
    with pytest.raises(LossRefused):
        desk.outbox.announce(letter(3))


def test_others_who_write_the_same_key_all_the_time_only_delay(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> str:
        raise Conflict("Others change it all the time.")

    with monkeypatch.context() as patch:
        patch.setattr(Catalog, "announce", busy)
        assert desk.outbox.announce(letter(1)).waits
    desk.now += 60
    desk.outbox.round()
    assert desk.told() == commits(1)


def claimed(desk: Desk) -> Fence:
    session = desk.gate.session(30.0)
    return Fence(CLAIM, desk.gate.put(CLAIM, b"running", ABSENT, session.lease), b"done")


def test_the_announcement_of_a_shared_slot_is_delivered_while_its_claim_holds_and_settles_it(
    desk: Desk,
) -> None:
    desk.put_away(letter(1, fence=claimed(desk)))
    desk.restart()
    desk.outbox.deliver()
    found = desk.gate.get(CLAIM)
    assert found is not None
    assert (found.value, found.lease) == (b"done", 0)
    assert desk.told() == commits(1)


def test_the_announcement_of_a_slot_that_another_took_is_never_delivered(desk: Desk) -> None:
    fence = claimed(desk)
    desk.put_away(letter(1, fence=fence), letter(2))
    desk.run(1, Sync("pushed", commits(1)[0], waits=True))
    desk.gate.delete(CLAIM)  # as its lease does when it runs out
    desk.gate.put(CLAIM, b"running", ABSENT)
    done = desk.outbox.deliver()
    assert "away for longer than its lease" in done.refused[0][1]
    assert desk.told() == commits(2)
    assert desk.sync(1).state == "failed"


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


def test_a_discarded_letter_is_not_delivered_and_its_run_waits_to_be_published(desk: Desk) -> None:
    desk.put_away(letter(1), letter(2))
    desk.run(1, Sync("pushed", commits(1)[0], waits=True))
    first = desk.outbox.all()[0]
    assert desk.outbox.discard(first.number) == first
    assert desk.outbox.discard(first.number) is None
    assert desk.sync(1) == Sync(
        "failed", commits(1)[0], reason="its announcement was discarded; `run sync 1`"
    )
    desk.outbox.deliver()
    assert desk.told() == commits(2)


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
