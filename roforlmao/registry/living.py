"""Sessions and watches that somebody still holds."""

from __future__ import annotations

import weakref
from typing import TypeVar

T = TypeVar("T")


def living(kept: weakref.WeakValueDictionary[int, T]) -> list[T]:
    """The values that are still there; other threads may add some meanwhile."""
    return [value for reference in kept.valuerefs() if (value := reference()) is not None]
