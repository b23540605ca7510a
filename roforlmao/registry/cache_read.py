"""What a cache file holds, read from a connection to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar

from roforlmao.registry.base import Listing, Record
from roforlmao.registry.etcd_read import span

_ONE: Final = "SELECT key, value, revision, created, version, lease FROM records WHERE key = ?"
_ALL: Final = """
    SELECT key, value, revision, created, version, lease FROM records
    WHERE key >= ? AND key < ? ORDER BY key"""
_KEYS: Final = "SELECT key FROM records WHERE key >= ? AND key < ? ORDER BY key"

T = TypeVar("T")
Read = Callable[[sqlite3.Connection, int], T]
"""Reads what it is for; the revision is that of what it finds."""


def coverage(connection: sqlite3.Connection, place: bytes) -> tuple[int, float]:
    """The revision of which a key or prefix is known, by itself or with one that holds it, and when it was.

    Both are 0 where it is not known.
    """
    found: tuple[int, float] | None = connection.execute(
        "SELECT revision, seen FROM coverage WHERE substr(?, 1, length(prefix)) = prefix"
        " ORDER BY revision DESC, seen DESC LIMIT 1",
        (place,),
    ).fetchone()
    return found or (0, 0.0)


def record(key: str) -> Read[Record | None]:
    def read(connection: sqlite3.Connection, _revision: int) -> Record | None:
        rows = connection.execute(_ONE, (key.encode(),))
        return next((Record(*row) for row in _readable(rows)), None)

    return read


def records(prefix: str) -> Read[Listing]:
    def read(connection: sqlite3.Connection, revision: int) -> Listing:
        found = _readable(connection.execute(_ALL, span(prefix)))
        return Listing(tuple(Record(*row) for row in found), revision)

    return read


def keys(prefix: str) -> Read[Sequence[str]]:
    def read(connection: sqlite3.Connection, _revision: int) -> Sequence[str]:
        return [row[0] for row in _readable(connection.execute(_KEYS, span(prefix)))]

    return read


def nothing(_connection: sqlite3.Connection, _revision: int) -> None:
    """For whoever only wants it known."""


def _readable(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    """Leaves out keys that are no text, as ``etcd_read.records`` does."""
    for key, *rest in rows:
        try:
            yield key.decode(), *rest
        except UnicodeDecodeError:
            continue
