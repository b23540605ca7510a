"""The tables of a registry file, made once and recognised ever after."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from roforlmao.registry.sqlite_errors import damaged, foreign, newer

VERSION = 1
APPLICATION = 0x726F666F  # "rofo": how a registry is told from another program's database

_TABLES = (
    # One row. `compacted`: the log is whole after that revision; `log_bytes`: what it holds.
    """CREATE TABLE state (
        revision INTEGER NOT NULL, compacted INTEGER NOT NULL, log_bytes INTEGER NOT NULL)""",
    "INSERT INTO state VALUES (0, 0, 0)",
    """CREATE TABLE records (
        key TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL, revision INTEGER NOT NULL,
        create_revision INTEGER NOT NULL, version INTEGER NOT NULL, lease INTEGER NOT NULL)""",
    "CREATE INDEX records_lease ON records (lease) WHERE lease != 0",
    # A row without a value is a deletion.
    """CREATE TABLE log (
        revision INTEGER NOT NULL, ordinal INTEGER NOT NULL, key TEXT NOT NULL, value BLOB,
        create_revision INTEGER NOT NULL, version INTEGER NOT NULL, lease INTEGER NOT NULL,
        PRIMARY KEY (revision, ordinal))""",
    # `expires` is on the machine's monotonic clock, which all processes share.
    """CREATE TABLE leases (
        id INTEGER PRIMARY KEY NOT NULL, ttl REAL NOT NULL, expires REAL NOT NULL, boot TEXT NOT NULL)""",
)


def is_current(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the tables stand; false for an empty file. Errors: Unavailable if it is none of ours."""
    version = _pragma(connection, "user_version")
    application = _pragma(connection, "application_id")
    if application == APPLICATION:
        if version > VERSION:
            raise newer(path, version, VERSION)
        return True
    if application or version or connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        raise foreign(path)
    return False


def create(connection: sqlite3.Connection, path: Path) -> None:
    """Makes the tables in one transaction; whoever comes second finds them made."""
    mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    if mode != "wal":
        raise damaged(path, f"its file system allows journal mode '{mode}' only, not 'wal'")
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not is_current(connection, path):
            for statement in _TABLES:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id={APPLICATION}")
            connection.execute(f"PRAGMA user_version={VERSION}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.rollback()


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
