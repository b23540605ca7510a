"""One connection per thread and process to a registry file, opened when first needed."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from roforlmao.registry import sqlite_schema
from roforlmao.registry.sqlite_errors import closed, translated
from roforlmao.registry.sqlite_transaction import read
from roforlmao.registry.sqlite_turn import Turn

# SQLite forbids a child to use or even close a connection that its parent opened:
# https://www.sqlite.org/howtocorrupt.html#_carrying_an_open_database_file_across_a_fork_
_inherited: list[sqlite3.Connection] = []


class Handle:
    """A connection with its place in the writers' queue; both are used inside ``in_use``."""

    def __init__(self, path: Path, deadline_s: float) -> None:
        self.path = path
        self.process = os.getpid()
        self.lock = threading.RLock()
        self.turn = Turn(path)
        try:
            self.connection = _connect(path, deadline_s, self.turn)
            self.file = _identity(path)
        except BaseException:
            self.turn.close()
            raise
        self.close = weakref.finalize(self, _close, self.connection, self.turn, self.process)

    @contextmanager
    def in_use(self) -> Iterator[sqlite3.Connection]:
        """The connection, which nobody closes meanwhile; its errors are the registry's."""
        with translated(self.path), self.lock:
            if not self.close.alive:
                raise closed(self.path)
            yield self.connection

    def is_current(self) -> bool:
        """Whether it still leads to the file of that name, in this process."""
        return self.close.alive and self.file == _identity(self.path) and self.process == os.getpid()


class Handles:
    """All handles of one registry object."""

    def __init__(self, path: Path, deadline_s: float) -> None:
        self.path = path
        self._deadline_s = deadline_s
        self._local = threading.local()
        self._open: weakref.WeakValueDictionary[int, Handle] = weakref.WeakValueDictionary()
        self._opened = False
        self._closed = threading.Event()

    def mine(self) -> Handle:
        """The calling thread's handle. Errors: Unavailable."""
        if self._closed.is_set():
            raise closed(self.path)
        handle: Handle | None = getattr(self._local, "handle", None)
        if handle is None or not handle.is_current():
            handle = self._local.handle = self.new()
        return handle

    def new(self) -> Handle:
        """A handle of the caller's own. Errors: Unavailable."""
        if self._closed.is_set():
            raise closed(self.path)
        with translated(self.path):
            if not self._opened:  # later on a missing directory is a lost one, not one to make
                self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = Handle(self.path, self._deadline_s)
        self._opened = True
        self._open[id(handle)] = handle
        if self._closed.is_set():  # meanwhile, and without this one
            handle.close()
        return handle

    def close(self) -> None:
        """Closes every handle once its call is over; later calls raise Unavailable."""
        self._closed.set()
        for reference in self._open.valuerefs():  # a copy: other threads may open theirs meanwhile
            handle = reference()
            if handle is not None and handle.process == os.getpid():
                with handle.lock:
                    handle.close()


def _connect(path: Path, deadline_s: float, turn: Turn) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=deadline_s, isolation_level=None, check_same_thread=False, cached_statements=64
    )
    try:
        connection.execute("PRAGMA synchronous=FULL")
        # In one transaction: another may be making the tables between two looks.
        if not read(connection, lambda connection: sqlite_schema.is_current(connection, path)):
            with turn.hold(time.monotonic() + deadline_s):
                sqlite_schema.create(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _close(connection: sqlite3.Connection, turn: Turn, process: int) -> None:
    turn.close()
    if process == os.getpid():
        connection.close()
    else:
        _inherited.append(connection)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
