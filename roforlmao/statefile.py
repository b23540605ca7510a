"""The operator's database as a file that may be damaged: found out, kept aside, and made anew.

What is to be put into the new one is the caller's; a marker beside it says that this is not done yet.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from roforlmao.paths import storage_failed, write_atomic

# https://www.sqlite.org/rescode.html: SQLITE_CORRUPT and SQLITE_NOTADB
_DAMAGE = (11, 26)
_SMALL = 10_000_000  # bytes; damage to a larger file is found where it is met


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is broken, rather than busy, full or not ours."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE


def is_small(path: Path) -> bool:
    """Whether a look through the whole file takes no time that anybody notices."""
    return path.stat().st_size <= _SMALL


def check(connection: sqlite3.Connection) -> None:
    """Errors: sqlite3.DatabaseError of a kind that ``is_damage`` knows."""
    found = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found is None or found[0] != "ok":
        error = sqlite3.DatabaseError(f"the file is damaged: {found[0] if found else 'no answer'}")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def put_aside(path: Path, error: sqlite3.Error) -> None:
    """Moves the file and its log away, unless another launcher did so meanwhile. Errors: StorageFailed."""
    with _alone(path):
        if not _damaged(path):
            return
        aside = path.with_name(f"{path.name}.damaged-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}")
        write_atomic(_marker(path), f"{aside.name}\n{error}\n")
        try:
            for end in ("", "-wal", "-shm"):
                part = path.with_name(path.name + end)
                if part.exists():
                    part.rename(aside.with_name(aside.name + end))
        except OSError as failed:
            raise storage_failed(path, failed) from failed


def mark_lost(path: Path) -> None:
    """Says that the file was found empty. Errors: StorageFailed."""
    write_atomic(_marker(path), "\nit was empty\n")


def unrestored(path: Path) -> tuple[str, str] | None:
    """Where the damaged file went and what was wrong, while the new one waits to be filled."""
    try:
        aside, reason, *_ = _marker(path).read_text(encoding="utf-8").split("\n")
    except (OSError, ValueError):
        return None
    return aside, reason


def restored(path: Path) -> None:
    """The new file is as full as it gets."""
    _marker(path).unlink(missing_ok=True)


def inode(path: Path) -> int:
    """Which file stands there; 0 where none does."""
    try:
        return path.stat().st_ino
    except OSError:
        return 0


def _marker(path: Path) -> Path:
    return path.with_name(f"{path.name}.restore")


def _damaged(path: Path) -> bool:
    opened = sqlite3.connect(path, timeout=10, isolation_level=None)
    try:
        check(opened)
    except sqlite3.Error as error:
        return is_damage(error)
    finally:
        opened.close()
    return False


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One launcher at a time; the others find the new file afterwards."""
    with path.with_name(f"{path.name}.lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
