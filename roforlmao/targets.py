"""Where notifications go beside this screen: the configuration's list of addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from roforlmao.rules import Rule, as_path, as_text

_SOURCES = ("url", "url_env", "url_file")
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+-]{1,30})://\S+")


@dataclass(frozen=True)
class Target:
    """One address: given as it is, by a variable of the environment, or on a file's first line.

    An address often holds a token, so that none is ever shown: ``label`` names it. ``kinds`` are the
    kinds of notifications that it wants, all where it is empty.
    """

    label: str
    url: str = field(default="", repr=False)
    env: str = ""
    file: Path | None = None
    kinds: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        return f"{self.label}: {', '.join(self.kinds) or 'all'}"


def _targets(value: Any) -> tuple[Target, ...]:
    if not isinstance(value, list):
        raise ValueError(value)
    found = tuple(_target(item) for item in value)
    if len({target.label for target in found}) < len(found):
        raise ValueError(value)
    return found


def _target(item: Any) -> Target:
    given: Mapping[str, Any] = {"url": item} if isinstance(item, str) else item
    if not isinstance(given, Mapping) or set(given) - {*_SOURCES, "kinds", "name"}:
        raise ValueError(item)
    if sum(source in given for source in _SOURCES) != 1:
        raise ValueError(item)
    kinds = _kinds(given.get("kinds", []))
    if "url_env" in given:
        env = as_text(given["url_env"])
        return Target(as_text(given.get("name", f"${env}")), env=env, kinds=kinds)
    if "url_file" in given:
        file = as_path(given["url_file"])
        return Target(as_text(given.get("name", file.name)), file=file, kinds=kinds)
    url = check_address(as_text(given["url"]))
    return Target(as_text(given.get("name", url.partition(":")[0])), url=url, kinds=kinds)


def check_address(url: str) -> str:
    """``scheme://...`` without blanks; which schemes there are is the sender's to say. Errors: ValueError."""
    if not _ADDRESS.fullmatch(url):
        raise ValueError("an address")  # not its text: it may hold a token
    return url


def _kinds(value: Any) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ValueError(value)
    return tuple(as_text(kind) for kind in value)


TARGETS = Rule(
    _targets,
    "a list of addresses such as ntfy://host/topic, or {url_env: VARIABLE}, {url_file: PATH}, each with "
    "kinds: [...] and name: TEXT if you like; two of the same scheme need names",
    secret=True,
)
