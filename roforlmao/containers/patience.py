"""A call that may take long and cannot be broken off, waited for so that Ctrl-C still works."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

from roforlmao.progress import Progress

T = TypeVar("T")
_LOOK_S = 0.1  # seconds between two looks for Ctrl-C


def interruptible(call: Callable[[], T], progress: Progress) -> T:
    """What ``call`` returns or raises; once cancelled it is left behind, to end by its own time limit.

    Errors: Cancelled, and those of ``call``.
    """
    done: queue.SimpleQueue[tuple[T] | BaseException] = queue.SimpleQueue()

    def work() -> None:
        try:
            done.put((call(),))
        except BaseException as error:  # noqa: BLE001 (handed over, to be raised where it is waited for)
            done.put(error)

    threading.Thread(target=work, daemon=True, name="patience").start()
    while True:
        progress.checkpoint()
        try:
            found = done.get(timeout=_LOOK_S)
        except queue.Empty:
            continue
        if isinstance(found, BaseException):
            raise found
        return found[0]
