"""Writes down what became of slots that were carried out; what cannot be written waits for the next tick."""

from __future__ import annotations

import datetime as dt

from roforlmao.schedule.desk import Desk
from roforlmao.schedule.pool import Pool
from roforlmao.schedule.slot import Outcome, Slot, Wait
from roforlmao.schedule.telling import Teller


class Settling:
    """For the scheduler's thread. Errors: StorageFailed."""

    def __init__(self, desk: Desk, pool: Pool, teller: Teller) -> None:
        self._slots = desk.slots
        self._keep = desk.keep
        self._fate = desk.fate
        self._pool = pool
        self._teller = teller
        self._unwritten: list[tuple[Slot, Outcome | Wait]] = []

    def close_orphaned(self, now: dt.datetime) -> None:
        """What a launcher that died carried out is not run again, and told once its fate is known."""
        self.settle(now)  # what could not be written before is not found a second time
        for slot in self._slots.orphaned():
            outcome = self._fate(slot.run)
            if outcome is not None:
                self._unwritten.append((slot, outcome))
        self.settle(now)

    def settle(self, now: dt.datetime) -> None:
        """Writes what has ended; what cannot be written now is kept for the next tick."""
        for slot in self._pool.begun():
            self._teller.begun(slot)
        self._unwritten += self._pool.collect()
        while self._unwritten:
            slot, outcome = self._unwritten[0]
            if isinstance(outcome, Wait):
                self._put_back(slot, outcome, now)
            else:
                self._write_end(slot, outcome, now)

    def _put_back(self, slot: Slot, wait: Wait, now: dt.datetime) -> None:
        self._slots.put_back(slot, now, wait.again_s)
        del self._unwritten[0]
        if wait.by_tool and slot.job.plan.busy == "skip":
            self.skip_busy(slot)
        else:
            self._teller.put_back(slot, wait)

    def _write_end(self, slot: Slot, outcome: Outcome, now: dt.datetime) -> None:
        later = self._slots.try_again(slot, outcome, now)
        if later is not None:
            del self._unwritten[0]
            self._teller.tries_again(slot, outcome, later)
            return
        failures = self._slots.finish(slot, outcome, now, self._keep)
        del self._unwritten[0]
        self._teller.ended(slot, outcome, failures)

    def skip_busy(self, slot: Slot) -> None:
        reason = "its tool was at work already"
        if self._slots.skip(slot, reason):
            self._teller.left_out(slot, reason)
