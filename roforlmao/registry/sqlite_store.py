"""The records of a registry file; each function works inside a transaction of the caller."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final

from roforlmao.errors import Conflict
from roforlmao.registry import sqlite_lease as leases
from roforlmao.registry import sqlite_log as log
from roforlmao.registry.base import ABSENT, Compare, Delete, Listing, Put, Record
from roforlmao.text import one_line

# No printable key holds it, so it closes the range of the keys that begin with a prefix.
_LAST: Final = "\U0010ffff"
# What is bound to a lease that is over is not there any more, also before somebody clears it away.
_GET: Final = """
    SELECT key, value, revision, create_revision, version, lease FROM records
    WHERE key = :key AND (lease = 0 OR lease IN (
        SELECT id FROM leases WHERE boot = :boot AND expires > :now AND expires - :now <= ttl))"""
_BELOW: Final = """
    FROM records WHERE key >= :low AND key < :high AND (lease = 0 OR lease IN (
        SELECT id FROM leases WHERE boot = :boot AND expires > :now AND expires - :now <= ttl))
    ORDER BY key"""
_LIST: Final = f"SELECT key, value, revision, create_revision, version, lease {_BELOW}"
_KEYS: Final = f"SELECT key {_BELOW}"


def span(prefix: str) -> tuple[str, str]:
    """The keys that begin with the prefix: from the first, up to but without the second."""
    return prefix, prefix + _LAST


def get(connection: sqlite3.Connection, key: str) -> Record | None:
    row = connection.execute(_GET, {"key": key, **leases.moment()}).fetchone()
    return Record(*row) if row else None


def listing(connection: sqlite3.Connection, prefix: str, page: int) -> Listing:
    low, high = span(prefix)
    rows = connection.execute(_LIST, {"low": low, "high": high, **leases.moment()})
    return Listing(tuple(Record(*row) for row in _paged(rows, page)), log.revision(connection))


def keys(connection: sqlite3.Connection, prefix: str) -> list[str]:
    low, high = span(prefix)
    return [row[0] for row in connection.execute(_KEYS, {"low": low, "high": high, **leases.moment()})]


def check(
    connection: sqlite3.Connection, compares: Sequence[Compare], operations: Sequence[Put | Delete]
) -> None:
    """Errors: Conflict, LeaseLost."""
    for compare in compares:
        record = get(connection, compare.key)
        found = 0 if record is None else record.create_revision if compare.by_creation else record.revision
        if found != (0 if compare.expect is ABSENT else compare.expect):
            raise Conflict(_mismatch(compare, found), "Read it again, then decide.")
    for operation in operations:
        if isinstance(operation, Put) and operation.lease and not leases.lives(connection, operation.lease):
            raise leases.lost()


def apply(connection: sqlite3.Connection, operations: Sequence[Put | Delete], bounds: log.Bounds) -> int:
    """Does them all at one new revision, which it returns; without a change the old one stays."""
    new = log.revision(connection) + 1
    done = (_apply_one(connection, operation, new) for operation in operations)
    changes = [change for change in done if change]
    return log.add(connection, changes, bounds) if changes else new - 1


def revoke(connection: sqlite3.Connection, over: Sequence[int], bounds: log.Bounds) -> None:
    """Ends the leases and removes what is bound to them, at one revision."""
    changes: list[log.Change] = []
    for lease in over:
        bound = connection.execute("SELECT key, create_revision FROM records WHERE lease = ?", (lease,))
        changes += [(key, None, created, 0, 0) for key, created in bound]
        connection.execute("DELETE FROM records WHERE lease = ?", (lease,))
        connection.execute("DELETE FROM leases WHERE id = ?", (lease,))
    if changes:
        log.add(connection, changes, bounds)


def _paged(rows: sqlite3.Cursor, page: int) -> Iterator[tuple[str, bytes, int, int, int, int]]:
    while batch := rows.fetchmany(page):
        yield from batch


def _apply_one(connection: sqlite3.Connection, operation: Put | Delete, new: int) -> log.Change | None:
    old = get(connection, operation.key)
    if isinstance(operation, Delete):
        if old is None:
            return None
        connection.execute("DELETE FROM records WHERE key = ?", (operation.key,))
        return operation.key, None, old.create_revision, 0, 0
    created, version = (old.create_revision, old.version + 1) if old else (new, 1)
    connection.execute(
        "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?, ?)",
        (operation.key, operation.value, new, created, version, operation.lease),
    )
    return operation.key, operation.value, created, version, operation.lease


def _mismatch(compare: Compare, found: int) -> str:
    key = one_line(compare.key, 80)
    if compare.by_creation:
        return f"The lock '{key}' is no longer held; nothing was written."
    if compare.expect is ABSENT:
        return f"'{key}' exists already; nothing was written."
    if not found:
        return f"'{key}' is gone; nothing was written."
    return f"'{key}' was changed meanwhile; nothing was written."
