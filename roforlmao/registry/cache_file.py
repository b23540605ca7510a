"""The file that holds what was last known of a registry: opened, checked, and dropped where it is no use.

It may be lost at any moment, and is then filled anew.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from roforlmao.errors import StorageFailed
from roforlmao.statefile import is_damage

_FORMAT: Final = 2
_WAIT_S: Final = 5.0
# Keys are bytes, as in etcd, so that both sort and count the same ones below a prefix.
_TABLES: Final = (
    """CREATE TABLE records (
        key BLOB PRIMARY KEY, value BLOB, revision INTEGER, created INTEGER, version INTEGER, lease INTEGER
    ) WITHOUT ROWID""",
    "CREATE INDEX by_key ON records (key, revision)",  # counts and lists keys without their values
    """CREATE TABLE coverage (
        prefix BLOB PRIMARY KEY, revision INTEGER, seen REAL, generation INTEGER
    ) WITHOUT ROWID""",
    # the generation counts what was taken over, the epoch how often all was forgotten
    "CREATE TABLE source (endpoints TEXT, cluster TEXT, generation INTEGER, epoch INTEGER)",
    "INSERT INTO source VALUES ('[]', '', 0, 0)",
    f"PRAGMA user_version = {_FORMAT}",
)


class CacheFile:
    """The file at ``path`` for the cluster behind ``endpoints``; made when first opened."""

    def __init__(self, path: Path, endpoints: Sequence[str]) -> None:
        self._path = path
        self._endpoints = sorted(endpoints)

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """A connection of one's own. Errors: StorageFailed, also for what goes wrong in the block."""
        try:
            connection = self._open()
            try:
                yield connection
            finally:
                connection.close()
        except (sqlite3.Error, OSError) as error:
            if isinstance(error, sqlite3.Error) and _is_useless(error):
                self._drop()
            raise StorageFailed(
                f"What was known of the registry cannot be kept in {self._path}: {error}.",
                "It is not needed while the registry answers.",
            ) from error

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=_WAIT_S, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            if not self._is_ours(connection):
                self._make(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _is_ours(self, connection: sqlite3.Connection) -> bool:
        """Whether it is of this format, and was filled from a cluster with an endpoint of ours."""
        if connection.execute("PRAGMA user_version").fetchone()[0] != _FORMAT:
            return False
        (endpoints,) = connection.execute("SELECT endpoints FROM source").fetchone()
        return not set(self._endpoints).isdisjoint(json.loads(endpoints))

    def _make(self, connection: sqlite3.Connection) -> None:
        """The tables, empty, unless another launcher made them meanwhile."""
        connection.execute("BEGIN IMMEDIATE")
        if not self._is_ours(connection):
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            ).fetchall():
                connection.execute(f'DROP TABLE "{name}"')
            for statement in _TABLES:
                connection.execute(statement)
            connection.execute("UPDATE source SET endpoints = ?", (json.dumps(self._endpoints),))
        connection.execute("COMMIT")

    def _drop(self) -> None:
        """A launcher that has it open goes on with what it has, and finds the new file later."""
        for end in ("", "-wal", "-shm"):
            with suppress(OSError):
                self._path.with_name(self._path.name + end).unlink(missing_ok=True)


def _is_useless(error: sqlite3.Error) -> bool:
    """Whether the file is broken, or holds other tables than it says; not where it is busy or full."""
    return is_damage(error) or getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_ERROR
