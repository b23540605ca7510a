"""A program's output: all of it into a log file, its end into memory, lines to a screen.

One thread only drains, so that neither a slow screen nor a long line holds the program up; a
second one shows lines at its own pace and skips what it cannot follow. Memory is bounded by
the constants here, whatever the program prints.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from roforlmao.errors import StorageFailed
from roforlmao.paths import make_directory, storage_failed

TAIL_BYTES = 16 * 1024
LINE_BYTES = 8 * 1024
_CHUNK = 128 * 1024
_PENDING_BYTES = 256 * 1024
_TICK = 0.05  # seconds between two looks at what there is to show
_LINES_PER_TICK = 500
_PATIENCE = 0.25  # seconds between two looks at whether the program has ended
_LAST_WORDS = 5.0  # seconds for what is still in the pipe then
SKIPPED = "[output skipped here; the log holds all of it]"


class Output:
    """Reads the pipe ``source`` until its end. Errors at the start: StorageFailed."""

    def __init__(self, source: int, log: Path, show: Callable[[str], None]) -> None:
        self._source = source
        self._log_path = log
        self._log = _open_log(log)
        self._show = show
        self._tail = b""
        self._pending = _Pending()
        self._ended = threading.Event()
        self._deadline = 0.0
        self.failure: StorageFailed | None = None
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="tool-output")
        self._futures: list[Future[None]] = [
            self._threads.submit(self._drain),
            self._threads.submit(self._display),
        ]

    @property
    def tail(self) -> str:
        """The last 16 KB, decoded."""
        return self._tail.decode("utf-8", "replace").replace("\r\n", "\n")

    def finish(self) -> None:
        """Once the program has ended: takes what is in the pipe; raises what went wrong while showing it.

        A process that could not be ended may hold the pipe open for ever; it is not waited for.
        """
        self._ended.set()
        self._threads.shutdown(wait=True)
        for future in self._futures:
            future.result()

    def _drain(self) -> None:
        try:
            while chunk := self._next():
                self._keep(chunk)
        finally:
            self._pending.close()
            os.close(self._log)

    def _next(self) -> bytes:
        """The next piece, b'' at the end: of the pipe or, once the program has ended, of what is in it."""
        while True:
            ended = self._ended.is_set()  # looked at first: what is written before it is read after it
            if select.select([self._source], [], [], 0 if ended else _PATIENCE)[0]:
                return b"" if ended and self._is_late() else os.read(self._source, _CHUNK)
            if ended:
                return b""

    def _is_late(self) -> bool:
        self._deadline = self._deadline or time.monotonic() + _LAST_WORDS
        return time.monotonic() > self._deadline

    def _keep(self, chunk: bytes) -> None:
        self._tail = (self._tail + chunk)[-TAIL_BYTES:]
        self._pending.add(chunk)
        if self.failure:
            return  # drained all the same: a program that is being ended must not block
        try:
            view = memoryview(chunk)
            while view:
                view = view[os.write(self._log, view) :]
        except OSError as error:
            self.failure = storage_failed(self._log_path, error)

    def _display(self) -> None:
        lines = Lines()
        while (taken := self._pending.take()) is not None:
            content, dropped = taken
            for line in lines.feed(content, after_gap=dropped):
                self._show(line)
            self._ended.wait(_TICK)
        for line in lines.rest():
            self._show(line)


class Lines:
    """Bytes in, lines out: cut at LINE_BYTES, and no more of them at once than a screen shows."""

    def __init__(self) -> None:
        self._partial = b""

    def feed(self, content: bytes, *, after_gap: bool = False) -> list[str]:
        """The lines that are complete now; a carriage return ends a line as well."""
        if after_gap:
            self._partial = b""
        content = self._partial + content
        held = b"\r" if content.endswith(b"\r") else b""  # perhaps the first half of \r\n
        content = content.removesuffix(b"\r").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *complete, partial = content.split(b"\n")
        pieces = _pieces(partial)
        self._partial = pieces.pop() + held
        skipped = after_gap or len(complete) > _LINES_PER_TICK
        lines = [piece for line in complete[-_LINES_PER_TICK:] for piece in _pieces(line)] + pieces
        return ([SKIPPED] if skipped else []) + [line.decode("utf-8", "replace") for line in lines]

    def rest(self) -> list[str]:
        """The last line, where it has no end."""
        partial = self._partial.rstrip(b"\r")
        return [partial.decode("utf-8", "replace")] if partial else []


class _Pending:
    """What waits for the screen: the newest bytes, the oldest given up first."""

    def __init__(self) -> None:
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._dropped = False
        self._closed = False
        self._changed = threading.Condition()

    def add(self, chunk: bytes) -> None:
        with self._changed:
            self._chunks.append(chunk)
            self._size += len(chunk)
            while self._size > _PENDING_BYTES:
                self._size -= len(self._chunks.popleft())
                self._dropped = True
            self._changed.notify()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()

    def take(self) -> tuple[bytes, bool] | None:
        """All that waits, and whether something before it was given up; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._chunks or self._closed)
            if not self._chunks:
                return None
            taken, dropped = b"".join(self._chunks), self._dropped
            self._chunks.clear()
            self._size, self._dropped = 0, False
            return taken, dropped


def _pieces(line: bytes) -> list[bytes]:
    """The line in pieces of at most LINE_BYTES, none of which begins inside a character."""
    pieces = []
    while len(line) > LINE_BYTES:
        cut = LINE_BYTES
        while cut > LINE_BYTES - 4 and line[cut] & 0xC0 == 0x80:
            cut -= 1
        pieces.append(line[:cut])
        line = line[cut:]
    return [*pieces, line]


def _open_log(log: Path) -> int:
    make_directory(log.parent)
    try:
        return os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise storage_failed(log, error) from error
