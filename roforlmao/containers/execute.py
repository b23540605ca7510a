"""A container from creation to removal: start, watch, stop, judge; it never outlives the call unseen."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.containers import leftovers
from roforlmao.containers.create import create
from roforlmao.containers.drain import Attached, Drain, Logged
from roforlmao.containers.faults import explanation, translating
from roforlmao.containers.gauge import Gauge
from roforlmao.containers.marks import Mark
from roforlmao.containers.outcome import Ending, judge, never_started
from roforlmao.containers.ownership import take_over
from roforlmao.containers.plan import Plan
from roforlmao.containers.pull import pull
from roforlmao.containers.reconnect import reconnect
from roforlmao.containers.secrets import Redactor
from roforlmao.containers.traits import traits_of
from roforlmao.containers.waiting import Waiting
from roforlmao.errors import EngineFailed, EngineLost, EngineSilent, ImageNotFound, RoforlmaoError
from roforlmao.models import EndState, Execution
from roforlmao.progress import Progress
from roforlmao.text import one_line
from roforlmao.transcript.transcript import Transcript

if TYPE_CHECKING:
    from roforlmao.containers.engine import Engine

_LOOK_EVERY = 0.1  # seconds between two looks at cancel, timeout and log
_STOPPING_CALL_S = 3  # for an answer while stopping: with 4 s of grace, all within 15 s
_FULL = 64 * 1024  # bytes; a disk with less is full


@dataclass(frozen=True)
class Setting:
    """Around a run: how to reach the engine, its log, its limit in seconds, and what to keep secret.

    ``mark`` lies there from before the container's creation to after its removal; ``ended`` is told
    how it ended in between, so that a kill never takes away the only one who knew.
    """

    connect: Callable[[], Engine]
    log: Path
    mark: Mark
    ended: Callable[[Execution], None]
    timeout_s: float | None = None
    secrets: Iterable[str] = ()


def execute(plan: Plan, setting: Setting, progress: Progress) -> Execution:
    """Runs it to its end, a cancelled progress or the timeout, which are returned, not raised.

    Errors: before anything has run: EngineFailed and its kin, ToolFailed, Busy, StorageFailed.
    """
    transcript = Transcript(setting.log, progress.log)
    try:
        return _Course(plan, setting, progress, transcript).run()
    finally:
        transcript.finish()


class _Course:
    """The way of one container; the engine may be another one after it went away."""

    def __init__(self, plan: Plan, setting: Setting, progress: Progress, transcript: Transcript) -> None:
        self._plan = plan
        self._setting = setting
        self._progress = progress
        self._transcript = transcript
        self._redactor = Redactor(setting.secrets)
        self._lost_engine = False
        self._engine = setting.connect()

    def run(self) -> Execution:
        try:
            self._traits = traits_of(self._engine)
            self._container = self._create()
            try:
                done = self._run()
                self._setting.ended(done)
                return done
            finally:
                self._remove()
        finally:
            self._engine.close()

    def _create(self) -> str:
        self._setting.mark.put()
        try:
            return self._made()
        except (EngineLost, EngineSilent):
            raise  # it may have been made all the same
        except RoforlmaoError:
            self._setting.mark.remove()
            raise

    def _made(self) -> str:
        """What was pruned since is pulled again: by its digest, so it is what was trusted."""
        try:
            return create(self._engine, self._plan, self._traits)
        except ImageNotFound:
            if "@" not in self._plan.image:
                raise
        pull(self._engine, self._plan.image, self._progress)
        self._progress.start(f"Running {self._plan.image}")
        return create(self._engine, self._plan, self._traits)

    def _run(self) -> Execution:
        started = _now()
        self._drain = Drain(Attached(self._engine, self._container), self._take)
        try:
            refused = self._start()
            if refused:
                return self._execution(started, _now(), *never_started(refused))
            stopped_for = self._watch()
        except EngineLost as error:
            state: EndState = "cancelled" if self._progress.cancelled else "failed"
            return self._execution(started, _now(), state, 125, error.message)
        finally:
            self._finish_output()
        return self._conclude(started, stopped_for)

    def _start(self) -> str:
        """What the engine said where it would not start it. Errors: EngineFailed and its kin."""
        from docker.errors import APIError

        with translating("starting the container"):
            try:
                self._engine.api.start(self._container)
            except APIError as error:
                return explanation([error])
        return ""

    def _take(self, chunk: bytes) -> None:
        self._transcript.keep(self._redactor.feed(chunk))

    def _finish_output(self) -> None:
        self._drain.finish()
        self._transcript.keep(self._redactor.rest())

    def _watch(self) -> str:
        gauge = Gauge(lambda: self._engine, self._container, self._progress)
        try:
            return self._follow()
        finally:
            gauge.stop()

    def _follow(self) -> str:
        """Waits for the end, or for a reason to end it, which it returns."""
        began = time.monotonic()
        waiting = Waiting(self._engine, self._container)
        while True:
            if waiting.wait(_LOOK_EVERY):
                if not waiting.lost or not self._come_back():
                    return ""
                waiting = Waiting(self._engine, self._container)
            reason = self._reason_to_stop(began)
            if reason:
                self._stop(waiting)
                return reason

    def _reason_to_stop(self, began: float) -> str:
        if self._progress.cancelled:
            return "cancelled"
        if self._setting.timeout_s is not None and time.monotonic() - began >= self._setting.timeout_s:
            return "timed-out"
        failure = self._transcript.failure
        return f"It was stopped because its log failed: {failure.message}" if failure else ""

    def _stop(self, waiting: Waiting) -> None:
        """SIGTERM, then SIGKILL; what still runs then is killed by its removal."""
        self._progress.start("Stopping the container")
        self._engine.api.timeout = _STOPPING_CALL_S
        try:
            leftovers.stop(self._engine, self._container)
        except EngineFailed as error:
            self._say(f"the container could not be stopped in order: {error.message}")
            self._remove()
        waiting.wait(_STOPPING_CALL_S)

    def _come_back(self) -> bool:
        """After the engine went away: finds it and the container again; whether that still runs.

        Errors: EngineLost where the engine stays away, or came back without the container.
        """
        self._lost_engine = True
        self._say("the container engine went away; waiting for it")
        away_since = time.time()
        self._drain.finish()
        self._engine.close()
        self._engine, found = reconnect(self._setting.connect, self._plan.run_id, self._progress)
        self._say("the container engine is back")
        if found.is_running:
            source = Logged(self._engine, self._container, away_since - 1, follow=True)
            self._drain = Drain(source, self._take)
        return found.is_running

    def _conclude(self, started: dt.datetime, stopped_for: str) -> Execution:
        try:
            with translating("looking at the container"):
                state = self._engine.api.inspect_container(self._container)["State"]
            self._take_over()
        except EngineFailed as error:
            return self._execution(started, _now(), "failed", 125, error.message)
        lost = self._lost_engine and not self._traits.keeps_running
        ending = Ending(
            stopped_for, self._setting.timeout_s, self._plan.limits.memory, lost, self._transcript.tail
        )
        judged = judge(state, ending)
        if judged[0] == "succeeded" and _is_full(self._plan.data):
            judged = ("failed", 0, f"The disk of {self._plan.data} is full, so what it left may be partial.")
        return self._execution(started, leftovers.instant(state["FinishedAt"]), *judged)

    def _take_over(self) -> None:
        try:
            take_over(self._engine, self._container, self._plan.data)
        except (EngineFailed, OSError) as error:
            said = error.message if isinstance(error, RoforlmaoError) else str(error)
            self._say(f"files of another user are left in the data: {said}")

    def _remove(self) -> None:
        """In the end always; where even that fails, the mark stays, and the next start does it."""
        try:
            leftovers.remove(self._engine, self._container)
        except EngineFailed as error:
            self._say(f"the container is left over, and the next start removes it: {error.message}")
            return
        self._setting.mark.remove()

    def _say(self, text: str) -> None:
        """Between the tool's own lines, in its log and on the screen."""
        self._transcript.keep(f"[launcher: {one_line(text)}]\n".encode())

    def _execution(
        self, started: dt.datetime, finished: dt.datetime, state: EndState, code: int, reason: str
    ) -> Execution:
        return Execution(state, code, started, max(started, finished), self._transcript.tail, reason)


def _is_full(directory: Path) -> bool:
    found = os.statvfs(directory)
    free = found.f_bfree if os.getuid() == 0 else found.f_bavail
    return free * found.f_frsize < _FULL


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).astimezone()
