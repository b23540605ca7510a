"""The scheduler of a home: once a second it claims what is due and gives it to the workers."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable

import schedule

from roforlmao.crash import unexpected
from roforlmao.errors import RoforlmaoError
from roforlmao.schedule.beat import beat
from roforlmao.schedule.desk import Desk
from roforlmao.schedule.listener import Listener
from roforlmao.schedule.news import News
from roforlmao.schedule.pool import Pool, Spawn, in_thread
from roforlmao.schedule.rest import Rest
from roforlmao.schedule.settling import Settling
from roforlmao.schedule.slot import Slot
from roforlmao.schedule.telling import Teller
from roforlmao.schedule.turn import Turn

_STAND_BY_S = 2.0  # how often another launcher's lock is tried
_TO_FINISH_S = 0.5  # at the end: for what is about to end by itself ...
_TO_CANCEL_S = 2.5  # ... and for what is cancelled then
_TO_LEAVE_S = 2.5  # for listening and telling others to end


class Scheduler:
    """``start`` it in a launcher; or, in tests, call ``take`` once and ``tick`` at will."""

    def __init__(self, desk: Desk, tell: Callable[[News], None], spawn: Spawn = in_thread) -> None:
        self._desk = desk
        self._tell = tell
        self._teller = Teller(desk.notices, tell)
        self._turn = Turn(desk.locks)
        self._rest = Rest(desk.slots)
        self._wake = threading.Event()
        self._end = threading.Event()
        self._pool = Pool(
            desk.work,
            desk.workers,
            desk.limit_s,
            unexpected=lambda error: unexpected(error, desk.error_log),
            wake=self._wake.set,
            patience_s=desk.patience_s,
            spawn=spawn,
        )
        self._settling = Settling(desk, self._pool, self._teller)
        self._last: dt.datetime | None = None
        self._trouble = ""
        self._stood_by = False
        self._listener: Listener | None = None
        self._thread = threading.Thread(target=self._loop, name="scheduler", daemon=True)

    @property
    def fires(self) -> bool:
        """Whether this launcher fires the jobs of its home."""
        return self._turn.held

    @property
    def holder(self) -> str:
        """Who fires, in words."""
        return "this launcher" if self.fires else self._turn.holder()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends within seconds: what runs is cancelled, what waits is left to the next scheduler."""
        self._end.set()
        self._wake.set()
        self._thread.join(_TO_FINISH_S + _TO_CANCEL_S + _TO_LEAVE_S)

    def take(self) -> bool:
        """Tries to become the one that fires, and looks at what the one before left."""
        if not self._turn.take():
            if not self._stood_by:
                self._stood_by = True
                text = f"Jobs are fired by another launcher ({self._turn.holder()}); this one stands by."
                self._tell(News("standing-by", text, {"holder": self._turn.holder()}))
            return False
        self._last = None  # the first tick looks at everything
        self._tell(News("firing", "This launcher fires the jobs.", {"holder": self._turn.holder()}))
        return True

    def tick(self) -> None:
        """One look at the clock. Errors: StorageFailed; the next tick goes on where this one broke off."""
        now = self._desk.now()
        self._settling.settle(now)
        if self._last is None:
            self._inherit(now)
        elif now < self._last:
            self._desk.slots.claims.rewind(now)
        if not self._rest.lasts(now):
            self._look_after_running(now)
            self._teller.decided(self._desk.slots.claims.due(now, self._desk.catch_up))
            self._begin(now)
            self._rest.begin({slot.key for slot in self._pool.slots})
        self._desk.routines()
        self._last = now

    def _inherit(self, now: dt.datetime) -> None:
        self._guarded(self._recovered)
        self._guarded(self._listens)
        self._desk.slots.claims.rewind(now)
        self._teller.decided(self._desk.slots.claims.judge_again(now, self._desk.catch_up))

    def _recovered(self) -> bool:
        self._desk.recover()
        return True

    def _listens(self) -> bool:
        if self._listener is None:
            self._listener = self._desk.listener()
            if self._listener is not None:
                self._listener.start()
        return True

    def _look_after_running(self, now: dt.datetime) -> None:
        """Cancels what belongs to a stopped job; closes what a dead launcher was running."""
        ours = {slot.key for slot in self._pool.slots}
        running = self._desk.slots.running()
        for slot in running:
            if slot.key in ours and (slot.cancel or slot.job.state == "stopped"):
                self._pool.cancel(slot.key)
        if any(slot.key not in ours for slot in running):
            self._settling.close_orphaned(now)

    def _begin(self, now: dt.datetime) -> None:
        for slot in self._desk.slots.startable(now) if self._pool.free else ():
            if self._pool.free and self._has_room(slot) and self._desk.slots.start(slot, now):
                self._teller.taken_up(slot)
                self._pool.start(slot)
        for slot in self._desk.slots.kept_waiting(now):
            if slot.job.plan.busy == "skip":
                self._settling.skip_busy(slot)

    def _has_room(self, slot: Slot) -> bool:
        """Whether the disk has room for a run; the slot that finds none is not started."""
        short = self._desk.short_of_room()
        if not short:
            self._teller.room_again()
        elif self._desk.slots.skip(slot, short):
            self._teller.not_started(slot, short)
        return not short

    def _loop(self) -> None:
        clock = schedule.Scheduler()
        try:
            while not self._end.is_set():
                if self._guarded(self._have_turn):
                    self._wake.wait(beat(clock, self._tick_guarded))
                    if self._wake.is_set():
                        self._wake.clear()
                        self._tick_guarded()
                else:
                    self._end.wait(_STAND_BY_S)
        finally:
            self._hand_over()

    def _have_turn(self) -> bool:
        return self._turn.held or self.take()

    def _tick_guarded(self) -> None:
        if not self._end.is_set():
            self._guarded(self._ticked)

    def _ticked(self) -> bool:
        self.tick()
        self._trouble = ""
        return True

    def _guarded(self, step: Callable[[], bool]) -> bool:
        """A full disk, or a fault of ours, is told once and tried again: the thread goes on."""
        try:
            return step()
        except RoforlmaoError as error:
            self._complain(f"{error.message} {error.hint}".strip())
        except Exception as error:  # noqa: BLE001 (a thread must not end unheard)
            self._complain(unexpected(error, self._desk.error_log).message)
        return False

    def _complain(self, text: str) -> None:
        if text != self._trouble:
            self._trouble = text
            self._tell(News("trouble", f"The scheduler is held up: {text}"))

    def _hand_over(self) -> None:
        """The end: nothing new starts, what runs is waited for, then cancelled."""
        if not self._turn.held:
            return
        if self._listener is not None:
            self._listener.stop()
        self._wait_for_workers(_TO_FINISH_S)
        for slot in self._pool.slots:
            self._pool.cancel(slot.key)
        self._wait_for_workers(_TO_CANCEL_S)
        self._desk.ended()
        self._turn.release()
        self._tell(News("ended", "This launcher fires no more jobs."))

    def _wait_for_workers(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while True:
            self._wake.clear()
            self._guarded(self._settled)
            remaining = deadline - time.monotonic()
            if not self._pool.slots or remaining <= 0:
                return
            self._wake.wait(min(remaining, 0.2))

    def _settled(self) -> bool:
        self._settling.settle(self._desk.now())
        return True
