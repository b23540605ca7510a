"""The log of a run, read without taking it into memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from roforlmao.errors import NotFound
from roforlmao.models import Run
from roforlmao.progress import Progress
from roforlmao.runs.history import History
from roforlmao.text import clean
from roforlmao.transcript.logfile import parts

_SHOWN = 1_000_000  # bytes
_AT_ONCE, _PAUSE_S = 1_000, 0.05  # lines, and what a slow terminal gets to print them


def read_log(path: Path, limit: int = _SHOWN) -> str:
    """The last ``limit`` bytes of all parts as harmless text. Errors: NotFound."""
    pieces: list[bytes] = []
    missing, size = limit, 0
    try:
        for part in reversed(parts(path) or [path]):
            with part.open("rb") as handle:
                length = handle.seek(0, os.SEEK_END)
                handle.seek(max(0, length - missing))
                pieces.insert(0, handle.read(missing))
            size += length
            missing -= len(pieces[0])
    except OSError as error:
        raise NotFound(f"The log {path} cannot be read: {error.strerror}.") from error
    text = clean(b"".join(pieces).decode("utf-8", "replace"))
    left_out = size - limit
    return text if left_out <= 0 else f"(... {left_out:,} bytes before; the whole is {path})\n{text}"


def follow_log(run: Run, history: History, progress: Progress) -> None:
    """Emits the end of the log and what comes, as ``id`` and ``text`` of each line, until the run has ended.

    Errors: NotFound, Cancelled.
    """
    path = Path(run.log)
    handle = _opened(path)
    try:
        _to_the_end(handle)
        while True:
            ended = history.get(run.id).state != "running"
            for number, line in enumerate(_lines(handle), 1):
                progress.emit({"id": run.id, "text": line})
                if number % _AT_ONCE == 0:
                    progress.wait(_PAUSE_S)
                progress.checkpoint()
            if _was_rotated(path, handle):
                handle.close()
                handle = _opened(path)
            elif ended:
                return
            progress.wait(0.2)
            progress.checkpoint()
    finally:
        handle.close()


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise NotFound(f"The log {path} cannot be read: {error.strerror}.") from error


def _to_the_end(handle: BinaryIO) -> None:
    """To the first whole line of what is shown of a long log."""
    size = handle.seek(0, os.SEEK_END)
    handle.seek(max(0, size - _SHOWN))
    if size > _SHOWN:
        handle.readline()


def _lines(handle: BinaryIO) -> Iterator[str]:
    while line := handle.readline(8192):
        yield line.decode("utf-8", "replace").rstrip("\r\n")


def _was_rotated(path: Path, handle: BinaryIO) -> bool:
    return path.stat().st_ino != os.fstat(handle.fileno()).st_ino
