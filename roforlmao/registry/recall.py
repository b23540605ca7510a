"""Where reads may be answered by what was last known: inside ``recalling``, in the same thread.

Whatever goes on by itself, and whatever is to be written, waits for the registry instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Recall:
    """``known_at`` is that of the oldest answer that was not of now (seconds since the epoch), if any."""

    known_at: float | None = None

    def note(self, known_at: float) -> None:
        """An answer was not that of now."""
        self.known_at = known_at if self.known_at is None else min(self.known_at, known_at)


_present: ContextVar[Recall | None] = ContextVar("recall", default=None)


@contextmanager
def recalling() -> Iterator[Recall]:
    """For what is shown to a person."""
    made = Recall()
    with _within(made):
        yield made


@contextmanager
def insisting() -> Iterator[None]:
    """For what a write is based on, also inside ``recalling``."""
    with _within(None):
        yield


@contextmanager
def _within(now: Recall | None) -> Iterator[None]:
    token = _present.set(now)
    try:
        yield
    finally:
        _present.reset(token)


def recall() -> Recall | None:
    """The one that the caller is inside of."""
    return _present.get()
