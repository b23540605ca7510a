"""What was heard and is not told yet: things that come close together are told together."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Final

from roforlmao.federation.happenings import Hearing
from roforlmao.federation.tally import Tally
from roforlmao.registry.base import Record

_WINDOW: Final = 5.0  # a batch lasts so many times as long as the quiet that ends it,
_LONGEST_S: Final = 30.0  # but this at least, where it does not come
_MOST_HUBS: Final = 50  # are looked at at once; the rest waits for the next round of judgements


class Batch:
    """Everything up to and with revision ``upto``; ``hubs`` are those whose judgements changed.

    ``quiet_s`` without news end it.
    """

    def __init__(self, hearing: Hearing, quiet_s: float, *, meanwhile: bool = False) -> None:
        self._hearing = hearing
        self._quiet_s = quiet_s
        self._quiet_at = self._end = math.inf
        self._first: list[str] = []
        self.tally = Tally(meanwhile=meanwhile)
        self.hubs: set[str] = set()
        self.upto = 0

    @property
    def due_at(self) -> float:
        """When it is to be told, on the monotonic clock; infinity while there is no news in it."""
        return min(self._quiet_at, self._end)

    def ends_before(self, revision: int) -> bool:
        """Whether what happened at that revision belongs into the next one: each is told whole."""
        return revision != self.upto and time.monotonic() >= self.due_at

    def take(self, revision: int, record: Record | None) -> None:
        """A value that was written; what was removed (None) is no news."""
        self.upto = max(self.upto, revision)
        happening = self._hearing.hear(record) if record else None
        hub = self._hearing.judged_hub(record) if record else ""
        if happening is not None:
            self.tally.add(happening)
        if hub and len(self.hubs) < _MOST_HUBS:
            self.hubs.add(hub)
        if happening is not None or hub:
            self._stirred()

    def begin(self, line: str) -> None:
        """What stands before everything else."""
        self._first = [line]

    def lines(self) -> Sequence[str]:
        return [*self._first, *self.tally.lines()]

    def _stirred(self) -> None:
        now = time.monotonic()
        self._quiet_at = now + self._quiet_s
        if self._end == math.inf:
            self._end = now + max(_LONGEST_S, _WINDOW * self._quiet_s)
