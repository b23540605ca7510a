"""What every backend refuses before it asks its store."""

from __future__ import annotations

import math
from collections.abc import Sequence

from roforlmao.errors import BadInput, TooLarge
from roforlmao.registry.base import MAX_VALUE, Compare, Delete, Expect, Put
from roforlmao.text import counted, one_line

MAX_KEY = 1000
MAX_TTL = 86_400.0


def check_key(key: str) -> str:
    """The key itself: printable text of 1 to 1,000 characters. Errors: BadInput."""
    if not key:
        raise BadInput("A registry key is empty.", "Give it a name.")
    return check_prefix(key)


def check_prefix(prefix: str) -> str:
    """As ``check_key``, but it may be empty: everything. Errors: BadInput."""
    if len(prefix) > MAX_KEY:
        raise BadInput(
            f"The registry key '{one_line(prefix, 40)}' is {len(prefix):,} characters long.",
            f"At most {MAX_KEY:,}.",
        )
    if not prefix.isprintable():
        raise BadInput(
            f"The registry key '{one_line(prefix, 40)}' holds characters that cannot be printed.",
            "Use letters, digits and punctuation.",
        )
    return prefix


def check_value(key: str, value: bytes) -> bytes:
    """The value itself: at most 1,000,000 bytes. Errors: TooLarge."""
    if len(value) > MAX_VALUE:
        raise TooLarge(
            f"The value of '{one_line(key, 60)}' has {counted(len(value), 'byte')}; nothing was written.",
            f"The registry takes at most {MAX_VALUE:,} bytes; keep large things in a repository.",
        )
    return value


def check_ttl(ttl: float) -> float:
    """The seconds of a lease: more than 0, at most a day. Errors: BadInput."""
    if not (math.isfinite(ttl) and 0 < ttl <= MAX_TTL):
        raise BadInput(f"A session cannot live for {ttl} s.", f"More than 0 s, at most {MAX_TTL:,.0f} s.")
    return ttl


def compares_of(key: str, expect: Expect) -> tuple[Compare, ...]:
    """A guarded write's expectation as a transaction's compare."""
    return () if expect is None else (Compare(key, expect),)


def check_operations(compares: Sequence[Compare], operations: Sequence[Put | Delete]) -> None:
    """Errors: BadInput for a key that breaks its rule or is changed twice; TooLarge."""
    for compare in compares:
        check_key(compare.key)
    for operation in operations:
        check_key(operation.key)
        if isinstance(operation, Put):
            check_value(operation.key, operation.value)
    if len({operation.key for operation in operations}) < len(operations):
        raise BadInput("A transaction changes one key twice.", "Once is enough: the last one counts.")
