"""A lease kept alive by a thread, for any backend that can renew and revoke one."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from roforlmao.errors import LeaseLost, RegistryError
from roforlmao.registry.base import Session


class KeptSession(Session):
    """Renews every third of ``ttl`` seconds; ``renew`` raises LeaseLost where it is too late.

    ``alive`` trusts no answer but the clock: a process that was stopped for longer than
    ``ttl`` knows at once that its lease is over, before it has asked.
    """

    def __init__(
        self,
        lease: int,
        ttl: float,
        *,
        granted: float,
        renew: Callable[[], None],
        revoke: Callable[[], None],
        on_lost: Callable[[], None] | None,
    ) -> None:
        self.lease = lease
        self._ttl = ttl
        self._until = granted + ttl
        self._renew = renew
        self._revoke = revoke
        self._on_lost = on_lost
        self._process = os.getpid()
        self._ended = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name=f"lease-{lease:x}", daemon=True)
        self._keeper.start()

    @property
    def alive(self) -> bool:
        return not self._ended.is_set() and time.monotonic() < self._until

    def close(self) -> None:
        if self._ended.is_set() or self._process != os.getpid():  # a child does not own its parent's
            return
        self._ended.set()
        with suppress(RegistryError):  # it then ends by itself, within its time to live
            self._revoke()

    def _keep(self) -> None:
        pause = self._ttl / 3
        while not self._ended.wait(pause):
            asked = time.monotonic()
            try:
                self._renew()
                self._until, pause = asked + self._ttl, self._ttl / 3
            except LeaseLost:
                return self._lose()
            except RegistryError:
                if time.monotonic() >= self._until:
                    return self._lose()
                pause = self._ttl / 20
        return None

    def _lose(self) -> None:
        if self._ended.is_set():  # closed meanwhile: that is no loss
            return
        self._ended.set()
        if self._on_lost:
            self._on_lost()
