"""SIGTERM and SIGHUP end the launcher in order: cursor and terminal modes come back."""

from __future__ import annotations

import signal
from types import FrameType

_ENDING = [signal.SIGTERM, signal.SIGHUP]


def install() -> None:
    """Raises ``SystemExit(128 + signal)`` in the main thread, so that every ``finally`` runs.

    Call it in the main thread. Further such signals are ignored while that goes on: shells send
    SIGHUP twice.
    """
    for number in _ENDING:
        signal.signal(number, _end)


def _end(number: int, _frame: FrameType | None) -> None:
    for other in _ENDING:
        signal.signal(other, signal.SIG_IGN)
    raise SystemExit(128 + number)
