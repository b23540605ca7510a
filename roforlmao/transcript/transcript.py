"""A program's output as it comes: into the log, its end into memory, lines to a screen.

Whoever drains the program calls ``keep``, which never waits for a screen: a thread of its own shows
lines at its own pace and skips what it cannot follow. Memory is bounded by the constants here.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from roforlmao.errors import StorageFailed
from roforlmao.transcript.lines import Lines
from roforlmao.transcript.logfile import LogFile

TAIL_BYTES = 16 * 1024
_PENDING_BYTES = 256 * 1024
_TICK = 0.05  # seconds between two looks at what there is to show


class Transcript:
    """Of one program. Errors at the start: StorageFailed; a log that fails later is in ``failure``."""

    def __init__(self, log: Path, show: Callable[[str], None]) -> None:
        self._log = LogFile(log)
        self._show = show
        self._tail = b""
        self._pending = _Pending()
        self._closed = threading.Event()
        self._keeping = threading.Lock()
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="tool-lines")
        self._displayed = self._threads.submit(self._display)

    @property
    def tail(self) -> str:
        """The last 16 KB, decoded."""
        return self._tail.decode("utf-8", "replace").replace("\r\n", "\n")

    @property
    def failure(self) -> StorageFailed | None:
        """Why the log could not go on; output is taken all the same, or the program would block."""
        return self._log.failure

    def keep(self, chunk: bytes) -> None:
        """Takes the next piece."""
        with self._keeping:
            self._tail = (self._tail + chunk)[-TAIL_BYTES:]
            self._pending.add(chunk)
            self._log.write(chunk)

    def close(self) -> None:
        """Nothing more comes; the log is whole then. May be called twice."""
        if not self._closed.is_set():
            self._closed.set()
            self._pending.close()
            self._log.close()

    def finish(self) -> None:
        """Closes it and waits for the screen; raises what went wrong while showing."""
        self.close()
        self._threads.shutdown(wait=True)
        self._displayed.result()

    def _display(self) -> None:
        lines = Lines()
        while (taken := self._pending.take()) is not None:
            content, dropped = taken
            for line in lines.feed(content, after_gap=dropped):
                self._show(line)
            self._closed.wait(_TICK)
        for line in lines.rest():
            self._show(line)


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
