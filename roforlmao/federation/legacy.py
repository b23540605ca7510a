"""Entries of old federations in today's form: key layouts, and the dialects that values were written in.

Keys end in ``tools/NAME``, ``data/NAME`` or ``HUB/DATE/OPERATOR`` (below ``hubs/`` or not). Values are
a bare URL, JSON, or a Python dictionary as ``str(dict)`` writes it. Nothing is evaluated but literals, and
every entry passes the checks of any stranger's entry.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from roforlmao.errors import BadInput
from roforlmao.models import Announcement, Dataset, Tool
from roforlmao.names import check_date
from roforlmao.registry.entries import Rules, announcement_of, dataset_of, encode, tool_of
from roforlmao.registry.values import kind_of, read_object
from roforlmao.text import one_line

_LONGEST: Final = 20_000  # characters of a Python dictionary
_DEEPEST: Final = 5  # brackets
_URLS: Final = ("url", "repo", "data_repo", "git", "remote")
_OWNER: Final = ("registered_by", "registered_at")


@dataclass(frozen=True)
class Converted:
    """An entry below the namespace, as bytes to write."""

    key: str
    value: bytes


def convert(key: str, value: str, source: str, *, allow_local: bool) -> Converted:
    """The entry of today; ``source`` is noted in it. Errors: BadInput, which says what is wrong.

    It is nobody's: what a v2 tree claims about its owner is not proven.
    """
    parts = [part for part in key.split("/") if part]
    rules = Rules("", allow_local)
    if len(parts) >= 3 and _is_date(parts[-2]):
        hub, date, operator = parts[-3:]
        announced = announcement_of((hub, date, operator), _with_url(_fields(value, "url")), rules)
        place = f"hubs/{announced.hub}/{announced.date}/{announced.operator}"
        return Converted(place, _encoded(announced, source))
    if len(parts) >= 2 and parts[-2] == "tools":
        return Converted(
            f"tools/{parts[-1]}", _encoded(tool_of(parts[-1], _fields(value, "code_repo"), rules), source)
        )
    if len(parts) >= 2 and parts[-2] == "data":
        fields = _with_url(_fields(value, "url"))
        return Converted(f"data/{parts[-1]}", _encoded(dataset_of(parts[-1], fields, rules), source))
    raise BadInput("Its key ends neither in tools/NAME, data/NAME nor HUB/DATE/OPERATOR.")


def same(old: bytes, new: bytes) -> bool:
    """Whether an entry that is there says the same, whoever registered it and wherever it came from."""
    return _said(old) == _said(new)


def _said(value: bytes) -> Mapping[str, Any] | None:
    try:
        found = read_object(value, "url")
    except BadInput:
        return None
    return {name: text for name, text in found.items() if text and name not in (*_OWNER, "imported_from")}


def _encoded(model: Tool | Dataset | Announcement, source: str) -> bytes:
    fields = json.loads(encode(model))
    return json.dumps({**fields, "imported_from": source}, ensure_ascii=True).encode()


def _is_date(text: str) -> bool:
    try:
        check_date(text)
    except BadInput:
        return False
    return True


def _with_url(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Old entries call the repository by several names."""
    found = next((fields[name] for name in _URLS if fields.get(name)), "")
    return {**{name: value for name, value in fields.items() if name not in _URLS}, "url": found}


def _fields(value: str, bare: str) -> dict[str, Any]:
    text = value.strip()
    try:
        found = read_object(text.encode(), bare)
    except BadInput:
        if not text.startswith("{"):
            raise
        found = _literal(text)
    # Every field is text: an old entry that is not is no entry that anybody wrote.
    return {name: one for name, one in found.items() if name not in _OWNER and one not in (None, "")}


def _literal(text: str) -> dict[str, Any]:
    """A dictionary of Python literals; names, calls and operators are refused. Errors: BadInput."""
    if len(text) > _LONGEST or _brackets(text) > _DEEPEST:
        raise BadInput("It is a Python dictionary that is too large or too deep.")
    try:
        found = ast.literal_eval(text)
        json.dumps(found)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise BadInput(f"It is neither JSON nor a Python dictionary: '{one_line(text, 40)}'.") from error
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise BadInput(f"It is {kind_of(found)}, not a dictionary by names.")
    return found


def _brackets(text: str) -> int:
    """How deep they nest at most; those within texts count as well."""
    depth = deepest = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    return deepest
