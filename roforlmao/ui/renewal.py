"""Reads something anew every second, in a thread of its own, for a screen that shows it as it is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Generic, Self, TypeVar

from roforlmao.crash import unexpected
from roforlmao.errors import RoforlmaoError

T = TypeVar("T")
_EVERY_S = 1.0


class Renewal(Generic[T]):
    """``newest`` is what ``read`` gave last; None before that, and the older one where it failed."""

    def __init__(self, read: Callable[[], T], error_log: Path) -> None:
        self.newest: T | None = None
        self._read = read
        self._error_log = error_log
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="renewal", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()

    def _loop(self) -> None:
        while not self._end.is_set():
            try:
                self.newest = self._read()
            except RoforlmaoError:  # a full disk or a busy database: the next look may succeed
                pass
            except Exception as error:  # noqa: BLE001 (a thread must not end unheard)
                unexpected(error, self._error_log)
                return
            self._end.wait(_EVERY_S)
