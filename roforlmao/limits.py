"""What containers may take: limits, network, user and secrets, with the exceptions of single tools."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from roforlmao.errors import ConfigurationError
from roforlmao.rules import DURATION, PATH, Rule, as_name, one_of, parse_size, whole

_PREFIX = "containers.tools."
_VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*"
_LEAF = re.compile(
    rf"containers\.tools\.(?P<tool>.+?)\.(?P<key>\w+|secrets\.(?P<secret>{_VARIABLE})\.(?P<part>\w+))"
)
_SMALLEST_MEMORY = 6 << 20  # bytes; Docker refuses less


@dataclass(frozen=True)
class Secret:
    """Where a secret's value is found: a variable of the launcher's environment, or a file.

    The tool gets it as a variable of its name or, with ``as_file``, as a file whose path is in the variable
    ``NAME_FILE``: that one does not show in `docker inspect` either.
    """

    env: str = ""
    file: Path | None = None
    as_file: bool = False


@dataclass(frozen=True)
class Limits:
    """Of one tool's containers; ``memory`` in bytes, ``timeout_s`` in seconds.

    ``as_root`` is for an image that insists on root: it is root inside, and its files become the
    operator's afterwards.
    """

    memory: int
    cpus: float
    pids: int
    network: str
    timeout_s: float
    as_root: bool = False
    secrets: Mapping[str, Secret] = field(default_factory=dict)


@dataclass(frozen=True)
class ContainerLimits:
    """The limits of every tool: the default ones, and those that have exceptions."""

    default: Limits
    tools: Mapping[str, Limits] = field(default_factory=dict)

    def of(self, tool: str) -> Limits:
        return self.tools.get(tool, self.default)

    @property
    def longest_s(self) -> float:
        """The longest time limit of any tool, in seconds."""
        return max(limits.timeout_s for limits in (self.default, *self.tools.values()))


def _cpus(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1024:
        raise ValueError(value)
    return float(value)


def _memory(value: Any) -> str:
    if not isinstance(value, str) or parse_size(value) < _SMALLEST_MEMORY:
        raise ValueError(value)
    return value


def _network(value: Any) -> str:
    if value == "host":
        raise ValueError(value)
    return as_name(value)


def _variable(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(_VARIABLE, value):
        raise ValueError(value)
    return value


def _nothing(value: Any) -> Mapping[str, Any]:
    if value not in ({}, None):
        raise ValueError(value)
    return {}


_MEMORY = Rule(_memory, "a size such as 512m or 2g, at least 6m")
_CPUS = Rule(_cpus, "a number of processors such as 1.5")
_PIDS = whole(1, 4_000_000)

RULES: Mapping[str, Rule] = {
    "containers.memory": _MEMORY,
    "containers.cpus": _CPUS,
    "containers.pids": _PIDS,
    "containers.network": Rule(_network, "bridge, none or a network's name; host only for single tools"),
    "containers.timeout": DURATION,
    "containers.tools": Rule(_nothing, "tool names, each with its exceptions"),
}

_EXCEPTIONS: Mapping[str, Rule] = {
    "memory": _MEMORY,
    "cpus": _CPUS,
    "pids": _PIDS,
    "network": Rule(as_name, "bridge, none, host or the name of a network"),
    "timeout": DURATION,
    "user": one_of("operator", "root"),
}
_SECRET: Mapping[str, Rule] = {
    "env": Rule(_variable, "the name of a variable in your environment"),
    "file": PATH,
    "as": one_of("variable", "file"),
}
EXAMPLES = (*(f"{_PREFIX}NAME.{key}" for key in (*_EXCEPTIONS, "secrets")),)


def rule_of(key: str) -> Rule | None:
    """The rule of a key below ``containers.tools``, or None where there is none."""
    match = _LEAF.fullmatch(key)
    if match is None or not _is_name(match["tool"]):
        return None
    return _SECRET.get(match["part"]) if match["secret"] else _EXCEPTIONS.get(match["key"])


def holds_exceptions(key: str) -> bool:
    """Whether a mapping there holds tools' names, or what is excepted for one of them."""
    return f"{key}.".startswith(_PREFIX)


def build(values: Mapping[str, Any]) -> ContainerLimits:
    """From checked values. Errors: ConfigurationError for a secret with no source, or with two."""
    default = Limits(
        parse_size(values["containers.memory"]),
        values["containers.cpus"],
        values["containers.pids"],
        values["containers.network"],
        values["containers.timeout"],
    )
    exceptions: dict[str, dict[str, Any]] = {}
    for key, value in values.items():
        match = _LEAF.fullmatch(key)
        if match is None:
            continue
        of_tool = exceptions.setdefault(match["tool"], {})
        if match["secret"]:
            of_tool.setdefault("secrets", {}).setdefault(match["secret"], {})[match["part"]] = value
        else:
            of_tool[match["key"]] = value
    return ContainerLimits(
        default, {tool: _exception(default, tool, own) for tool, own in exceptions.items()}
    )


def _exception(default: Limits, tool: str, own: Mapping[str, Any]) -> Limits:
    secrets = {each: _secret(tool, each, source) for each, source in own.get("secrets", {}).items()}
    return replace(
        default,
        memory=parse_size(own["memory"]) if "memory" in own else default.memory,
        cpus=own.get("cpus", default.cpus),
        pids=own.get("pids", default.pids),
        network=own.get("network", default.network),
        timeout_s=own.get("timeout", default.timeout_s),
        as_root=own.get("user") == "root",
        secrets=secrets,
    )


def _secret(tool: str, secret: str, source: Mapping[str, Any]) -> Secret:
    if ("env" in source) == ("file" in source):
        raise ConfigurationError(
            f"{_PREFIX}{tool}.secrets.{secret} must say where its value is.",
            "Either env: VARIABLE or file: PATH.",
        )
    return Secret(source.get("env", ""), source.get("file"), source.get("as") == "file")


def _is_name(text: str) -> bool:
    try:
        return bool(as_name(text))
    except ValueError:
        return False
