"""Drains the pipe that a program writes to, so that neither a slow screen nor a long line holds it up."""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from roforlmao.errors import StorageFailed
from roforlmao.transcript.transcript import Transcript

_CHUNK = 128 * 1024
_PATIENCE = 0.25  # seconds between two looks at whether the program has ended
_LAST_WORDS = 5.0  # seconds for what is still in the pipe then


class Output:
    """Reads the pipe ``source`` until its end. Errors at the start: StorageFailed."""

    def __init__(self, source: int, log: Path, show: Callable[[str], None]) -> None:
        self._source = source
        self._transcript = Transcript(log, show)
        self._ended = threading.Event()
        self._deadline = 0.0
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="tool-output")
        self._drained = self._threads.submit(self._drain)

    @property
    def tail(self) -> str:
        """The last 16 KB, decoded."""
        return self._transcript.tail

    @property
    def failure(self) -> StorageFailed | None:
        """Why the log could not go on."""
        return self._transcript.failure

    def finish(self) -> None:
        """Once the program has ended: takes what is in the pipe; raises what went wrong while showing it.

        A process that could not be ended may hold the pipe open for ever; it is not waited for.
        """
        self._ended.set()
        self._threads.shutdown(wait=True)
        self._transcript.finish()
        self._drained.result()

    def _drain(self) -> None:
        try:
            while chunk := self._next():
                self._transcript.keep(chunk)
        finally:
            self._transcript.close()

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
