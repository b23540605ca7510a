"""The fields of a registry value, each of the type that it must have; foreign ones are refused in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

from roforlmao.errors import BadInput
from roforlmao.names import check_name
from roforlmao.registry.signatures import FIELD
from roforlmao.registry.values import Fields, kind_of
from roforlmao.text import one_line

_MOST_LISTED: Final = 2000

T = TypeVar("T")


def text_of(fields: Mapping[str, Any], name: str) -> str:
    """Free text, kept verbatim; null counts as missing. Errors: BadInput, here and below."""
    found = fields.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise BadInput(f"Its '{name}' is {kind_of(found)}, not text.")
    return found


def texts_of(fields: Mapping[str, Any], name: str) -> list[str]:
    """A list of texts, kept verbatim, at most 2,000; empty where it is missing."""
    found = fields.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or len(found) > _MOST_LISTED:
        raise BadInput(f"Its '{name}' is {kind_of(found)}, not a short list of texts.")
    if not all(isinstance(one, str) for one in found):
        raise BadInput(f"Its '{name}' holds something that is not text.")
    return found


def count_of(fields: Mapping[str, Any], name: str) -> int | None:
    """A whole number of at least 0, or None where it is missing."""
    found = fields.get(name)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        raise BadInput(f"Its '{one_line(name, 40)}' is not a count.")
    return found


def number_of(fields: Mapping[str, Any], name: str) -> float | None:
    """A finite number, or None where it is missing."""
    found = fields.get(name)
    if found is None:
        return None
    try:
        is_number = isinstance(found, int | float) and not isinstance(found, bool)
        number = float(found) if is_number else math.nan
    except OverflowError:  # JSON's integers have no end
        number = math.nan
    if not math.isfinite(number):
        raise BadInput(f"Its '{one_line(name, 40)}' is {kind_of(found)}, not a finite number.")
    return number


def word_of(fields: Mapping[str, Any], name: str, allowed: Iterable[T], what: str) -> T:
    """One of a few words; ``what`` says what they stand for."""
    said = fields.get(name)
    for one in allowed:
        if one == said:
            return one
    raise BadInput(f"'{one_line(str(said), 40)}' is not {what}.")


def object_of(found: Any, what: str) -> Fields:
    """A value that has to be an object; ``what`` begins the sentence."""
    if not isinstance(found, dict):
        raise BadInput(f"{what} is {kind_of(found)}, not an object.")
    return found


def operator_name(name: str) -> str:
    """The name of an operator, checked."""
    return check_name(name, "name of an operator")


def rest_of(fields: Mapping[str, Any], known: tuple[str, ...]) -> Fields:
    """What a rewrite has to keep: the fields of other launchers; a signature holds for what was there."""
    return {name: value for name, value in fields.items() if name not in (*known, FIELD)}
