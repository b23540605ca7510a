"""Exactly one scheduler for a home: whoever holds the lock fires, the others stand by."""

from __future__ import annotations

import os
import socket
from contextlib import ExitStack
from pathlib import Path

from roforlmao.errors import Busy
from roforlmao.paths import make_directory, storage_failed
from roforlmao.runs.history import is_alive, this_process
from roforlmao.text import one_line


class Turn:
    """The kernel lets go of the lock with the process, however that ends."""

    def __init__(self, locks: Path) -> None:
        self._path = locks / "scheduler"
        self._hold: ExitStack | None = None

    @property
    def held(self) -> bool:
        return self._hold is not None

    def take(self) -> bool:
        """Whether this launcher fires now. Errors: StorageFailed."""
        from roforlmao.git.lock import flock

        make_directory(self._path.parent)
        stack = ExitStack()
        try:
            stack.enter_context(flock(self._path, "Another launcher fires the jobs of this home."))
            who = f"process {os.getpid()} on {socket.gethostname()}\n{this_process()}\n"
            self._path.write_text(who, encoding="utf-8")
        except Busy:
            return False
        except OSError as error:
            stack.close()
            raise storage_failed(self._path, error) from error
        self._hold = stack
        return True

    def release(self) -> None:
        """Lets another launcher fire."""
        if self._hold is not None:
            self._hold.close()
            self._hold = None

    def holder(self) -> str:
        """Who fires: ``process 4711 on host``; empty where nobody does."""
        try:
            name, _, owner = self._path.read_text(encoding="utf-8", errors="replace").partition("\n")
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise storage_failed(self._path, error) from error
        try:
            return one_line(name, 80) if is_alive(owner) else ""
        except ValueError:  # it is just being written
            return one_line(name, 80)
