"""Events from any thread for one listener (the front)."""

from __future__ import annotations

import queue
from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """Something that happened in the background, as a line for the operator."""

    kind: str
    text: str


class EventBus:
    """``publish`` from any thread; the one listener drains."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Event] = queue.SimpleQueue()

    def publish(self, kind: str, text: str) -> None:
        self._queue.put(Event(kind, text))

    def drain(self) -> list[Event]:
        """All events so far, oldest first."""
        events = []
        while not self._queue.empty():
            events.append(self._queue.get())
        return events
