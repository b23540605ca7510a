"""A simulated year against an independent oracle: every slot runs once or says why not, none twice.

The ledger, the rules and the scheduler are real; the clock is the test's, and a job is an entry in a list.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from roforlmao.notices import Notices
from roforlmao.schedule.desk import Desk
from roforlmao.schedule.due import CatchUp, Policy
from roforlmao.schedule.jobs import Job, Jobs, Plan
from roforlmao.schedule.rules import Rule
from roforlmao.schedule.scheduler import Scheduler
from roforlmao.schedule.slot import Outcome, Slot
from roforlmao.schedule.slots import Slots
from roforlmao.state import State

ZONES = ("Europe/Zurich", "America/New_York", "Australia/Lord_Howe")
BEGIN = dt.datetime(2026, 1, 1, 0, 30, tzinfo=dt.UTC)
END = dt.datetime(2027, 1, 1, 0, 30, tzinfo=dt.UTC)
OUTAGE = (dt.datetime(2026, 5, 5, 3, tzinfo=dt.UTC), dt.datetime(2026, 5, 8, 3, tzinfo=dt.UTC))
STEPS = {  # the machine's clock is set by so many hours
    dt.datetime(2026, 3, 29, 0, 40, tzinfo=dt.UTC): -2,
    dt.datetime(2026, 3, 31, 9, 10, tzinfo=dt.UTC): 2,
    dt.datetime(2026, 8, 1, 6, 20, tzinfo=dt.UTC): 2,
    dt.datetime(2026, 10, 24, 20, 50, tzinfo=dt.UTC): -2,
}


def rules() -> Iterator[Rule]:
    """Fifty, most of them at times that a change of the clocks skips or shows twice somewhere."""
    for zone in ZONES:
        for at in ("00:00", "02:00", "02:15", "02:30", "03:00", "07:30", "23:45"):
            yield Rule("daily", zone, at)
        for on, at in ((6, "02:30"), (6, "02:00"), (6, "01:45"), (0, "00:00"), (2, "12:15")):
            yield Rule("weekly", zone, at, on)
        for on in (1, 30, 31):
            yield Rule("monthly", zone, "02:00", on)
        yield Rule("cron", zone, cron="30 */6 * * *")
    yield Rule("daily", ZONES[0], "02:45")
    yield Rule("monthly", ZONES[1], "23:45", 29)


def wanted(rule: Rule, wall: dt.datetime) -> bool:
    """Whether a wall time belongs to the rule: said anew, not by the code under test."""
    if rule.kind == "cron":
        return wall.minute == 30 and wall.hour in (0, 6, 12, 18)
    if (wall.hour, wall.minute) != (int(rule.at[:2]), int(rule.at[3:])):
        return False
    tomorrow = wall + dt.timedelta(days=1)
    return {
        "daily": True,
        "weekly": wall.isoweekday() == rule.on + 1,
        "monthly": wall.day == rule.on or (tomorrow.day == 1 and wall.day < rule.on),
    }[rule.kind]


@cache
def walls() -> list[dt.datetime]:
    """Every quarter of an hour of the year as clocks may show it."""
    begin = dt.datetime(2025, 12, 31)  # noqa: DTZ001 (a wall time)
    return [begin + dt.timedelta(minutes=15 * number) for number in range(368 * 96)]


@cache
def oracle(rule: Rule) -> frozenset[int]:
    """Looks each wall time of the rule up by both folds."""
    zone, found = ZoneInfo(rule.timezone), set()
    for wall in walls():
        if wanted(rule, wall):
            both = [wall.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1)]
            shown = [at for at in both if at.astimezone(zone).replace(tzinfo=None) == wall]
            found.add(int((min(shown) if shown else after_gap(min(both), zone)).timestamp()))
    return frozenset(found)


def after_gap(before: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The first minute with another offset."""
    at = before
    while at.astimezone(zone).utcoffset() == before.astimezone(zone).utcoffset():
        at += dt.timedelta(minutes=1)
    return at


class Machine:
    """A launcher whose clock jumps, that is off at random, and once for three days."""

    def __init__(self, path: Path, catch_up: CatchUp, seed: int) -> None:
        self.state = State(path / "launcher.sqlite")
        with self.state.read() as connection:
            connection.execute("PRAGMA synchronous = OFF")  # nothing here loses its power
        self.jobs, self.slots = Jobs(self.state), Slots(self.state)
        self.random = random.Random(seed)
        self.real = BEGIN
        self.wrong = dt.timedelta()
        self.fired: list[tuple[int, int, int]] = []
        self.restarts = 0
        self._path, self._catch_up = path, catch_up
        self._scheduler: Scheduler | None = None

    def now(self) -> dt.datetime:
        return self.real + self.wrong

    def work(self, slot: Slot, _progress: object) -> Outcome:
        self.fired.append((*slot.key[:2], int(self.now().timestamp())))
        return Outcome("succeeded")

    def live(self) -> None:
        while self.real < END:
            if self.random.random() < 0.04:
                self.restart()
                self.sleep(self.random.choice((5, 600, 7200, 36000)))
            self.sleep(self.until_next() + self.random.randrange(40))
            self.beat()

    def until_next(self) -> int:
        """Seconds until the next slot by the machine's clock; it looks at least every two hours."""
        with self.state.read() as connection:
            first = connection.execute("SELECT MIN(next_at) FROM jobs").fetchone()[0]
        return min(max(int(first) - int(self.now().timestamp()), 0), 7200)

    def sleep(self, seconds: int) -> None:
        before, self.real = self.real, self.real + dt.timedelta(seconds=seconds)
        for at, hours in STEPS.items():
            if before < at <= self.real:
                self.wrong += dt.timedelta(hours=hours)
        if OUTAGE[0] <= self.real < OUTAGE[1]:
            self.restart()
            self.real = OUTAGE[1]

    def beat(self) -> None:
        if self._scheduler is None:
            self._scheduler = self._started()
        for _ in range(40):  # a place is free again with the next tick; what is caught up is spread
            self._scheduler.tick()
            if not self.slots.queued() and not self.slots.running():
                return
            self.real += dt.timedelta(seconds=1)

    def restart(self) -> None:
        if self._scheduler is not None:
            self._scheduler._turn.release()
            self.restarts += 1
        self._scheduler = None

    def _started(self) -> Scheduler:
        def nothing() -> None: ...

        def inline(call: Callable[[], None]) -> None:
            call()

        desk = Desk(
            self.slots,
            Notices(self.state),
            self._path / "locks",
            self._path / "errors.log",
            self.now,
            self.work,
            nothing,
            workers=4,
            catch_up=self._catch_up,
            keep=100_000,
        )
        made = Scheduler(desk, lambda _: None, inline)
        assert made.take()
        return made


def recorded(machine: Machine, job: Job) -> list[Slot]:
    return machine.slots.of_job(job, 1_000_000)


@pytest.mark.parametrize("policy", ["run-once", "skip"])
def test_in_a_year_every_slot_runs_once_or_says_why_not(tmp_path: Path, policy: Policy) -> None:
    machine = Machine(tmp_path, CatchUp(policy, 6 * 3600.0), seed=20261122)
    with closing(machine.state):
        jobs = [machine.jobs.add(Plan(f"t{number}", rule), BEGIN) for number, rule in enumerate(rules())]
        machine.live()
        assert machine.restarts > 50
        ran = Counter((job, slot) for job, slot, _ in machine.fired)
        assert set(ran.values()) == {1}, [key for key, times in ran.items() if times > 1]
        outcomes: Counter[str] = Counter()
        for job in jobs:
            slots = recorded(machine, job)
            last = max(slot.scheduled_for for slot in slots)
            expected = {at for at in oracle(job.plan.rule) if BEGIN.timestamp() < at <= last}
            assert {slot.scheduled_for for slot in slots} == expected, job.plan.rule
            assert END.timestamp() - last < 33 * 86400
            for slot in slots:
                outcomes[slot.state] += 1
                assert (slot.key[:2] in ran) == (slot.state == "succeeded"), slot
                assert slot.state in ("succeeded", "missed", "skipped"), slot
                assert slot.state == "succeeded" or slot.reason, slot
        assert len(jobs) == 50
        assert outcomes["succeeded"] > 10_000
        assert outcomes["missed" if policy == "run-once" else "skipped"] > 10
    late = Counter(at - slot > 6 * 3600 + 60 for _, slot, at in machine.fired)
    assert not late[True], "a slot ran after its grace"
