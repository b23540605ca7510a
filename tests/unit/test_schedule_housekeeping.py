"""Limits of the history and its logs, room on the disk, and what a launcher does by itself at night."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from roforlmao.crash import _LARGEST, unexpected
from roforlmao.errors import GitFailed, OperationFailed
from roforlmao.models import Run, Sync
from roforlmao.notices import Notices
from roforlmao.paths import Places
from roforlmao.runs.cleanup import Limits, clean_up, short_of_room
from roforlmao.runs.history import History
from roforlmao.schedule.due import CatchUp
from roforlmao.schedule.jobs import Jobs, Plan
from roforlmao.schedule.routine import Noted, Routine, RoutineBook, Routines
from roforlmao.schedule.rules import Rule
from roforlmao.schedule.slots import Slots
from roforlmao.state import State

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
NIGHTLY = Rule("daily", "UTC", "03:30")


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with closing(State(tmp_path / "launcher.sqlite")) as opened:
        yield opened


def run(day: int, logs: Path, sync: Sync | None = None, size: int = 10) -> Run:
    """A run of that many days ago, with its log."""
    at = NOW - dt.timedelta(days=day)
    log = logs / f"{at:%Y%m%d-%H%M%S}-aaaa.log"
    log.parent.mkdir(exist_ok=True)
    log.write_bytes(b"x" * size)
    os.utime(log, (at.timestamp(), at.timestamp()))
    return Run(log.stem, "t", "script", "c", (), at.isoformat(), "succeeded", log=str(log), sync=sync)


def cleaned(state: State, logs: Path, **limits: int) -> str:
    every = {"runs": 1000, "days": 365, "log_bytes": 1_000_000, **limits}
    return clean_up(History(state), Notices(state), logs, Limits(**every), NOW)


def test_runs_beyond_their_number_or_age_are_forgotten_with_their_logs(state: State, tmp_path: Path) -> None:
    history, logs = History(state), tmp_path / "logs"
    for day in (1, 2, 3, 400, 500):
        history.save(run(day, logs), finished=True)
    assert cleaned(state, logs, days=365).startswith("forgot 2 runs")
    assert len(history.newest()) == len(list(logs.iterdir())) == 3
    assert cleaned(state, logs, runs=1).startswith("forgot 2 runs")
    assert [path.stem for path in logs.iterdir()] == [found.id for found in history.newest()]


@pytest.mark.parametrize("sync", ["committed", "failed", "refused"])
def test_a_run_that_waits_to_be_pushed_is_not_forgotten(state: State, tmp_path: Path, sync: str) -> None:
    history, logs = History(state), tmp_path / "logs"
    waiting = run(400, logs, Sync(sync, "c0ffee"))  # type: ignore[arg-type]
    history.save(waiting, finished=True)
    history.save(run(399, logs, Sync("pushed", "c0ffee")), finished=True)
    cleaned(state, logs)
    assert history.waiting() == history.newest() == [waiting]
    assert history.unpushed() == 1


def test_all_logs_together_stay_below_their_limit_and_the_newest_stay(state: State, tmp_path: Path) -> None:
    history, logs = History(state), tmp_path / "logs"
    for day in range(1, 11):
        history.save(run(day, logs, size=1000), finished=True)
    (logs / "20260501-000000-bbbb.log.1").write_bytes(b"x" * 1000)
    os.utime(logs / "20260501-000000-bbbb.log.1", (1, 1))
    (logs / "errors.log").write_bytes(b"x" * 9000)
    assert "7 logs" in cleaned(state, logs, log_bytes=4500)
    left = sorted(path.name for path in logs.iterdir() if path.name != "errors.log")
    assert left == sorted(Path(found.log).name for found in history.newest(limit=4))
    assert (logs / "errors.log").exists()
    assert len(history.newest()) == 10


def test_the_log_of_a_run_that_goes_on_is_never_dropped(state: State, tmp_path: Path) -> None:
    history, logs = History(state), tmp_path / "logs"
    at_work = run(500, logs, size=1000)
    history.save(dataclasses.replace(at_work, state="running"), finished=False)
    Path(f"{at_work.log}.1").write_bytes(b"x" * 1000)
    cleaned(state, logs, log_bytes=1)
    assert {path.name for path in logs.iterdir()} == {Path(at_work.log).name, f"{Path(at_work.log).name}.1"}
    assert history.newest() != []


def test_notices_that_were_read_are_forgotten_and_unread_ones_wait(state: State, tmp_path: Path) -> None:
    notices = Notices(state)
    notices.add("job", "read")
    notices.acknowledge(None)
    notices.add("job", "unread")
    with state.write() as connection:
        connection.execute("UPDATE notices SET at = '2020-01-01T00:00:00+00:00'")
    assert "1 notice" in cleaned(state, tmp_path)
    assert [notice.text for notice in notices.newest(everything=True)] == ["unread"]


def test_slots_are_forgotten_by_age_but_not_what_is_open(state: State) -> None:
    jobs, slots = Jobs(state), Slots(state)
    job = jobs.add(Plan("t", NIGHTLY), NOW)
    slots.claims.due(NOW + dt.timedelta(days=10), CatchUp("ask", 10 * 86400.0))
    assert len(slots.of_job(job)) == 10
    assert slots.forget(NOW + dt.timedelta(days=99)) == 9
    assert [slot.state for slot in slots.of_job(job)] == ["asking"]


def test_the_log_of_unexpected_errors_has_one_older_part(tmp_path: Path) -> None:
    log = tmp_path / "errors.log"
    log.write_bytes(b"x" * (_LARGEST + 1))
    unexpected(ValueError("new"), log)
    assert log.with_name("errors.log.1").stat().st_size > _LARGEST
    assert "new" in log.read_text()


def test_a_disk_without_room_is_told_with_how_much_is_free(tmp_path: Path) -> None:
    places = Places(tmp_path / "state", tmp_path / "not" / "yet", tmp_path)
    assert short_of_room(places, 0) == ""
    told = short_of_room(places, 10**18)
    assert f"MB are free at {tmp_path / 'state'}, less than 1,000,000,000,000 MB" in told


class Night:
    """A routine with a clock of the test's own."""

    def __init__(self, state: State, call: Callable[[], str]) -> None:
        self.now = NOW
        self.book = RoutineBook(state)
        self.held: list[Callable[[], None]] = []
        self.routine = Routine("clean-up", NIGHTLY, call)
        self.start()

    def start(self, *, at_once: bool = True) -> None:
        def wrapped(error: Exception) -> OperationFailed:
            return OperationFailed(f"logged {error}")

        def spawn(call: Callable[[], None]) -> None:
            if at_once:
                call()
            else:
                self.held.append(call)

        self.routines = Routines(self.book, (self.routine,), lambda: self.now, wrapped, spawn)

    def tick(self, **later: int) -> Noted:
        self.now += dt.timedelta(**later)
        self.routines.tick()
        return self.book.all()[0]


def day(number: int) -> int:
    return int(dt.datetime(2026, 6, number, 3, 30, tzinfo=dt.UTC).timestamp())


def test_a_routine_comes_by_its_rule_once_and_says_what_it_did(state: State) -> None:
    done: list[str] = []

    def call() -> str:
        done.append("x")
        return f"run {len(done)}"

    night = Night(state, call)
    assert night.tick() == Noted("clean-up", day(2), None, "")
    night.tick(hours=15)
    assert done == []
    assert night.tick(minutes=30) == Noted("clean-up", day(3), day(2), "run 1")
    night.tick(hours=23)
    assert len(done) == 1
    night.tick(hours=1)
    assert len(done) == 2


def test_a_routine_that_nobody_was_there_for_comes_once_when_somebody_is(state: State) -> None:
    done: list[str] = []

    def call() -> str:
        done.append("x")
        return "done"

    night = Night(state, call)
    night.tick()
    night.now += dt.timedelta(days=5)
    night.start()
    night.tick()
    night.tick(seconds=1)
    assert len(done) == 1
    assert night.book.all()[0].next_at == day(7)


def test_a_clock_that_was_years_ahead_does_not_stop_a_routine(state: State) -> None:
    night = Night(state, str)
    night.book.plan("clean-up", day(2) + 10 * 365 * 86400)
    assert night.tick().next_at == day(2)


def test_a_routine_that_takes_long_does_not_begin_again_meanwhile(state: State) -> None:
    night = Night(state, str)
    night.start(at_once=False)
    for _ in range(4):
        night.tick(days=1)
    assert len(night.held) == 1
    night.held.pop()()
    night.tick(seconds=1)
    assert len(night.held) == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [(GitFailed("git said no."), "failed: git said no."), (ZeroDivisionError("x"), "failed: logged x")],
)
def test_a_routine_that_fails_is_recorded_and_comes_again(state: State, error: Exception, said: str) -> None:
    def call() -> str:
        raise error

    night = Night(state, call)
    night.tick()
    noted = night.tick(days=1)
    assert (noted.outcome, noted.next_at) == (said, day(3))
    assert night.tick(days=1).last_at == int(night.now.timestamp())
