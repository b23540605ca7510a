"""What the operator should hear of, kept until acknowledged."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from roforlmao.errors import NotFound
from roforlmao.state import State


@dataclass(frozen=True)
class Notice:
    """One notification; ``at`` is ISO 8601 with offset."""

    id: int
    at: str
    kind: str
    text: str
    acknowledged: bool


class Notices:
    """The notifications of one home."""

    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, kind: str, text: str) -> None:
        at = dt.datetime.now().astimezone().isoformat(timespec="seconds")
        with self._state.write() as connection:
            connection.execute("INSERT INTO notices (at, kind, text) VALUES (?, ?, ?)", (at, kind, text))

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

    def acknowledge(self, number: int | None) -> int:
        """One notice, or all with None; says how many were unread. Errors: NotFound."""
        with self._state.write() as connection:
            if number is None:
                return connection.execute(
                    "UPDATE notices SET acknowledged = 1 WHERE acknowledged = 0"
                ).rowcount
            known = connection.execute("SELECT acknowledged FROM notices WHERE id = ?", (number,)).fetchone()
            if known is None:
                raise NotFound(f"There is no notification {number}.", "`notification list --all` shows them.")
            connection.execute("UPDATE notices SET acknowledged = 1 WHERE id = ?", (number,))
            return int(not known[0])
