"""How far each target has come in the list of notices, across restarts and launchers."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from roforlmao.notices import Notice
from roforlmao.state import State

_CLAIM_S = 60.0  # a launcher that died while sending is not waited for longer


@dataclass(frozen=True)
class Batch:
    """What waits for a target: its notices, oldest first, and the number that all of them end with."""

    notices: tuple[Notice, ...]
    upto: int
    failures: int


class Cursor:
    """Notices are numbered; a target's place is the number of the last one that it was handed."""

    def __init__(self, state: State) -> None:
        self._state = state

    def claim(self, target: str, kinds: tuple[str, ...], now: float) -> Batch | None:
        """What is due, claimed for a minute so that two launchers do not both send it.

        A target that is new begins with the next notice. ``now`` in seconds since the epoch.
        """
        with self._state.read() as connection:  # an idle launcher does not keep others from writing
            if _has_nothing_due(connection, target, now):
                return None
        with self._state.write() as connection:
            newest = connection.execute("SELECT COALESCE(MAX(id), 0) FROM notices").fetchone()[0]
            connection.execute("INSERT OR IGNORE INTO handed (target, upto) VALUES (?, ?)", (target, newest))
            if _has_nothing_due(connection, target, now):  # new, or another launcher was first
                return None
            upto, failures = connection.execute(
                "SELECT upto, failures FROM handed WHERE target = ?", (target,)
            ).fetchone()
            rows = connection.execute(
                "SELECT id, at, kind, text, acknowledged FROM notices WHERE id > ? ORDER BY id", (upto,)
            ).fetchall()
            found = [Notice(row[0], row[1], row[2], row[3], bool(row[4])) for row in rows]
            meant = tuple(n for n in found if not n.acknowledged and (not kinds or n.kind in kinds))
            if not meant:
                connection.execute("UPDATE handed SET upto = ? WHERE target = ?", (newest, target))
                return None
            connection.execute("UPDATE handed SET not_before = ? WHERE target = ?", (now + _CLAIM_S, target))
        return Batch(meant, newest, failures)

    def done(self, target: str, upto: int, not_before: float) -> None:
        """All up to there was taken; the next message waits until ``not_before``."""
        with self._state.write() as connection:
            connection.execute(
                "UPDATE handed SET upto = ?, failures = 0, not_before = ? WHERE target = ?",
                (upto, not_before, target),
            )

    def failed(self, target: str, not_before: float) -> None:
        with self._state.write() as connection:
            connection.execute(
                "UPDATE handed SET failures = failures + 1, not_before = ? WHERE target = ?",
                (not_before, target),
            )


def _has_nothing_due(connection: sqlite3.Connection, target: str, now: float) -> bool:
    """False also for a target that is not known yet."""
    found = connection.execute(
        "SELECT not_before > ? OR upto >= (SELECT COALESCE(MAX(id), 0) FROM notices) "
        "FROM handed WHERE target = ?",
        (now, target),
    ).fetchone()
    return found is not None and bool(found[0])
