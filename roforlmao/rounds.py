"""Steps that an open launcher repeats by itself, each from a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping


class Rounds:
    """Repeats each step after ``every_s`` seconds; ``broken`` hears of what none may end with."""

    def __init__(
        self,
        steps: Mapping[str, Callable[[], object]],
        broken: Callable[[Exception], object],
        every_s: float = 5.0,
    ) -> None:
        self._broken = broken
        self._every_s = every_s
        self._end = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep, args=(step,), name=name, daemon=True)
            for name, step in steps.items()
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """What is at work may go on for some seconds; nothing waits for it."""
        self._end.set()

    def _keep(self, step: Callable[[], object]) -> None:
        while not self._end.wait(self._every_s):
            try:
                step()
            except Exception as error:  # noqa: BLE001 (a thread must not end unheard)
                self._broken(error)
