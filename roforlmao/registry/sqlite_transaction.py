"""Reading and writing as one transaction each, with a deadline and leases that end in time."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from roforlmao.registry import sqlite_lease as leases
from roforlmao.registry import sqlite_log as log
from roforlmao.registry import sqlite_store as store
from roforlmao.registry.sqlite_errors import at_commit

T = TypeVar("T")


def read(connection: sqlite3.Connection, body: Callable[[sqlite3.Connection], T]) -> T:
    """All that ``body`` reads is of one revision."""
    connection.execute("BEGIN")
    try:
        return body(connection)
    finally:
        _undo(connection)


def write(
    connection: sqlite3.Connection,
    path: Path,
    deadline: float,
    bounds: log.Bounds,
    body: Callable[[sqlite3.Connection], T],
) -> T:
    """All of ``body`` or nothing; what has expired goes first, and stays gone if ``body`` raises."""
    _begin(connection, deadline)
    try:
        if over := leases.over(connection):
            store.revoke(connection, over, bounds)
            _commit(connection, path)
            _begin(connection, deadline)
        result = body(connection)
        _commit(connection, path)
        return result
    finally:
        _undo(connection)


def _begin(connection: sqlite3.Connection, deadline: float) -> None:
    remaining = max(1, int((deadline - time.monotonic()) * 1000))
    connection.execute(f"PRAGMA busy_timeout={remaining}")
    connection.execute("BEGIN IMMEDIATE")


def _commit(connection: sqlite3.Connection, path: Path) -> None:
    try:
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise at_commit(path, error) from error


def _undo(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        with suppress(sqlite3.Error):  # the error that led here is the one to tell
            connection.rollback()
