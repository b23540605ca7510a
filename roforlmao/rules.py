"""What a configuration value may be: checks that return the value to use, each with what it allows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roforlmao.errors import BadInput
from roforlmao.names import check_name

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_BYTES = {"b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


@dataclass(frozen=True)
class Rule:
    """``check`` returns the value to use or raises ValueError; ``allowed`` says what it takes.

    A value that may be ``secret`` is not shown in an error.
    """

    check: Callable[[Any], Any]
    allowed: str
    secret: bool = False


def parse_duration(value: Any) -> float:
    """Seconds from ``90``, ``90s``, ``15m``, ``6h`` or ``2d``. Errors: ValueError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd]?)", str(value).strip())
    if not match or isinstance(value, bool) or float(match[1]) <= 0:
        raise ValueError(value)
    return float(match[1]) * _UNITS[match[2] or "s"]


def parse_size(text: str) -> int:
    """Bytes from ``512m`` or ``2g``, as Docker counts: k is 1,024. Errors: ValueError."""
    match = re.fullmatch(r"([1-9]\d{0,11})([bkmg])", text)
    if not match:
        raise ValueError(text)
    return int(match[1]) * _BYTES[match[2]]


def one_of(*allowed: str) -> Rule:
    def check(value: Any) -> str:
        # YAML 1.1 reads a bare `never` as text but `no` and `off` as false; only text is taken.
        if value not in allowed or not isinstance(value, str):
            raise ValueError(value)
        return value

    return Rule(check, ", ".join(allowed[:-1]) + " or " + allowed[-1])


def optional(rule: Rule) -> Rule:
    return Rule(lambda value: None if value is None else rule.check(value), rule.allowed + ", or null")


def whole(low: int, high: int) -> Rule:
    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(value)
        return value

    return Rule(check, f"a whole number from {low} to {high}")


def as_name(value: Any) -> str:
    try:
        return check_name(value if isinstance(value, str) else "")
    except BadInput as error:
        raise ValueError(value) from error


def as_text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError(value)
    return value


def as_path(value: Any) -> Path:
    return Path(as_text(value)).expanduser()


DURATION = Rule(parse_duration, "a duration such as 90s, 15m, 6h or 2d")
PATH = Rule(as_path, "a path")
