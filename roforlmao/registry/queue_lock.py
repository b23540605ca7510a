"""A lock for any backend: waiters queue as keys, each bound to its session; the oldest holds.

The recipe is that of etcd's concurrency package (https://etcd.io/docs/v3.4/dev-guide/api_concurrency_reference_v3/).
Its creation revision is the fence: what a holder writes under the lock carries it.
"""

from __future__ import annotations

import secrets
import time
from contextlib import suppress

from roforlmao.errors import Conflict, LeaseLost, RegistryError
from roforlmao.registry.base import ABSENT, Lock, Registry, Session
from roforlmao.registry.checks import check_key
from roforlmao.text import one_line


class QueueLock(Lock):
    """A held lock; made by ``acquire``."""

    def __init__(self, registry: Registry, key: str, fence: int) -> None:
        self._registry = registry
        self.key = key
        self.fence = fence

    def release(self) -> None:
        """Lets the next one have it; nothing happens if it was lost before."""
        with suppress(Conflict):
            self._registry.delete(self.key)


def acquire(registry: Registry, name: str, session: Session, timeout: float) -> QueueLock:
    """Waits at most ``timeout`` seconds. Errors: Conflict, LeaseLost, Unavailable."""
    deadline = time.monotonic() + timeout
    key = f"{check_key(name)}/{session.lease:016x}-{secrets.token_hex(4)}"
    try:
        fence = registry.put(key, b"", expect=ABSENT, lease=session.lease)
        if not _is_first(registry, name, key):
            _wait(registry, name, key, deadline)
    except BaseException:
        with suppress(RegistryError):  # it goes with the session at the latest
            registry.delete(key)
        raise
    return QueueLock(registry, key, fence)


def _wait(registry: Registry, name: str, key: str, deadline: float) -> None:
    with registry.watch(f"{name}/") as watch:
        while not _is_first(registry, name, key):
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise Conflict(
                    f"The lock '{one_line(name, 80)}' is held by another.",
                    "Wait until it is done; try again.",
                )
            watch.next_event(remaining)


def _is_first(registry: Registry, name: str, key: str) -> bool:
    queue = sorted(registry.list(f"{name}/").records, key=lambda record: record.create_revision)
    if key not in (record.key for record in queue):
        raise LeaseLost("The session expired while it waited for a lock.", "Begin a new one.")
    return queue[0].key == key
