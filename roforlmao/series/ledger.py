"""What was counted before: a file in the home that may be lost, and then is made anew.

Numbers are kept by the contents of both versions, so that they never grow old; a file's content is known
by its size, times and inode, so that one that was touched is read again.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from pathlib import Path

from roforlmao.errors import BadInput
from roforlmao.progress import Progress
from roforlmao.series.counting import Tally
from roforlmao.text import one_line

_KEPT = 20_000  # numbers, and files, that are remembered: the newest
_CHUNK = 1 << 20
_SETTLED_NS = 2 * 10**9  # a file changed so lately could change again within its time stamp
_TABLES = (
    "CREATE TABLE IF NOT EXISTS contents (path TEXT PRIMARY KEY, stamp TEXT, digest TEXT)",
    """CREATE TABLE IF NOT EXISTS tallies (
        old TEXT, new TEXT, counting TEXT,
        before INTEGER, after INTEGER, added INTEGER, removed INTEGER, changed INTEGER,
        PRIMARY KEY (old, new, counting)
    )""",
)


class Ledger:
    """Opens the file at ``path``; where that does not go, nothing is remembered after it is closed."""

    def __init__(self, path: Path) -> None:
        self._connection = _opened(path)

    def digest(self, path: Path, progress: Progress) -> str:
        """Identifies the content of a file, which is read only where it is not known.

        Errors: BadInput (it cannot be read).
        """
        try:
            stamp = _stamp(path)
            known = self._one("SELECT digest FROM contents WHERE path = ? AND stamp = ?", str(path), stamp)
            if known:
                return str(known[0])
            digest = _digest(path, progress)
            about = path.stat()
        except OSError as error:
            raise BadInput(f"Cannot read {one_line(str(path))}: {error.strerror or error}.") from error
        if _stamp(path) == stamp and time.time_ns() - about.st_mtime_ns > _SETTLED_NS:
            self._keep("contents", str(path), stamp, digest)
        return digest

    def tally(self, old: str, new: str, counting: str) -> Tally | None:
        """The numbers of these two contents, if they were counted before."""
        found = self._one(
            "SELECT before, after, added, removed, changed FROM tallies"
            " WHERE old = ? AND new = ? AND counting = ?",
            old,
            new,
            counting,
        )
        return Tally(*found) if found else None

    def keep(self, old: str, new: str, counting: str, tally: Tally) -> None:
        self._keep("tallies", old, new, counting, *tally)

    def close(self) -> None:
        """Forgets the oldest where there are too many."""
        for table in ("contents", "tallies"):
            self._run(
                f"DELETE FROM {table} WHERE rowid <= (SELECT MAX(rowid) FROM {table}) - ?",  # noqa: S608 (no foreign text)
                _KEPT,
            )
        self._connection.close()

    def _one(self, statement: str, *values: object) -> tuple[int, ...] | None:
        found = self._run(statement, *values)
        return found[0] if found else None

    def _keep(self, table: str, *values: object) -> None:
        marks = ", ".join("?" * len(values))
        self._run(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", *values)  # noqa: S608 (no foreign text)

    def _run(self, statement: str, *values: object) -> list[tuple[int, ...]]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error:  # a full disk, a damaged file: what it held can be counted again
            self._connection.close()
            self._connection = _prepared(":memory:")
            return []


def _opened(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return _prepared(path)
        except sqlite3.DatabaseError:
            for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
                path.with_name(name).unlink(missing_ok=True)
            return _prepared(path)
    except (sqlite3.Error, OSError):  # a home that cannot be written is no reason not to count
        return _prepared(":memory:")


def _prepared(path: Path | str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    try:
        if path != ":memory:":
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
        for statement in _TABLES:
            connection.execute(statement)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _stamp(path: Path) -> str:
    about = os.stat(path)  # noqa: PTH116 (as stat(2) has it: links were left out before)
    return f"{about.st_size} {about.st_mtime_ns} {about.st_ctime_ns} {about.st_dev} {about.st_ino}"


def _digest(path: Path, progress: Progress) -> str:
    """BLAKE2b of the content, with its length."""
    state, size = hashlib.blake2b(digest_size=20), 0
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            progress.checkpoint()
            state.update(chunk)
            size += len(chunk)
    return f"{size}-{state.hexdigest()}"
