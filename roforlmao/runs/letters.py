"""Announcements that wait for the registry, in the order in which they are to be delivered."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from roforlmao.models import Announcement
from roforlmao.registry.fence import Fence
from roforlmao.runs.history import resynced


@dataclass(frozen=True)
class Letter:
    """An announcement to be made; with ``replace`` also over one that another key signed.

    ``again`` is the verb that repeats it should it be refused, ``run`` the run that it is about, if any. One
    with a ``fence`` is delivered only while that claim holds.
    """

    entry: Announcement
    again: str
    run: str = ""
    replace: bool = False
    fence: Fence | None = None

    @property
    def subject(self) -> str:
        """What it is about, for people."""
        return f"{self.entry.hub} {self.entry.date}"


@dataclass(frozen=True)
class Waiting:
    """A letter in the outbox; ``since`` is ISO 8601 with offset."""

    number: int
    since: str
    letter: Letter


def waiting(connection: sqlite3.Connection, limit: int = -1) -> list[Waiting]:
    """The oldest letters, first to be delivered first."""
    rows = connection.execute("SELECT id, at, body FROM outbox ORDER BY id LIMIT ?", (limit,)).fetchall()
    return [Waiting(row[0], row[1], _decode(row[2])) for row in rows]


def count(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT COUNT(*) FROM outbox").fetchone()[0])


def put(connection: sqlite3.Connection, letter: Letter, since: str) -> None:
    """At the end, unless just that waits as the last one of its hub and day."""
    entry = letter.entry
    last = connection.execute(
        "SELECT body FROM outbox WHERE json_extract(body, '$.entry.hub') = ? "
        "AND json_extract(body, '$.entry.date') = ? AND json_extract(body, '$.entry.operator') = ? "
        "ORDER BY id DESC LIMIT 1",
        (entry.hub, entry.date, entry.operator),
    ).fetchone()
    if last is None or _decode(last[0]) != letter:
        connection.execute("INSERT INTO outbox (at, body) VALUES (?, ?)", (since, _encode(letter)))


def delivered(connection: sqlite3.Connection, found: Waiting, key: str) -> None:
    """Out of the outbox: the announcement is made, as its run says now."""
    _take(connection, found, {"state": "pushed", "key": key, "waits": False})


def refused(connection: sqlite3.Connection, found: Waiting, reason: str) -> None:
    """Out of the outbox: the run is to be published again when the operator says so."""
    _take(connection, found, {"state": "failed", "reason": reason, "waits": False})


def _take(connection: sqlite3.Connection, found: Waiting, sync: Mapping[str, Any]) -> None:
    connection.execute("DELETE FROM outbox WHERE id = ?", (found.number,))
    resynced(connection, found.letter.run, found.letter.entry.commit, sync)


def _encode(letter: Letter) -> str:
    fields = asdict(letter)
    if letter.fence is not None:
        fields["fence"]["done"] = letter.fence.done.decode()
    return json.dumps(fields)


def _decode(body: str) -> Letter:
    fields: dict[str, Any] = json.loads(body)
    fence = fields.pop("fence")
    entry = Announcement(**fields.pop("entry"))
    held = Fence(fence["key"], fence["created"], fence["done"].encode()) if fence else None
    return Letter(entry, fence=held, **fields)
