"""SQLite's and the file system's errors, told as the registry's own, with a sentence that helps."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from roforlmao.errors import OutcomeUnknown, RegistryError, Unavailable
from roforlmao.paths import storage_failed
from roforlmao.text import one_line

_LITTLE_SPACE = 128 * 1024
_NOTHING = "Nothing was written."
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, 0)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raises the typed error in place of SQLite's or the system's."""
    try:
        yield
    except sqlite3.Error as error:
        raise from_sqlite(path, error) from error
    except UnicodeDecodeError as error:  # damaged text; SQLite even puts it into its own messages
        raise damaged(path, "text that is none") from error
    except OSError as error:
        raise from_system(path, error) from error


def from_system(path: Path, error: OSError) -> Unavailable:
    """Of a file beside the registry that could not be made, opened or locked."""
    told = storage_failed(path, error)
    return Unavailable(f"{told.message} {_NOTHING}", told.hint)


def from_sqlite(path: Path, error: sqlite3.Error) -> RegistryError:
    """Of a statement or a connection."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if _disk_is_full(path, code):
        return full(path)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return held(path)
    if code == sqlite3.SQLITE_READONLY or _is_read_only(path):
        return read_only(path)
    if code == sqlite3.SQLITE_CANTOPEN:
        return Unavailable(
            f"The registry {path} cannot be opened. {_NOTHING}",
            "Is it a file, in a directory that you may write to? See registry.sqlite.path.",
        )
    if code in _DAMAGED and not isinstance(error, sqlite3.ProgrammingError):
        return damaged(path, _said(error))
    return Unavailable(f"The registry {path} failed: {_said(error)}. {_NOTHING}", "Try again.")


def at_commit(path: Path, error: sqlite3.Error) -> RegistryError:
    """Of a commit: where the disk failed, the change may be found there after all."""
    told = from_sqlite(path, error)
    code = getattr(error, "sqlite_errorcode", 0)
    if code & 0xFF != sqlite3.SQLITE_IOERR or (code != sqlite3.SQLITE_IOERR_FSYNC and _no_space(path)):
        return told
    return OutcomeUnknown(
        f"The disk failed while the registry {path} was being written ({_said(error)}).",
        "Look whether the change is there before you repeat it.",
    )


def full(path: Path) -> Unavailable:
    return Unavailable(
        f"The disk that holds the registry {path} is full. {_NOTHING}",
        "Free some space there, then try again.",
    )


def read_only(path: Path) -> Unavailable:
    return Unavailable(
        f"The registry {path} is read-only. {_NOTHING}",
        "Make the file and its directory writable, or choose another place with --home DIR.",
    )


def held(path: Path) -> Unavailable:
    return Unavailable(
        f"Another program holds the registry {path}. {_NOTHING}",
        "Look for a stopped launcher or an open database shell, then try again.",
    )


def damaged(path: Path, said: str) -> Unavailable:
    return Unavailable(
        f"The registry {path} is damaged or no registry ({said}). {_NOTHING}",
        "Put back a copy of it, or move it away: a new one is then begun.",
    )


def newer(path: Path, found: int, known: int) -> Unavailable:
    return Unavailable(
        f"The registry {path} was written by a newer roforlmao (format {found}, this one knows {known}).",
        "Update roforlmao on this machine.",
    )


def foreign(path: Path) -> Unavailable:
    return Unavailable(
        f"The file {path} is the database of another program, not a registry. {_NOTHING}",
        "Name another file in registry.sqlite.path.",
    )


def closed(path: Path) -> Unavailable:
    return Unavailable(f"The registry {path} was closed. {_NOTHING}", "Open it again.")


def _said(error: sqlite3.Error) -> str:
    return one_line(str(error), 120) or type(error).__name__


def _disk_is_full(path: Path, code: int) -> bool:
    if code == sqlite3.SQLITE_FULL:
        return True
    # A full disk also shows as "disk I/O error" or "unable to open" when the -wal or -shm cannot grow.
    return code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and _no_space(path)


def _no_space(path: Path) -> bool:
    try:
        space = os.statvfs(path.parent)
    except OSError:
        return False
    return space.f_bavail * space.f_frsize < _LITTLE_SPACE


def _is_read_only(path: Path) -> bool:
    try:
        return bool(os.statvfs(path.parent).f_flag & os.ST_RDONLY)
    except OSError:
        return False
