"""The raw value of a registry key as JSON fields; nothing in it is evaluated."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, NoReturn

from roforlmao.errors import BadInput
from roforlmao.names import check_url
from roforlmao.registry.base import MAX_VALUE
from roforlmao.text import counted, one_line

Fields = dict[str, Any]

# Whoever shows or writes the unknown fields walks down into them.
_DEEPEST: Final = 30
_PYTHON_DICTIONARY = re.compile(r"\{\s*[ub]?'")


def read_object(value: bytes, bare: str) -> Fields:
    """The JSON object in the value; a bare URL stands for its field ``bare``. Errors: BadInput."""
    if len(value) > MAX_VALUE:
        raise BadInput(f"The value has {counted(len(value), 'byte')}, over the limit of {MAX_VALUE:,}.")
    try:
        text = value.decode("utf-8").strip("\ufeff \t\r\n")
    except UnicodeDecodeError:
        raise BadInput("The value is not UTF-8 text.") from None
    if not text:
        raise BadInput("The value is empty.")
    found = _json(text)
    if isinstance(found, str):
        return {bare: found}
    if _may_be_deep(text) and _is_deep(found):
        raise BadInput(f"The value is nested more than {_DEEPEST} levels deep.")
    if not isinstance(found, dict):
        raise BadInput(f"The value is {kind_of(found)}, not a JSON object.")
    return found


def _json(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        if _is_url(text):
            return text
    if _PYTHON_DICTIONARY.match(text):
        raise BadInput(
            "The value is a Python dictionary in single quotes; 'federation import-legacy' reads those."
        )
    raise BadInput(f"The value is neither JSON nor a URL: '{one_line(text, 40)}'.")


def _may_be_deep(text: str) -> bool:
    """Counting is cheap, and enough for nearly all of 100,000 announcements."""
    return text.count("{") + text.count("[") > _DEEPEST


def _is_deep(found: Any) -> bool:
    level = [found]
    for _ in range(_DEEPEST):
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return False
    return any(isinstance(item, dict | list) for item in level)


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _is_url(text: str) -> bool:
    try:
        check_url(text, local=True)
    except BadInput:
        return False
    return True


_DECODER: Final = json.JSONDecoder(parse_constant=_no_number, parse_float=_finite)


def kind_of(found: Any) -> str:
    """What JSON calls it, with its article."""
    names = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "an array"}
    return "an object" if isinstance(found, dict) else names.get(type(found), "null")
