"""When a tick need not ask the ledger: nobody wrote to it since the last one, and nothing is due yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from roforlmao.schedule.slot import Key
from roforlmao.schedule.slots import Slots


class Rest:
    """Whatever the operator or another launcher changes ends it. Errors: StorageFailed."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._seen: tuple[int, ...] = ()
        self._until = 0.0

    def lasts(self, now: dt.datetime) -> bool:
        """Whether there is nothing to look at; where there is, it is looked at from this call on."""
        before, self._seen = self._seen, self._slots.version()
        if self._seen == before and now.timestamp() < self._until:
            return True
        self._until = 0.0  # so that a look that breaks off is repeated
        return False

    def begin(self, ours: Collection[Key]) -> None:
        """After a look at everything; ``ours`` are the slots that this launcher carries out."""
        self._until = self._slots.idle_until(ours)
