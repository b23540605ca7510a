"""A snapshot's bytes: only from a regular file that stays as it is while it is read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from roforlmao.compare.options import MAX_FILE, Limits
from roforlmao.errors import BadInput, NotFound
from roforlmao.progress import Progress
from roforlmao.text import one_line

_CHUNK = 1 << 22


def read_bytes(path: Path, progress: Progress, limits: Limits | None = None) -> bytes:
    """The whole content, of at most ``MAX_FILE`` bytes. Errors: BadInput, NotFound (no such file)."""
    name = one_line(str(path))
    bounds = limits or Limits()
    with _said(name):
        handle = _open(path)
        with os.fdopen(handle, "rb", closefd=True) as file:
            before = _regular(file.fileno(), name, min(MAX_FILE, bounds.file))
            content = _read(file.fileno(), before.st_size, progress)
            after = os.fstat(file.fileno())
    if stamp(after) != stamp(before) or len(content) != before.st_size:
        raise changed(name, "while it was read")
    _check_lines(content, name, bounds.line)
    return content


def size_of(path: Path) -> int:
    """Bytes; 0 of what cannot be looked at, which whoever reads it will say."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def open_regular(path: Path, limit: int) -> tuple[int, os.stat_result]:
    """A file descriptor to read from, and what is known of the file. Errors: BadInput, NotFound."""
    name = one_line(str(path))
    with _said(name):
        handle = _open(path)
        try:
            return handle, _regular(handle, name, limit)
        except BaseException:
            os.close(handle)
            raise


def stamp(about: os.stat_result) -> tuple[int, int]:
    """What is another one when the file was written to."""
    return about.st_size, about.st_mtime_ns


def changed(name: str, when: str) -> BadInput:
    return BadInput(f"{name} changed {when}.", "Compare again when it is complete.")


def too_long(name: str, line: int, limit: int) -> BadInput:
    return BadInput(
        f"{name}, line {line}: longer than {limit:,} bytes.",
        "Is it a table with a row on each line? compare.max_line_mb in the configuration sets the limit.",
    )


@contextmanager
def _said(name: str) -> Iterator[None]:
    """Refusals of the system in our words."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {name}.", "Look at the path.") from error
    except IsADirectoryError as error:
        raise _not_a_file(name, "a directory") from error
    except PermissionError as error:
        raise BadInput(f"You may not read {name}.", "Ask its owner, or choose another file.") from error
    except OSError as error:
        raise BadInput(f"Cannot read {name}: {error.strerror or error}.", "Look at the path.") from error


def _open(path: Path) -> int:
    # without O_NONBLOCK a pipe that nobody writes to would wait for ever
    return os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))


def _regular(handle: int, name: str, limit: int) -> os.stat_result:
    found = os.fstat(handle)
    if stat.S_ISDIR(found.st_mode):
        raise _not_a_file(name, "a directory")
    if not stat.S_ISREG(found.st_mode):
        raise _not_a_file(name, "a pipe or a device")
    if found.st_size > limit:
        raise BadInput(
            f"{name} holds {found.st_size:,} bytes; at most {limit:,} can be compared.",
            "Split it, or raise compare.max_file_mb in the configuration.",
        )
    return found


def _not_a_file(name: str, what: str) -> BadInput:
    return BadInput(f"{name} is {what}, not a file.", "Name a CSV file.")


def _read(handle: int, size: int, progress: Progress) -> bytes:
    parts: list[bytes] = []
    done = 0
    while part := os.read(handle, _CHUNK):
        parts.append(part)
        done += len(part)
        progress.update(done, size)
        progress.checkpoint()
        if done > MAX_FILE:  # it grows while it is read; the caller says so
            break
    return b"".join(parts)


def _check_lines(content: bytes, name: str, limit: int) -> None:
    """Errors: BadInput where a line is longer than ``limit``."""
    place, size = 0, len(content)
    while size - place > limit:
        end = place + limit
        found = max(content.rfind(b"\n", place, end), content.rfind(b"\r", place, end))
        if found < 0:
            raise too_long(name, content.count(b"\n", 0, place) + 1, limit)
        place = found + 1
