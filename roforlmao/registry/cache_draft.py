"""What changed below a prefix, gathered beside what is known, and taken over at once or not at all."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from roforlmao.registry.base import Position
from roforlmao.registry.cache_read import Read, coverage
from roforlmao.registry.etcd_read import Page, span

_CONFIRM_S: Final = 5.0
"""What was found unchanged is written down at most so often."""
_MOST_CHILDREN: Final = 50
_STAGE: Final = (
    "PRAGMA temp_store = FILE",  # bounds the memory of a first load
    """CREATE TEMP TABLE staged (
        key BLOB PRIMARY KEY, value BLOB, revision INTEGER, created INTEGER, version INTEGER, lease INTEGER
    ) WITHOUT ROWID""",
    "CREATE TEMP TABLE present (key BLOB PRIMARY KEY) WITHOUT ROWID",
    "CREATE TEMP TABLE gone (key BLOB PRIMARY KEY) WITHOUT ROWID",
)
# SQLite gives the key of the row that holds the maximum: https://www.sqlite.org/lang_select.html#bareagg
_NEWEST: Final = """
    SELECT key, max(revision) FROM records WHERE key >= :low AND key < :high AND revision <= :base"""
_KNOWN: Final = "SELECT count(*) FROM records WHERE key >= :low AND key < :high"
_NEW: Final = """
    SELECT count(*) FROM staged WHERE key >= :low AND key < :high
    AND NOT EXISTS (SELECT 1 FROM records WHERE records.key = staged.key)"""
# What begins alike up to the next slash; x'2f' is a slash.
_CHILDREN: Final = """
    SELECT DISTINCT substr(key, 1, :length + instr(substr(key, :length + 1), x'2f'))
    FROM records WHERE key >= :low AND key < :high LIMIT :most"""
_GONE: Final = """
    INSERT INTO gone SELECT key FROM records WHERE key >= :low AND key < :high
    AND NOT EXISTS (SELECT 1 FROM present WHERE present.key = records.key)"""
# The newest that is known comes back with the changes, or was changed or deleted; in another history not.
_UNACCOUNTED: Final = """
    SELECT count(*) FROM records AS r
    WHERE key >= :low AND key < :high AND revision = :newest
    AND NOT EXISTS (
        SELECT 1 FROM staged AS s WHERE s.key = r.key AND (s.revision > r.revision OR
            (s.revision = r.revision AND s.version = r.version AND s.value = r.value)))
    AND NOT EXISTS (SELECT 1 FROM gone AS g WHERE g.key = r.key)"""
_FORGET: Final = "DELETE FROM records WHERE key >= :low AND key < :high"
# What others took over since, of this prefix, a part of it, or one that it is a part of.
_OVERTAKEN: Final = """
    SELECT count(*) FROM coverage WHERE generation > :generation
    AND (substr(:prefix, 1, length(prefix)) = prefix OR substr(prefix, 1, length(:prefix)) = :prefix)"""
_UNCOVER: Final = "DELETE FROM coverage WHERE prefix >= :low AND prefix < :high AND revision <= :revision"

T = TypeVar("T")


class Newest(NamedTuple):
    """The key that was modified last."""

    key: str
    revision: int


class Draft:
    """The next state of one prefix; ``base`` is the revision that is known, 0 for none."""

    def __init__(self, connection: sqlite3.Connection, prefix: str) -> None:
        self._connection = connection
        self._prefix = prefix.encode()
        self._span = _span(prefix)
        for statement in _STAGE:
            connection.execute(statement)
        cluster, self._generation, self._epoch = self._row("SELECT cluster, generation, epoch FROM source")
        self.base, self._seen = coverage(connection, self._prefix)
        self._cluster = int(cluster or 0)
        self._latest = self._row("SELECT coalesce(max(revision), 0) FROM coverage")[0]
        self._foreign = False
        key, revision = self._row(_NEWEST, base=self.base)
        self.newest = None if key is None else Newest(key.decode(errors="replace"), revision)

    def expect(self, position: Position) -> None:
        """Forgets what is of another cluster, or of a later revision: it was restored from a backup."""
        other = self._cluster not in (0, position.cluster)
        self._foreign = other or position.revision < self._latest
        if self._foreign:
            self.base = 0

    def stands_at(self, now: Page) -> bool:
        """Whether nothing seems to have happened since."""
        return self.base == now.position.revision and self.count() == now.total

    @property
    def since(self) -> int:
        """Changes are asked for from here on, the newest that is known among them."""
        return self.newest.revision if self.newest else self.base + 1

    def stage(self, found: Sequence[Any]) -> None:
        """Takes etcd's KeyValues."""
        self._connection.execute("BEGIN")
        self._connection.executemany(
            "INSERT OR REPLACE INTO staged VALUES (?, ?, ?, ?, ?, ?)",
            ((kv.key, kv.value, kv.mod_revision, kv.create_revision, kv.version, kv.lease) for kv in found),
        )
        self._connection.execute("COMMIT")

    def stage_gone(self, prefix: str, present: Iterable[Page]) -> None:
        """Takes the keys below a prefix that are there now; those that are known besides are gone."""
        self._connection.execute("BEGIN")
        for page in present:
            self._connection.executemany("INSERT INTO present VALUES (?)", ((kv.key,) for kv in page.found))
        self._connection.execute(_GONE, _span(prefix))
        self._connection.execute("COMMIT")

    def clear(self) -> None:
        """Begins anew."""
        for table in ("staged", "present", "gone"):
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 (names of our own)

    def count(self, prefix: str | None = None) -> int:
        """How many keys there would be, below all or a part of the draft's prefix, if none was gone."""
        span = self._span if prefix is None else _span(prefix)
        return int(self._row(_KNOWN, **span)[0] + self._row(_NEW, **span)[0])

    def children(self) -> list[str]:
        """The prefixes one level down that known keys have; the draft's own where they are many."""
        rows = self._connection.execute(
            _CHILDREN, {**self._span, "length": len(self._prefix), "most": _MOST_CHILDREN + 1}
        ).fetchall()
        found = [child.decode(errors="replace") for (child,) in rows]
        own = self._prefix.decode()
        return [own] if len(found) > _MOST_CHILDREN or own in found else found

    def follows(self, total: int) -> bool:
        """Whether the changes go on from what is known, and lead to so many keys."""
        gone = self._row("SELECT count(*) FROM gone")[0]
        newest = self.newest.revision if self.newest else None
        return not self._row(_UNACCOUNTED, newest=newest)[0] and self.count() - gone == total

    def confirm(self, read: Read[T]) -> tuple[T] | None:
        """What is read of the known, which is that of now; None where another launcher changed it."""
        connection = self._connection
        stale = time.time() - self._seen > _CONFIRM_S
        connection.execute("BEGIN IMMEDIATE" if stale else "BEGIN")
        if not self._is_unchanged():
            connection.execute("ROLLBACK")
            return None
        if stale:
            self._cover(self.base)
        found = read(connection, self.base)
        connection.execute("COMMIT")
        return (found,)

    def settle(self, position: Position, read: Read[T], *, whole: bool = False) -> tuple[T] | None:
        """Takes all over and reads of it; None, and nothing, where another launcher changed it meanwhile."""
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        if not self._is_unchanged():
            connection.execute("ROLLBACK")
            return None
        if self._foreign:
            connection.execute("DELETE FROM records")
            connection.execute("DELETE FROM coverage")
            connection.execute("UPDATE source SET epoch = epoch + 1")
        if whole:
            connection.execute(_FORGET, self._span)
        connection.execute("DELETE FROM records WHERE key IN (SELECT key FROM gone)")
        connection.execute("INSERT OR REPLACE INTO records SELECT * FROM staged")
        connection.execute(
            "UPDATE source SET cluster = ?, generation = generation + 1", (str(position.cluster),)
        )
        self._cover(position.revision)
        found = read(connection, position.revision)
        connection.execute("COMMIT")
        return (found,)

    def _is_unchanged(self) -> bool:
        epoch = self._row("SELECT epoch FROM source")[0]
        overtaken = self._row(_OVERTAKEN, generation=self._generation, prefix=self._prefix)[0]
        return bool(epoch == self._epoch and not overtaken)

    def _cover(self, revision: int) -> None:
        self._connection.execute(_UNCOVER, {**self._span, "revision": revision})
        self._connection.execute(
            "INSERT OR REPLACE INTO coverage SELECT ?, ?, ?, generation FROM source",
            (self._prefix, revision, time.time()),
        )

    def _row(self, sql: str, **values: Any) -> tuple[Any, ...]:
        row: tuple[Any, ...] = self._connection.execute(sql, {**self._span, **values}).fetchone()
        return row


def _span(prefix: str) -> dict[str, bytes]:
    low, high = span(prefix)
    return {"low": low, "high": high}
