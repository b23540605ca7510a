"""A tick that has nothing to do costs one question, and misses nothing that others write."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from roforlmao.errors import StorageFailed
from roforlmao.schedule.jobs import Jobs, Plan
from roforlmao.schedule.rules import Rule
from roforlmao.schedule.slots import Slots
from roforlmao.schedule.wishes import Wishes
from roforlmao.state import State
from tests.unit.house import House, add, good, hanging

HOURLY = Rule("every", "UTC", every_s=3600)


def asked(house: House, ticks: int) -> list[str]:
    """What so many ticks, a second apart, ask the database."""
    statements: list[str] = []
    with house.state.read() as connection:
        connection.set_trace_callback(statements.append)
    for _ in range(ticks):
        house.tick(1)
    with house.state.read() as connection:
        connection.set_trace_callback(None)
    return statements


def hourly(house: House, count: int) -> None:
    house.calls.update({f"t{number}": good for number in range(count)})
    for number in range(count):
        house.jobs.add(Plan(f"t{number}", HOURLY), house.now)
    house.tick()
    house.tick()  # the first one wrote


def test_with_many_jobs_that_are_not_due_a_tick_asks_one_thing(house: House) -> None:
    hourly(house, 40)
    assert asked(house, 20) == ["PRAGMA data_version"] * 20


CHANGES: dict[str, Callable[[State, House], object]] = {
    "a new job": lambda state, house: Jobs(state).add(Plan("t9", Rule("every", "UTC", every_s=1)), house.now),
    "a wish": lambda state, house: Wishes(state).run_now(Jobs(state).find("t1"), house.now),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("elsewhere", [True, False], ids=["another launcher", "the same"])
def test_what_is_written_meanwhile_is_seen_at_the_next_tick(
    house: House, tmp_path: Path, change: Callable[[State, House], object], elsewhere: bool
) -> None:
    hourly(house, 2)
    house.calls["t9"] = good
    with closing(State(tmp_path / "launcher.sqlite")) as other:
        change(other if elsewhere else house.state, house)
    house.tick(1)
    assert len(house.events("started")) == 1


def test_a_slot_that_is_due_ends_the_rest(house: House) -> None:
    hourly(house, 1)
    house.tick(3598)
    assert not house.events("started")
    house.tick(2)
    assert len(house.events("started")) == 1


def test_a_slot_of_a_launcher_that_may_die_unheard_is_looked_at_in_each_tick(
    house: House, tmp_path: Path
) -> None:
    hourly(house, 1)
    house.wishes.run_now(house.jobs.find("t0"), house.now)
    with closing(State(tmp_path / "launcher.sqlite")) as other:
        [slot] = Slots(other).queued()
        assert Slots(other).start(slot, house.now)
    house.tick()
    with house.state.write() as connection:
        connection.execute(
            "UPDATE slots SET owner = ? WHERE state = 'running'", ('["another boot", 1, 0.0]',)
        )
    house.tick()
    assert house.finished("t0") == ["lost"]


def test_while_a_run_goes_on_a_tick_rests_and_still_hears_that_it_is_to_end(house: House) -> None:
    add(house, hanging=hanging)
    house.tick(60)
    house.tick()
    assert asked(house, 5) == ["PRAGMA data_version"] * 5
    house.wishes.cancel(house.jobs.find("hanging"))
    house.tick_until(lambda: house.finished("hanging") == ["cancelled"])


def test_a_look_that_breaks_off_is_repeated(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    hourly(house, 1)
    house.wishes.run_now(house.jobs.find("t0"), house.now)

    def full(_now: object) -> list[object]:
        raise StorageFailed("no space left", "Free some.")

    with monkeypatch.context() as patch:
        patch.setattr(house.desk.slots, "startable", full)
        with pytest.raises(StorageFailed):
            house.tick(1)
    house.tick(1)
    assert len(house.events("started")) == 1
