"""Listens to the sources of event jobs: the registry's watch wakes it, polling makes sure."""

from __future__ import annotations

import datetime as dt
import random
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from roforlmao.errors import RegistryError, RoforlmaoError
from roforlmao.progress import Progress
from roforlmao.registry.base import Registry, Watch
from roforlmao.schedule import news
from roforlmao.schedule.jobs import Job, Jobs
from roforlmao.schedule.news import News
from roforlmao.schedule.rules import Rule
from roforlmao.schedule.triggers import Call, Trigger, Triggers
from roforlmao.text import counted

_BEAT_S = 1.0  # how often it looks whether to end, and for events of the registry
_JOBS_S = 5.0  # how often it looks which jobs there are


@dataclass(frozen=True)
class Ears:
    """What the listener needs of its home. ``poll_s`` is the time between two looks at a source.

    ``told`` hears in how many seconds the next look comes, and how the last one went.
    ``look`` says what a source has; ``prefix`` is where the registry keeps announcements.
    """

    jobs: Jobs
    triggers: Triggers
    look: Callable[[Rule, Progress], list[Trigger]]
    registry: Callable[[], Registry]
    prefix: str
    now: Callable[[], dt.datetime]
    poll_s: float = 300.0
    told: Callable[[float, str], None] = lambda _seconds, _outcome: None


class Listener:
    """A thread of the launcher that fires; ``start`` and ``stop`` are called once each."""

    def __init__(
        self, ears: Ears, tell: Callable[[News], None], unexpected: Callable[[Exception], RoforlmaoError]
    ) -> None:
        self._ears = ears
        self._tell = tell
        self._unexpected = unexpected
        self._progress = Progress()
        self._due: dict[int, float] = {}
        self._trouble: dict[int, str] = {}
        self._watch: Watch | None = None
        self._thread = threading.Thread(target=self._loop, name="listener", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._progress.cancel()
        self._thread.join(1.0)

    def _loop(self) -> None:
        jobs: list[Job] = []
        next_jobs = 0.0
        with ExitStack() as stack:
            while not self._progress.cancelled:
                if time.monotonic() >= next_jobs:
                    jobs, next_jobs = self._event_jobs(jobs), time.monotonic() + _JOBS_S
                if any(job.plan.rule.kind == "when-hub" for job in jobs) and self._watch is None:
                    self._begin_watch(stack)
                for job in jobs:
                    self._look_if_due(job)
                self._wait(jobs)

    def _event_jobs(self, before: list[Job]) -> list[Job]:
        try:
            return [job for job in self._ears.jobs.by_event() if job.state == "active"]
        except RoforlmaoError:  # the scheduler's own thread tells what is wrong with the ledger
            return before

    def _begin_watch(self, stack: ExitStack) -> None:
        """Without a watch the sources are polled all the same."""
        try:
            self._watch = stack.enter_context(self._ears.registry().watch(self._ears.prefix))
        except RegistryError:
            self._watch = None

    def _wait(self, jobs: list[Job]) -> None:
        """A beat long; an event of the registry makes the jobs of its hub due."""
        if self._watch is None:
            self._progress.wait(_BEAT_S)
            return
        try:
            event = self._watch.next_event(_BEAT_S)
            while event is not None:
                hub = event.key.removeprefix(self._ears.prefix).partition("/")[0]
                self._make_due(jobs, hub if event.kind in ("put", "delete") else "")
                event = self._watch.next_event(0.05)
        except RegistryError:
            self._watch = None
            self._progress.wait(_BEAT_S)

    def _make_due(self, jobs: list[Job], hub: str) -> None:
        """Those that listen to the hub; to any where the watch cannot tell what it missed."""
        for job in jobs:
            rule = job.plan.rule
            if rule.kind == "when-hub" and hub in ("", rule.source):
                self._due[job.number] = 0.0

    def _look_if_due(self, job: Job) -> None:
        if self._progress.cancelled or time.monotonic() < self._due.get(job.number, 0.0):
            return
        poll_s = self._ears.poll_s
        self._due[job.number] = time.monotonic() + random.uniform(0.8 * poll_s, 1.2 * poll_s)  # noqa: S311
        try:
            found = self._ears.look(job.plan.rule, self._progress)
            call = self._ears.triggers.hear(job, found, self._ears.now())
            self._trouble.pop(job.number, None)
            self._tell_book(f"{counted(len(found), 'source')} of job {job.id} looked at")
        except RoforlmaoError as error:
            self._complain(job, f"{error.message} {error.hint}".strip())
        except Exception as error:  # noqa: BLE001 (a thread must not end unheard)
            self._complain(job, self._unexpected(error).message)
        else:
            if call is not None:
                self._tell(heard(job, call))

    def _tell_book(self, outcome: str) -> None:
        self._ears.told(min(self._due.values()) - time.monotonic(), outcome)

    def _complain(self, job: Job, text: str) -> None:
        """Once, until it goes on or something else is wrong."""
        if not self._progress.cancelled and self._trouble.get(job.number) != text:
            self._trouble[job.number] = text
            told = f"{news.named(job)} cannot listen to its source: {text}"
            self._tell(News("trouble", told, {"job": job.id, "tool": job.plan.tool}))


def heard(job: Job, call: Call) -> News:
    """That a source has something new."""
    sources = ", ".join(dict.fromkeys(one.source for one in call.triggers))
    joins = "; it joins what waits already" if call.coalesced else ""
    return News(
        "heard",
        f"{news.named(job)} is called for by {sources}{joins}.",
        {
            "job": job.id,
            "tool": job.plan.tool,
            "coalesced": call.coalesced,
            "triggers": [{"source": one.source, "commit": one.commit} for one in call.triggers],
        },
    )
