"""A cluster whose reads go on while it is away: they answer with what was last known, and say so.

Only inside ``recalling``; everything else gets the truth or ``Unavailable``. Whatever is written, locked
or watched goes to the cluster itself.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final, TypeVar

from roforlmao.errors import Denied, StorageFailed, Unavailable
from roforlmao.registry import cache, cache_read
from roforlmao.registry.base import (
    Compare,
    Delete,
    Expect,
    Health,
    Listing,
    Lock,
    Member,
    Position,
    Put,
    Record,
    Registry,
    Session,
    Watch,
)
from roforlmao.registry.cache_file import CacheFile
from roforlmao.registry.cache_read import Read
from roforlmao.registry.etcd import EtcdRegistry
from roforlmao.registry.recall import recall

_AWAY_S: Final = 15.0
"""So long after it was found away the registry is not waited for again, unless it is found back."""

T = TypeVar("T")


class Remembered(Registry):
    """Reads of ``registry`` that are kept in ``file``; ``learn`` reads all below the ``prefixes``.

    Safe to use from several threads.
    """

    def __init__(self, registry: EtcdRegistry, file: CacheFile, prefixes: Sequence[str] = ()) -> None:
        self._registry = registry
        self._file = file
        self._prefixes = prefixes
        self._reading: dict[str, threading.Lock] = {}
        self._away: tuple[float, Unavailable] | None = None

    def get(self, key: str) -> Record | None:
        return self._answer(key, lambda: self._registry.get(key), cache_read.record(key))

    def list(self, prefix: str, page: int = 5000) -> Listing:
        read = cache_read.records(prefix)
        return self._answer(
            prefix, lambda: self._current(prefix, read, lambda: self._registry.list(prefix, page)), read
        )

    def keys(self, prefix: str) -> Sequence[str]:
        read = cache_read.keys(prefix)
        return self._answer(
            prefix, lambda: self._current(prefix, read, lambda: self._registry.keys(prefix)), read
        )

    def learn(self) -> None:
        """Reads what may be wanted once the registry is away. Errors: those of the registry."""
        for prefix in self._prefixes:
            with suppress(Denied):  # what one may not read one would not be shown later either
                self._current(prefix, cache_read.nothing, lambda: None)

    def health(self) -> Health:
        """The registry's; finds out whether it is away, or back."""
        found = self._registry.health()
        if not found.away:
            self._away = None
            return found
        self._note(Unavailable(found.detail, found.hint))
        with suppress(StorageFailed):
            return replace(found, known_at=cache.last_heard(self._file))
        return found

    def position(self, prefix: str) -> Position:
        return self._registry.position(prefix)

    def put(self, key: str, value: bytes, expect: Expect = None, lease: int = 0) -> int:
        return self._registry.put(key, value, expect, lease)

    def delete(self, key: str, expect: Expect = None) -> bool:
        return self._registry.delete(key, expect)

    def transaction(self, compares: Sequence[Compare], operations: Sequence[Put | Delete]) -> int:
        return self._registry.transaction(compares, operations)

    def watch(self, prefix: str, from_revision: int | None = None) -> Watch:
        return self._registry.watch(prefix, from_revision)

    def session(self, ttl: float, on_lost: Callable[[], None] | None = None) -> Session:
        return self._registry.session(ttl, on_lost)

    def lock(self, name: str, session: Session, timeout: float = 5.0) -> Lock:
        return self._registry.lock(name, session, timeout)

    def members(self) -> Sequence[Member]:
        return self._registry.members()

    def close(self) -> None:
        """The cluster's connections stay: whoever opened them closes them."""

    def _current(self, prefix: str, read: Read[T], direct: Callable[[], T]) -> T:
        """As of now; past the file where that cannot be used."""
        try:
            # neither a first load nor the wait for a dead cluster is done twice
            with self._reading.setdefault(prefix, threading.Lock()):
                away = self._found_away()
                if away is not None:
                    raise away
                return cache.current(self._file, self._registry, prefix, read)
        except StorageFailed:
            return direct()

    def _answer(self, place: str, fresh: Callable[[], T], read: Read[T]) -> T:
        away = self._found_away()
        if away is None:
            try:
                answer = fresh()
            except Unavailable as error:
                self._note(error)
                away = error
            else:
                self._away = None
                return answer
        return self._last_known(place, read, away)

    def _last_known(self, place: str, read: Read[T], away: Unavailable) -> T:
        """Errors: ``away`` where nothing is known, or memory is not asked."""
        known, recalled = None, recall()
        if recalled is not None:
            with suppress(StorageFailed):
                known = cache.last_known(self._file, place, read)
        if known is None or recalled is None:
            raise Unavailable(away.message, away.hint) from away
        found, seen = known
        recalled.note(seen)
        return found

    def _note(self, error: Unavailable) -> None:
        self._away = (time.monotonic(), error)

    def _found_away(self) -> Unavailable | None:
        """Why, if that was lately, and memory may answer; whoever needs the truth asks for it each time."""
        away = self._away
        lately = away is not None and time.monotonic() - away[0] < _AWAY_S
        return away[1] if away is not None and lately and recall() is not None else None
