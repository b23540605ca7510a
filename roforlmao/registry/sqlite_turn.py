"""Writers of one file take turns, in every process and thread.

SQLite's own waiting sleeps longer the longer it waits, so that under contention a writer can
starve. Here a writer first gets hold of the queue, then of the lock, then lets the queue go: who
has just written finds the next one ahead of it.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from roforlmao.registry.sqlite_errors import from_system, held

_NAP = 0.0002
_LONG_NAP = 0.005
_PATIENCE = 0.05


class Turn:
    """The locks of one thread: ``flock`` belongs to an open file, so each thread opens its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files: tuple[int, ...] = ()
        try:
            self._files = (*self._files, _open(path, ".queue"))
            self._files = (*self._files, _open(path, ".lock"))
        except OSError as error:
            self.close()
            raise from_system(path, error) from error

    @contextmanager
    def hold(self, deadline: float) -> Iterator[None]:
        """Waits until ``deadline`` (of ``time.monotonic``). Errors: Unavailable."""
        queue, lock = self._files
        try:
            self._take(queue, deadline)
            self._take(lock, deadline)
            fcntl.flock(queue, fcntl.LOCK_UN)
            yield
        finally:  # both, wherever an interrupt struck; what is not held is not disturbed
            fcntl.flock(lock, fcntl.LOCK_UN)
            fcntl.flock(queue, fcntl.LOCK_UN)

    def _take(self, file: int, deadline: float) -> None:
        began = 0.0
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError as error:
                now = time.monotonic()
                began = began or now
                if now >= deadline:
                    raise held(self._path) from error
            time.sleep(_NAP if now - began < _PATIENCE else _LONG_NAP)

    def close(self) -> None:
        """Closes the files, which lets go of what this process alone still holds."""
        files, self._files = self._files, ()
        for file in files:
            os.close(file)


def _open(path: Path, suffix: str) -> int:
    return os.open(path.with_name(path.name + suffix), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
