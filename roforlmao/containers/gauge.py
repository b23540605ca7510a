"""How much memory a container takes, told every other second to whoever watches its run."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from roforlmao.progress import Progress

if TYPE_CHECKING:
    from roforlmao.containers.engine import Engine

_EVERY_S = 2.0
_NAME = "memory"


class Gauge:
    """Reads until it is stopped; an engine that does not answer is asked again the next time."""

    def __init__(self, engine: Callable[[], Engine], container: str, progress: Progress) -> None:
        self._engine = engine
        self._container = container
        self._progress = progress
        self._stopped = threading.Event()
        if progress.watched:
            threading.Thread(target=self._run, name="container-memory", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()
        self._progress.part(_NAME, 0, ended=True)

    def _run(self) -> None:
        from docker.errors import DockerException
        from requests.exceptions import RequestException
        from urllib3.exceptions import HTTPError

        while not self._stopped.wait(_EVERY_S):
            try:
                read = self._engine().api.stats(self._container, stream=False, one_shot=True)
            except (DockerException, RequestException, HTTPError, OSError, ValueError):
                continue
            self._tell(read.get("memory_stats") or {})

    def _tell(self, read: dict[str, Any]) -> None:
        used, limit = memory(read)
        if used and not self._stopped.is_set():
            self._progress.part(_NAME, used, limit, note=f"{used >> 20:,} of {limit >> 20:,} MB")


def memory(read: dict[str, Any]) -> tuple[int, int]:
    """Bytes in use and allowed, from an answer's ``memory_stats``.

    Files that the kernel only keeps at hand do not count, as in `docker stats` (its documentation: cgroup v1
    subtracts ``total_inactive_file``, v2 ``inactive_file``).
    """
    details = read.get("stats") or {}
    at_hand = details.get("total_inactive_file", details.get("inactive_file", 0))
    return max(0, int(read.get("usage") or 0) - int(at_hand)), int(read.get("limit") or 0)
