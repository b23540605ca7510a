"""Hands each target what is new, folded into one message, and tries again where that failed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from roforlmao.errors import RoforlmaoError
from roforlmao.notices import Notice, Notices
from roforlmao.notify.cursor import Batch, Cursor
from roforlmao.notify.sending import send
from roforlmao.targets import Target
from roforlmao.text import clean, counted, one_line

KIND = "notify"
"""What is wrong with a target is told on the screen, never to a target."""
_GAP_S = 60.0  # between two messages to a target: what comes meanwhile is one message
_FIRST_WAIT_S, _LONGEST_WAIT_S = 30.0, 3600.0
_LINES = 20
_LINE = 500  # characters

Send = Callable[[Target, Mapping[str, str], str, str], None]


@dataclass(frozen=True)
class Courier:
    """Sends what the notices hold; each notice once, save where a launcher dies while it sends."""

    targets: Sequence[Target]
    cursor: Cursor
    notices: Notices
    environ: Mapping[str, str]
    operator: str
    send: Send = send
    clock: Callable[[], float] = time.time

    def round(self) -> int:
        """Sends what is due now; returns the number of messages that were taken. Errors: StorageFailed."""
        return sum(self._serve(target) for target in self.targets)

    def _serve(self, target: Target) -> bool:
        batch = self.cursor.claim(target.label, target.kinds, self.clock())
        if batch is None:
            return False
        told = [notice for notice in batch.notices if notice.kind != KIND]
        try:
            if told:
                self.send(target, self.environ, self._title(told), _body(told))
        except RoforlmaoError as error:
            self._put_off(target, batch, error)
            return False
        self.cursor.done(target.label, batch.upto, self.clock() + (_GAP_S if told else 0))
        return bool(told)

    def _put_off(self, target: Target, batch: Batch, error: RoforlmaoError) -> None:
        wait = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2 ** min(batch.failures, 10))
        self.cursor.failed(target.label, self.clock() + wait)
        if batch.failures == 0:
            self.notices.add(KIND, f"{error.message} Until it is, they wait here.")

    def _title(self, told: Sequence[Notice]) -> str:
        if len(told) == 1:
            return f"roforlmao ({self.operator}): {told[0].kind}"
        return f"roforlmao ({self.operator}): {counted(len(told), 'notification')}"


def _body(told: Sequence[Notice]) -> str:
    if len(told) == 1:
        return clean(told[0].text)
    lines = [f"{n.at[:16]} {n.kind}: {one_line(n.text, _LINE)}" for n in told[-_LINES:]]
    if len(told) > _LINES:
        lines.insert(0, f"({len(told) - _LINES:,} earlier ones are kept in the launcher)")
    return "\n".join(lines)
