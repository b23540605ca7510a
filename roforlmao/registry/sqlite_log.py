"""The log of changes that watches read: one revision per transaction, the oldest forgotten."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from roforlmao.registry.base import Event, Record

Change = tuple[str, bytes | None, int, int, int]
"""Key, value (None: deleted), creation revision, version, lease."""

_ADD: Final = "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?)"
_SINCE: Final = """
    SELECT key, value, revision, create_revision, version, lease FROM log
    WHERE revision > ? AND key >= ? AND key < ? ORDER BY revision, ordinal"""
_SIZES: Final = """
    SELECT revision, LENGTH(CAST(key AS BLOB)) + COALESCE(LENGTH(value), 0) FROM log ORDER BY revision"""

_SIZE_THROUGH: Final = """
    SELECT COALESCE(SUM(LENGTH(CAST(key AS BLOB)) + COALESCE(LENGTH(value), 0)), 0)
    FROM log WHERE revision <= ?"""


@dataclass(frozen=True)
class Bounds:
    """How much of the past a watch may still ask for: revisions, and bytes of keys and values."""

    revisions: int = 10_000
    size: int = 16_000_000


def revision(connection: sqlite3.Connection) -> int:
    """The newest."""
    return int(connection.execute("SELECT revision FROM state").fetchone()[0])


def reach(connection: sqlite3.Connection) -> tuple[int, int]:
    """The newest revision, and the last that is forgotten."""
    newest, compacted = connection.execute("SELECT revision, compacted FROM state").fetchone()
    return int(newest), int(compacted)


def add(connection: sqlite3.Connection, changes: Sequence[Change], bounds: Bounds) -> int:
    """Makes the changes one new revision, which it returns."""
    new = revision(connection) + 1
    connection.executemany(_ADD, ((new, ordinal, *change) for ordinal, change in enumerate(changes)))
    size = sum(len(change[0].encode()) + len(change[1] or b"") for change in changes)
    connection.execute("UPDATE state SET revision = ?, log_bytes = log_bytes + ?", (new, size))
    _trim(connection, new, bounds)
    return new


def since(connection: sqlite3.Connection, after: int, span: tuple[str, str]) -> list[Event]:
    """The events after that revision of the keys in the span, in order."""
    return [_event(*row) for row in connection.execute(_SINCE, (after, *span))]


def compact(connection: sqlite3.Connection, through: int) -> None:
    """Forgets the log up to and with that revision."""
    _, known = reach(connection)
    if through <= known:
        return
    (gone,) = connection.execute(_SIZE_THROUGH, (through,)).fetchone()
    connection.execute("DELETE FROM log WHERE revision <= ?", (through,))
    connection.execute("UPDATE state SET compacted = ?, log_bytes = log_bytes - ?", (through, gone))


def _event(key: str, value: bytes | None, number: int, created: int, version: int, lease: int) -> Event:
    if value is None:
        return Event("delete", number, key)
    return Event("put", number, key, Record(key, value, number, created, version, lease))


def _trim(connection: sqlite3.Connection, new: int, bounds: Bounds) -> None:
    if new % max(1, bounds.revisions // 10) == 0:  # now and then: a little each time costs more
        compact(connection, new - bounds.revisions)
    (size,) = connection.execute("SELECT log_bytes FROM state").fetchone()
    if size > bounds.size:
        compact(connection, _oldest(connection, size - bounds.size // 2))


def _oldest(connection: sqlite3.Connection, surplus: int) -> int:
    """Up to which revision the log has at least ``surplus`` bytes."""
    through = 0
    for number, size in connection.execute(_SIZES):
        through, surplus = number, surplus - size
        if surplus <= 0:
            break
    return through
