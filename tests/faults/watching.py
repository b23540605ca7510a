"""A run's progress that keeps what it is told."""

from __future__ import annotations

import time

from roforlmao.progress import Progress


class Watching(Progress):
    """Keeps the lines; cancels itself at one that begins with ``cancel_at``."""

    def __init__(self, cancel_at: str = "") -> None:
        super().__init__()
        self.lines: list[str] = []
        self.cancelled_at = 0.0
        self._cancel_at = cancel_at

    def log(self, line: str) -> None:
        self.lines.append(line)
        if self._cancel_at and line.startswith(self._cancel_at):
            self.cancelled_at = time.monotonic()
            self.cancel()
