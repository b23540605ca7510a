"""What long work tells, and how it is stopped."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from roforlmao.errors import Cancelled


class Progress:
    """Silent by itself; a front overrides ``start``, ``update`` and ``log``.

    Work calls these from any thread and ``checkpoint`` wherever it can stop cleanly. Where nobody has it
    ``watched``, what is costly to find out need not be told.
    """

    watched = False

    def __init__(self) -> None:
        self._cancel = threading.Event()

    def start(self, label: str, total: int | None = None, unit: str = "") -> None:
        """A new step begins; ``total`` in ``unit`` (``B``, ``objects`` ...) where it is known."""

    def update(self, done: int, total: int | None = None) -> None:
        """``done`` of the step so far (absolute), and its total where that became known."""

    def part(
        self, name: str, done: int, total: int | None = None, *, note: str = "", ended: bool = False
    ) -> None:
        """How far one of several parts is that the step goes through at once, such as a layer."""

    def log(self, line: str) -> None:
        """A line of the work's own output (foreign text: whoever shows it cleans it)."""

    def emit(self, record: Mapping[str, Any]) -> None:
        """One of the records of an endless answer; its ``text`` is for people."""

    def cancel(self) -> None:
        """Asks the work to stop at its next checkpoint."""
        self._cancel.set()

    @property
    def cancelled(self) -> bool:
        return self._cancel.is_set()

    def wait(self, seconds: float) -> bool:
        """Sleeps, but wakes when cancelled; says whether it was."""
        return self._cancel.wait(seconds)

    def checkpoint(self) -> None:
        """Raises ``Cancelled`` once the operator asked to stop."""
        if self._cancel.is_set():
            raise Cancelled("Stopped.")


class Quiet(Progress):
    """Lets a part of a larger work be cancelled with it, without showing its steps."""

    def __init__(self, outer: Progress) -> None:
        super().__init__()
        self._outer = outer

    @property
    def cancelled(self) -> bool:
        return self._outer.cancelled

    def checkpoint(self) -> None:
        self._outer.checkpoint()
