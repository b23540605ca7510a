"""A snapshot's bytes: only from a regular file that stays as it is while it is read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from roforlmao.compare.options import MAX_FILE, MAX_LINE
from roforlmao.errors import BadInput, NotFound
from roforlmao.progress import Progress
from roforlmao.text import one_line

_CHUNK = 1 << 22


def read_bytes(path: Path, progress: Progress) -> bytes:
    """The whole content. Errors: BadInput, NotFound (no such file)."""
    name = one_line(str(path))
    try:
        # without O_NONBLOCK a pipe that nobody writes to would wait for ever
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb", closefd=True) as file:
            before = os.fstat(file.fileno())
            _check_kind(before, name)
            content = _read(file.fileno(), before.st_size, progress)
            after = os.fstat(file.fileno())
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {name}.", "Look at the path.") from error
    except IsADirectoryError as error:
        raise _not_a_file(name, "a directory") from error
    except PermissionError as error:
        raise BadInput(f"You may not read {name}.", "Ask its owner, or choose another file.") from error
    except OSError as error:
        raise BadInput(f"Cannot read {name}: {error.strerror or error}.", "Look at the path.") from error
    if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns) or (
        len(content) != before.st_size
    ):
        raise BadInput(f"{name} changed while it was read.", "Compare again when it is complete.")
    _check_lines(content, name)
    return content


def _check_kind(found: os.stat_result, name: str) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise _not_a_file(name, "a directory")
    if not stat.S_ISREG(found.st_mode):
        raise _not_a_file(name, "a pipe or a device")
    if found.st_size > MAX_FILE:
        raise BadInput(
            f"{name} holds {found.st_size:,} bytes; at most {MAX_FILE:,} can be compared.",
            "Split it, or compare parts of it.",
        )


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


def _check_lines(content: bytes, name: str) -> None:
    """Errors: BadInput where a line is longer than ``MAX_LINE``."""
    place, size = 0, len(content)
    while size - place > MAX_LINE:
        end = place + MAX_LINE
        found = max(content.rfind(b"\n", place, end), content.rfind(b"\r", place, end))
        if found < 0:
            line = content.count(b"\n", 0, place) + 1
            raise BadInput(
                f"{name}, line {line}: longer than {MAX_LINE:,} bytes.",
                "Is it a table with a row on each line?",
            )
        place = found + 1
