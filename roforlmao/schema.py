"""Every configuration key: what it may hold, and the typed form that the program uses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from roforlmao.errors import BadInput
from roforlmao.names import check_name

SyncPolicy = Literal["ask", "auto", "never"]
SpikeMethod = Literal["default", "classic"]
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Rule:
    """``check`` returns the value to use or raises ValueError; ``allowed`` says what it takes."""

    check: Callable[[Any], Any]
    allowed: str


@dataclass(frozen=True)
class EtcdConfig:
    endpoints: tuple[str, ...]
    username: str | None
    password_file: Path | None
    ca: Path | None
    cert: Path | None
    key: Path | None


@dataclass(frozen=True)
class Config:
    """The configuration in force; ``operator`` is None until the wizard or ``init`` set it."""

    operator: str | None
    timezone: str | None
    allow_local_repositories: bool
    work: Path
    imports: Path
    backend: Literal["sqlite", "etcd"]
    namespace: str
    sqlite_path: Path
    etcd: EtcdConfig
    run_timeout_s: float
    sync_manual: SyncPolicy
    sync_scheduled: SyncPolicy
    sync_datasets: Mapping[str, SyncPolicy]
    spike_method: SpikeMethod
    keep_runs: int
    workers: int
    catch_up: Literal["run-once", "skip", "ask"]
    grace_s: float | None
    values: Mapping[str, Any]


def parse_duration(value: Any) -> float:
    """Seconds from ``90``, ``90s``, ``15m``, ``6h`` or ``2d``. Errors: ValueError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd]?)", str(value).strip())
    if not match or isinstance(value, bool) or float(match[1]) <= 0:
        raise ValueError(value)
    return float(match[1]) * _UNITS[match[2] or "s"]


def _one_of(*allowed: str) -> Rule:
    def check(value: Any) -> str:
        # YAML 1.1 reads a bare `never` as text but `no` and `off` as false; only text is taken.
        if value not in allowed or not isinstance(value, str):
            raise ValueError(value)
        return value

    return Rule(check, ", ".join(allowed[:-1]) + " or " + allowed[-1])


def _optional(rule: Rule) -> Rule:
    return Rule(lambda value: None if value is None else rule.check(value), rule.allowed + ", or null")


def _name(value: Any) -> str:
    try:
        return check_name(value if isinstance(value, str) else "")
    except BadInput as error:
        raise ValueError(value) from error


def _timezone(value: Any) -> str:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(value if isinstance(value, str) else "")
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(value) from error
    return str(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(value)
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError(value)
    return value


def _path(value: Any) -> Path:
    return Path(_text(value)).expanduser()


def _whole(low: int, high: int) -> Rule:
    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(value)
        return value

    return Rule(check, f"a whole number from {low} to {high}")


def _cpus(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1024:
        raise ValueError(value)
    return float(value)


def _memory(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[1-9]\d*[bkmg]", value):
        raise ValueError(value)
    return value


def _namespace(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"/(?:[A-Za-z0-9._-]+/)*", value):
        raise ValueError(value)
    return value


def _endpoints(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError(value)
    return tuple(check_endpoint(item) for item in value)


def check_endpoint(value: Any) -> str:
    """``host:port``. Errors: ValueError."""
    host, _, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    if not re.fullmatch(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\]", host) or not port.isdecimal():
        raise ValueError(value)
    if not 0 < int(port) < 65536:
        raise ValueError(value)
    return str(value)


def _policies(value: Any) -> Mapping[str, str]:
    if not isinstance(value, dict):
        raise ValueError(value)
    return {_name(key): _POLICY.check(policy) for key, policy in value.items()}


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(value)
    return {_name(key): item for key, item in value.items()}


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(value)
    return value


_POLICY = _one_of("ask", "auto", "never")
_DURATION = Rule(parse_duration, "a duration such as 90s, 15m, 6h or 2d")
_PATH = Rule(_path, "a path")

SCHEMA: Mapping[str, Rule] = {
    "operator": _optional(Rule(_name, "a name of letters, digits, '.', '_' and '-', up to 100")),
    "timezone": _optional(Rule(_timezone, "a time zone such as Europe/Zurich")),
    "allow_local_repositories": Rule(_boolean, "true or false"),
    "paths.work": _PATH,
    "paths.imports": _PATH,
    "registry.backend": _one_of("sqlite", "etcd"),
    "registry.namespace": Rule(_namespace, "a path that begins and ends with '/', such as /mao/"),
    "registry.sqlite.path": _PATH,
    "registry.etcd.endpoints": Rule(_endpoints, 'a list of "host:port"'),
    "registry.etcd.username": _optional(Rule(_text, "a user name")),
    "registry.etcd.password_file": _optional(_PATH),
    "registry.etcd.ca": _optional(_PATH),
    "registry.etcd.cert": _optional(_PATH),
    "registry.etcd.key": _optional(_PATH),
    "containers.memory": Rule(_memory, "a size such as 512m or 2g"),
    "containers.cpus": Rule(_cpus, "a number of processors such as 1.5"),
    "containers.pids": _whole(1, 4_000_000),
    "containers.network": Rule(_name, "bridge, none or the name of a network"),
    "containers.timeout": _DURATION,
    "containers.tools": Rule(_mapping, "tool names with their exceptions"),
    "sync.manual": _POLICY,
    "sync.scheduled": _POLICY,
    "sync.datasets": Rule(_policies, "tool names, each with ask, auto or never"),
    "spike.method": _one_of("default", "classic"),
    "schedule.workers": _whole(1, 64),
    "schedule.catch_up": _one_of("run-once", "skip", "ask"),
    "schedule.grace": _optional(_DURATION),
    "schedule.keep_runs": _whole(1, 1_000_000),
    "notify": Rule(_list, "a list"),
}


def build(values: Mapping[str, Any]) -> Config:
    """The typed configuration from checked values, one for every key of ``SCHEMA``."""
    etcd = {key: values[f"registry.etcd.{key}"] for key in EtcdConfig.__dataclass_fields__}
    return Config(
        operator=values["operator"],
        timezone=values["timezone"],
        allow_local_repositories=values["allow_local_repositories"],
        work=values["paths.work"],
        imports=values["paths.imports"],
        backend=values["registry.backend"],
        namespace=values["registry.namespace"],
        sqlite_path=values["registry.sqlite.path"],
        etcd=EtcdConfig(**etcd),
        run_timeout_s=values["containers.timeout"],
        sync_manual=values["sync.manual"],
        sync_scheduled=values["sync.scheduled"],
        sync_datasets=values["sync.datasets"],
        spike_method=values["spike.method"],
        keep_runs=values["schedule.keep_runs"],
        workers=values["schedule.workers"],
        catch_up=values["schedule.catch_up"],
        grace_s=values["schedule.grace"],
        values=values,
    )
