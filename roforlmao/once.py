"""Properties that are made when first used, and forgotten together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar, cast

T = TypeVar("T")


class Opening(Protocol):
    """What keeps them: ``opened`` by name, under the lock ``opening``."""

    opening: threading.RLock
    opened: dict[str, Any]


class Once(Generic[T]):
    """Made by one thread only (``cached_property`` has no lock)."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make

    def __get__(self, keeper: Opening, owner: type[Opening]) -> T:
        name = self._make.__name__
        with keeper.opening:
            if name not in keeper.opened:
                keeper.opened[name] = self._make(keeper)
            return cast("T", keeper.opened[name])
