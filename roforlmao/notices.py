"""What the operator should hear of, kept until acknowledged."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace

from roforlmao.errors import NotFound
from roforlmao.state import State

PEERS = "peers"
"""The kind of what peers did."""
MEMBER = "member"
"""The kind of what concerns the operator's own membership."""
TOLD_ONCE = (PEERS, "retraction", "disagreement", "note")
"""Kinds that are shown when they come; a restart does not show them again."""

_MOST_OF_PEERS = 300
_QUIET_OLDER = """UPDATE notices SET acknowledged = 1 WHERE kind = ?1 AND acknowledged = 0 AND id <= (
    SELECT id FROM notices WHERE kind = ?1 AND acknowledged = 0 ORDER BY id DESC LIMIT 1 OFFSET ?2)"""


@dataclass(frozen=True)
class Notice:
    """One notification; ``at`` is ISO 8601 with offset."""

    id: int
    at: str
    kind: str
    text: str
    acknowledged: bool


def note(connection: sqlite3.Connection, kind: str, text: str) -> None:
    """Adds a notice in a transaction of the caller's."""
    at = dt.datetime.now().astimezone().isoformat(timespec="seconds")
    connection.execute("INSERT INTO notices (at, kind, text) VALUES (?, ?, ?)", (at, kind, text))


class Notices:
    """The notifications of one home."""

    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, kind: str, text: str) -> None:
        with self._state.write() as connection:
            note(connection, kind, text)

    def add_once(self, told: Iterable[tuple[str, str]], question: str, answer: str) -> None:
        """Adds notices (kind and text), and remembers by the answer that it was done: both or neither.

        Of what peers did only the newest stay unread: there may be more than anybody reads.
        """
        with self._state.write() as connection:
            for kind, text in told:
                note(connection, kind, text)
            connection.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (question, answer))
            connection.execute(_QUIET_OLDER, (PEERS, _MOST_OF_PEERS))

    def newest(self, *, everything: bool = False) -> list[Notice]:
        """Unread ones, or all, newest first."""
        where = "" if everything else "WHERE acknowledged = 0"
        with self._state.read() as connection:
            rows = connection.execute(
                f"SELECT id, at, kind, text, acknowledged FROM notices {where} ORDER BY id DESC"  # noqa: S608 (two constants)
            ).fetchall()
        return [Notice(row[0], row[1], row[2], row[3], bool(row[4])) for row in rows]

    def unread(self) -> int:
        with self._state.read() as connection:
            row = connection.execute("SELECT COUNT(*) FROM notices WHERE acknowledged = 0").fetchone()
        return int(row[0])

    def forget(self, before: str) -> int:
        """Drops what was read and is older than that (ISO 8601); returns how many."""
        with self._state.write() as connection:
            return connection.execute(
                "DELETE FROM notices WHERE acknowledged = 1 AND at < ?", (before,)
            ).rowcount

    def acknowledge(self, number: int | None) -> list[Notice]:
        """One notice, or all unread ones with None; returns what was acknowledged. Errors: NotFound."""
        every = self.newest(everything=True)
        if number is not None and number not in {notice.id for notice in every}:
            raise NotFound(f"There is no notification {number}.", "`notification list --all` shows them.")
        chosen = [n for n in every if not n.acknowledged and number in (None, n.id)]
        with self._state.write() as connection:
            connection.executemany(
                "UPDATE notices SET acknowledged = 1 WHERE id = ?", [(n.id,) for n in chosen]
            )
        return [replace(notice, acknowledged=True) for notice in chosen]
