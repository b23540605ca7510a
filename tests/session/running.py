"""A ``scheduler run`` of an operator in a process of its own, whose events are read along."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.session.world import Operator, clean_environment


class Running:
    """A ``scheduler run`` whose events are read along."""

    def __init__(self, operator: Operator) -> None:
        self.process = subprocess.Popen(
            operator.command("--json", "scheduler", "run"),
            env=clean_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.told: list[dict[str, Any]] = []
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def wait_for(self, event: str, timeout: float) -> dict[str, Any]:
        deadline = time.monotonic() + timeout
        while True:
            try:
                line = self._lines.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {event} within {timeout:g} s: {self.told}") from None
            assert line, f"it ended without {event}: {self.told}"
            assert line.rstrip().endswith("}"), f"{line}{[self._lines.get() for _ in range(6)]}"
            self.told.append(json.loads(line))
            if self.told[-1]["event"] == event:
                return self.told[-1]

    def drain(self) -> list[dict[str, Any]]:
        """All that it told, once it has ended."""
        self._reader.join(10)
        while line := self._lines.get():
            if line.endswith("\n"):  # what was cut by a kill is no line
                self.told.append(json.loads(line))
        return self.told

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        self._reader.join(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def scheduler(operator: Operator) -> Iterator[Running]:
    running = Running(operator)
    try:
        yield running
    finally:
        running.end()
