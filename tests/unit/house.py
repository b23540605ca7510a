"""A scheduler's home for tests: a clock of the test's own, and tools that are functions."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from roforlmao.errors import GitFailed
from roforlmao.schedule.desk import Desk
from roforlmao.schedule.jobs import Jobs, Plan
from roforlmao.schedule.news import News
from roforlmao.schedule.pool import RunProgress
from roforlmao.schedule.rules import Rule
from roforlmao.schedule.scheduler import Scheduler
from roforlmao.schedule.slot import Outcome
from roforlmao.schedule.wishes import Wishes
from roforlmao.state import State

START = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
MINUTELY = Rule("every", "UTC", every_s=60)
Call = Callable[[RunProgress], Outcome]


@dataclass
class House:
    """A home with a clock of the test's own; ``calls`` says what the tools do."""

    desk: Desk
    jobs: Jobs
    state: State
    calls: dict[str, Call] = field(default_factory=dict)
    told: list[News] = field(default_factory=list)
    now: dt.datetime = START
    scheduler: Scheduler | None = None

    @property
    def wishes(self) -> Wishes:
        return Wishes(self.state)

    def restart(self) -> None:
        assert self.scheduler is not None
        self.scheduler._turn.release()
        self.scheduler = None

    def tick(self, seconds: int = 0) -> None:
        self.now += dt.timedelta(seconds=seconds)
        if self.scheduler is None:
            self.scheduler = Scheduler(self.desk, self.told.append)
            assert self.scheduler.take()
        self.scheduler.tick()

    def tick_until(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        while not done():
            assert time.monotonic() < deadline, self.told
            self.tick()
            time.sleep(0.01)

    def finished(self, tool: str) -> list[str]:
        return [n.fields["state"] for n in self.told if n.event == "finished" and n.fields["tool"] == tool]

    def events(self, *names: str) -> list[str]:
        return [news.text for news in self.told if news.event in names]


def good(_progress: RunProgress) -> Outcome:
    return Outcome("succeeded", "run-1")


def broken(_progress: RunProgress) -> Outcome:
    raise ZeroDivisionError("a fault of ours")


def refused(_progress: RunProgress) -> Outcome:
    raise GitFailed("git said no.", "Look there.")


def hanging(progress: RunProgress) -> Outcome:
    progress.wait(30)
    return Outcome("cancelled" if progress.cancelled else "succeeded")


def deaf(_progress: RunProgress) -> Outcome:
    time.sleep(3)
    return Outcome("succeeded")


def add(house: House, **calls: Call) -> None:
    for tool, call in calls.items():
        house.calls[tool] = call
        house.jobs.add(Plan(tool, MINUTELY), house.now)
