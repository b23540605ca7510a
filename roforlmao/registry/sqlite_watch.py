"""Changes of a registry file as they come, read from its log."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from roforlmao.errors import Compacted, RegistryError
from roforlmao.registry import sqlite_lease as leases
from roforlmao.registry import sqlite_log as log
from roforlmao.registry import sqlite_store as store
from roforlmao.registry.base import Event, Watch
from roforlmao.registry.sqlite_files import Handles
from roforlmao.registry.sqlite_transaction import read

_POLL_S = 0.1
_CALM_POLL_S = 1.0  # once nothing has come
_CALM_AFTER_S = 10.0  # for so long


class SqliteWatch(Watch):
    """Has a connection of its own: ``PRAGMA data_version`` tells of the commits of all others.

    ``expire`` is called when a lease has run out, so that its keys go also when nobody writes.
    """

    def __init__(
        self, handles: Handles, prefix: str, from_revision: int | None, expire: Callable[[], None]
    ) -> None:
        self._handles = handles
        self._span = store.span(prefix)
        self._expire = expire
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._closed = False
        self._events: deque[Event] = deque()
        self._down = False
        self._seen = -1
        self._stirred = time.monotonic()
        self._next_expiry: float | None = None
        self._handle = handles.new()
        self._first = self._position = 0
        self._begin(from_revision)

    def _begin(self, from_revision: int | None) -> None:
        with self._handle.in_use() as connection:
            now, compacted = log.reach(connection)
        self._first = now + 1 if from_revision is None else max(1, from_revision)
        if self._first <= compacted:
            raise Compacted(
                f"Revision {self._first} is no longer kept; the oldest is {compacted + 1}.", "List again."
            )
        self._position = min(self._first - 1, now)

    def next_event(self, timeout: float) -> Event | None:
        """The next one, or None after ``timeout`` seconds or once closed."""
        deadline = time.monotonic() + timeout
        while True:
            with self._lock:
                if self._closed:
                    return None
                if not self._events:
                    self._poll()
                if self._events:
                    return self._events.popleft()
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return None
            calm = time.monotonic() - self._stirred >= _CALM_AFTER_S
            self._changed.wait(min(remaining, _CALM_POLL_S if calm else _POLL_S))
            self._changed.clear()

    def __next__(self) -> Event:
        while not self._closed:
            event = self.next_event(60)
            if event is not None:
                return event
        raise StopIteration

    def wake(self) -> None:
        """Looks at once, not at the next poll."""
        self._changed.set()

    def close(self) -> None:
        self._closed = True
        self._changed.set()
        with self._lock:
            self._handle.close()

    def _poll(self) -> None:
        if self._next_expiry is not None and leases.now() >= self._next_expiry:
            self._next_expiry = leases.now() + 1
            with suppress(RegistryError):  # reads leave expired keys out all the same
                self._expire()
        try:
            events = self._read()
        except RegistryError:
            if not self._down and not self._closed:
                self._down = True
                self._events.append(Event("down", self._position))
            return
        if self._down:
            self._down = False
            self._events.append(Event("up", self._position))
        if events:
            self._stirred = time.monotonic()
        self._events.extend(events)

    def _read(self) -> list[Event]:
        replaced = not self._handle.is_current()
        if replaced:
            self._handle.close()
            self._handle = self._handles.new()
            self._seen = -1
        with self._handle.in_use() as connection:
            version = connection.execute("PRAGMA data_version").fetchone()[0]
            if version == self._seen:
                return []
            events = read(connection, lambda connection: self._since(connection, replaced))
        self._seen = version
        return events

    def _since(self, connection: sqlite3.Connection, replaced: bool) -> list[Event]:
        now, compacted = log.reach(connection)
        before, self._position = self._position, now
        self._next_expiry = leases.next_expiry(connection)
        if replaced or now < before or before < compacted:
            self._first = 0
            return [Event("resync", now)]
        return log.since(connection, max(before, self._first - 1), self._span)
