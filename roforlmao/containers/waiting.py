"""Waits for the end of a container, in a thread of its own, so that the caller can be stopped."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from roforlmao.containers.engine import Engine


class Waiting:
    """``lost`` says that the engine went away: then the container may run on."""

    def __init__(self, engine: Engine, container: str) -> None:
        self.lost = False
        self._engine = engine
        self._container = container
        self._done = threading.Event()
        threading.Thread(target=self._wait, name="container-end", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Waits for an answer that long, and says whether there is one."""
        return self._done.wait(seconds)

    def _wait(self) -> None:
        from docker.errors import DockerException
        from requests.exceptions import RequestException
        from urllib3.exceptions import HTTPError

        try:
            self._engine.api.wait(self._container)
        except (DockerException, RequestException, HTTPError, OSError, ValueError):
            self.lost = True  # ValueError: the engine ended in the middle of its JSON
        finally:
            self._done.set()
