"""The embedded registry: one SQLite file, shared by the processes and threads of one machine."""

from __future__ import annotations

import os
import secrets
import sqlite3
import time
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

from roforlmao.errors import BadInput, RegistryError
from roforlmao.registry import queue_lock
from roforlmao.registry import sqlite_lease as leases
from roforlmao.registry import sqlite_store as store
from roforlmao.registry.base import (
    Compare,
    Delete,
    Expect,
    Health,
    Listing,
    Member,
    Put,
    Record,
    Registry,
    Session,
)
from roforlmao.registry.checks import check_key, check_operations, check_prefix, check_ttl, compares_of
from roforlmao.registry.living import living
from roforlmao.registry.session import KeptSession
from roforlmao.registry.sqlite_errors import read_only
from roforlmao.registry.sqlite_files import Handles
from roforlmao.registry.sqlite_log import Bounds
from roforlmao.registry.sqlite_transaction import read, write
from roforlmao.registry.sqlite_watch import SqliteWatch
from roforlmao.text import counted

DEADLINE_S: Final = 5.0
T = TypeVar("T")


class SqliteRegistry(Registry):
    """The registry in the file ``path``; it and its directory are made by the first call.

    ``deadline_s`` bounds every call, in seconds; ``bounds`` says how much of the past is kept
    for watches. The durable settings are those of https://www.sqlite.org/wal.html with
    ``synchronous=FULL``: what was acknowledged survives a crash of the process and of the machine.
    """

    def __init__(self, path: Path, *, deadline_s: float = DEADLINE_S, bounds: Bounds | None = None) -> None:
        self.path = path
        self._deadline_s = deadline_s
        self._bounds = bounds or Bounds()
        self._handles = Handles(path, deadline_s)
        self._watches: weakref.WeakValueDictionary[int, SqliteWatch] = weakref.WeakValueDictionary()
        self._sessions: weakref.WeakValueDictionary[int, KeptSession] = weakref.WeakValueDictionary()

    def get(self, key: str) -> Record | None:
        check_key(key)
        return self._read(lambda connection: store.get(connection, key))

    def list(self, prefix: str, page: int = 5000) -> Listing:
        check_prefix(prefix)
        if page < 1:
            raise BadInput(f"A page of {page} keys holds none.", "At least 1.")
        return self._read(lambda connection: store.listing(connection, prefix, page))

    def keys(self, prefix: str) -> Sequence[str]:
        check_prefix(prefix)
        return self._read(lambda connection: store.keys(connection, prefix))

    def put(self, key: str, value: bytes, expect: Expect = None, lease: int = 0) -> int:
        return self.transaction(compares_of(key, expect), (Put(key, value, lease),))

    def delete(self, key: str, expect: Expect = None) -> bool:
        check_key(key)

        def remove(connection: sqlite3.Connection) -> bool:
            store.check(connection, compares_of(key, expect), ())
            there = store.get(connection, key) is not None
            store.apply(connection, (Delete(key),), self._bounds)
            return there

        return self._write(remove)

    def transaction(self, compares: Sequence[Compare], operations: Sequence[Put | Delete]) -> int:
        check_operations(compares, operations)

        def change(connection: sqlite3.Connection) -> int:
            store.check(connection, compares, operations)
            return store.apply(connection, operations, self._bounds)

        return self._write(change)

    def watch(self, prefix: str, from_revision: int | None = None) -> SqliteWatch:
        """As the contract says. Errors: Compacted where that revision is no longer kept."""
        watch = SqliteWatch(self._handles, check_prefix(prefix), from_revision, self._expire)
        self._watches[id(watch)] = watch
        return watch

    def session(self, ttl: float, on_lost: Callable[[], None] | None = None) -> Session:
        check_ttl(ttl)
        lease = secrets.randbits(62) + 1
        granted = time.monotonic()
        self._write(lambda connection: leases.grant(connection, lease, ttl))

        session = KeptSession(
            lease,
            ttl,
            granted=granted,
            renew=lambda: self._write(lambda connection: leases.renew(connection, lease, ttl)),
            revoke=lambda: self._write(lambda connection: store.revoke(connection, [lease], self._bounds)),
            on_lost=on_lost,
        )
        self._sessions[lease] = session
        return session

    def lock(self, name: str, session: Session, timeout: float = 5.0) -> queue_lock.QueueLock:
        return queue_lock.acquire(self, name, session, timeout)

    def members(self) -> Sequence[Member]:
        version = f"SQLite {sqlite3.sqlite_version}"
        return (Member(self.path.name, str(self.path), version, leader=True, healthy=self.health().ok),)

    def health(self) -> Health:
        """Whether it can be read and, as far as the file's rights tell, written."""
        try:
            keys = self._read(
                lambda connection: connection.execute("SELECT COUNT(*) FROM records").fetchone()
            )
        except RegistryError as error:
            return Health(False, error.message, error.hint, away=True)
        if not (os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK)):
            denied = read_only(self.path)
            return Health(False, denied.message, denied.hint)
        return Health(True, f"{self.path}, {counted(keys[0], 'key')}")

    def close(self) -> None:
        """Ends its sessions and watches, then its connections."""
        for session in living(self._sessions):
            session.close()
        for watch in living(self._watches):
            watch.close()
        self._handles.close()

    def _expire(self) -> None:
        self._write(lambda _: None)

    def _read(self, body: Callable[[sqlite3.Connection], T]) -> T:
        with self._handles.mine().in_use() as connection:
            return read(connection, body)

    def _write(self, body: Callable[[sqlite3.Connection], T]) -> T:
        deadline = time.monotonic() + self._deadline_s
        handle = self._handles.mine()
        with handle.in_use() as connection, handle.turn.hold(deadline):
            result = write(connection, self.path, deadline, self._bounds, body)
        for watch in living(self._watches):
            watch.wake()
        return result
