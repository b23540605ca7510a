"""SIGTERM and SIGHUP end the launcher in order: cursor and terminal modes come back."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType

_ENDING = [signal.SIGTERM, signal.SIGHUP]


@dataclass
class _State:
    wake: Callable[[], None] | None = None
    pending: int | None = None
    ending: bool = False


_state = _State()


def install() -> None:
    """Raises ``SystemExit(128 + signal)`` in the main thread, so that every ``finally`` runs.

    Call it in the main thread. Further such signals are ignored while that goes on: shells send
    SIGHUP twice.
    """
    _state.pending, _state.ending = None, False
    for number in _ENDING:
        signal.signal(number, _end)


@contextlib.contextmanager
def deferred(wake: Callable[[], None]) -> Iterator[None]:
    """For what must not be broken off in mid-draw: a signal calls ``wake``, which asks it to end.

    ``wake`` runs inside the signal handler. ``SystemExit`` is raised when the block is left.
    """
    before, _state.wake = _state.wake, wake
    try:
        yield
    finally:
        _state.wake = before
        leave_if_pending()


def leave_if_pending() -> None:
    """Raises the ``SystemExit`` of a signal that came meanwhile."""
    if _state.pending is not None:
        raise SystemExit(_state.pending)


def _end(number: int, _frame: FrameType | None) -> None:
    if _state.ending:
        return
    _state.ending = True
    if _state.wake is None:
        raise SystemExit(128 + number)
    _state.pending = 128 + number
    _state.wake()
