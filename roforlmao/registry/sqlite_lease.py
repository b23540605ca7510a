"""The leases of a registry file: on the machine's own clock, which all its processes share."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Final

from roforlmao.errors import LeaseLost

# A lease lives while it is of this start of the machine (its clock begins anew with each) and its
# end lies ahead. Where the start has no name (not Linux), an end too far ahead is of before, too.
_LIVES = "SELECT 1 FROM leases WHERE id = :id AND boot = :boot AND expires > :now AND expires - :now <= ttl"
_OVER = """
    SELECT id FROM leases WHERE boot != :boot OR expires <= :now OR expires - :now > ttl ORDER BY expires"""


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""


_BOOT: Final = _boot()


def now() -> float:
    """Seconds; they stand still while the machine sleeps, as do those who keep leases alive."""
    return time.monotonic()


def moment() -> dict[str, float | str]:
    """What a query needs to tell live leases from those that are over."""
    return {"now": now(), "boot": _BOOT}


def lost() -> LeaseLost:
    return LeaseLost("The session has expired; what was bound to it is gone.", "Begin a new one.")


def lives(connection: sqlite3.Connection, lease: int) -> bool:
    return connection.execute(_LIVES, {"id": lease, **moment()}).fetchone() is not None


def grant(connection: sqlite3.Connection, lease: int, ttl: float) -> None:
    """Begins the lease, of ``ttl`` seconds, or begins its time anew."""
    connection.execute("INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?)", (lease, ttl, now() + ttl, _BOOT))


def renew(connection: sqlite3.Connection, lease: int, ttl: float) -> None:
    """Errors: LeaseLost where its time is over."""
    if not lives(connection, lease):
        raise lost()
    grant(connection, lease, ttl)


def over(connection: sqlite3.Connection) -> list[int]:
    """The leases that are over and still lie there."""
    return [int(row[0]) for row in connection.execute(_OVER, moment())]


def next_expiry(connection: sqlite3.Connection) -> float | None:
    """When the first lease will be over, on the clock of ``now``."""
    found = connection.execute("SELECT MIN(expires) FROM leases").fetchone()[0]
    return None if found is None else float(found)
