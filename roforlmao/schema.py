"""Every configuration key: what it may hold, and the typed form that the program uses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from roforlmao import limits
from roforlmao.limits import ContainerLimits
from roforlmao.rules import DURATION, PATH, Rule, as_name, as_text, one_of, optional, whole
from roforlmao.targets import TARGETS, Target

SyncPolicy = Literal["ask", "auto", "never"]
SpikeMethod = Literal["default", "classic"]


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
    """The configuration in force; ``operator`` is None until the wizard or ``init`` set it.

    ``values`` holds what may be shown, by dotted key.
    """

    operator: str | None
    timezone: str | None
    allow_local_repositories: bool
    work: Path
    imports: Path
    backend: Literal["sqlite", "etcd"]
    namespace: str
    member_lease_s: float
    sqlite_path: Path
    etcd: EtcdConfig
    containers: ContainerLimits
    sync_manual: SyncPolicy
    sync_scheduled: SyncPolicy
    sync_datasets: Mapping[str, SyncPolicy]
    spike_method: SpikeMethod
    compare_file_mb: int
    compare_line_mb: int
    keep_runs: int
    keep_days: int
    keep_log_mb: int
    min_free_mb: int
    workers: int
    catch_up: Literal["run-once", "skip", "ask"]
    grace_s: float | None
    poll_s: float
    duty_lease_s: float
    notify: tuple[Target, ...]
    sign_key: Path | None
    values: Mapping[str, Any]


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
    return {as_name(key): _POLICY.check(policy) for key, policy in value.items()}


_POLICY = one_of("ask", "auto", "never")

SCHEMA: Mapping[str, Rule] = {
    "operator": optional(Rule(as_name, "a name of letters, digits, '.', '_' and '-', up to 100")),
    "timezone": optional(Rule(_timezone, "a time zone such as Europe/Zurich")),
    "allow_local_repositories": Rule(_boolean, "true or false"),
    "paths.work": PATH,
    "paths.imports": PATH,
    "registry.backend": one_of("sqlite", "etcd"),
    "registry.namespace": Rule(_namespace, "a path that begins and ends with '/', such as /mao/"),
    "registry.member_lease": DURATION,
    "registry.sqlite.path": PATH,
    "registry.etcd.endpoints": Rule(_endpoints, 'a list of "host:port", with nothing before or behind it'),
    "registry.etcd.username": optional(Rule(as_text, "a user name")),
    "registry.etcd.password_file": optional(PATH),
    "registry.etcd.ca": optional(PATH),
    "registry.etcd.cert": optional(PATH),
    "registry.etcd.key": optional(PATH),
    **limits.RULES,
    "sync.manual": _POLICY,
    "sync.scheduled": _POLICY,
    "sync.datasets": Rule(_policies, "tool names, each with ask, auto or never"),
    "spike.method": one_of("default", "classic"),
    "compare.max_file_mb": whole(1, 1_000_000),
    "compare.max_line_mb": whole(1, 1_000),
    "schedule.workers": whole(1, 64),
    "schedule.catch_up": one_of("run-once", "skip", "ask"),
    "schedule.grace": optional(DURATION),
    "schedule.keep_runs": whole(1, 1_000_000),
    "schedule.keep_days": whole(1, 36_500),
    "schedule.keep_log_mb": whole(1, 1_000_000),
    "schedule.min_free_mb": whole(0, 1_000_000),
    "schedule.poll": DURATION,
    "schedule.duty_lease": DURATION,
    "notify": TARGETS,
    "sign.key": optional(PATH),
}


def rule_of(key: str) -> Rule | None:
    """The rule of a dotted key, or None where there is no such key."""
    return SCHEMA.get(key) or limits.rule_of(key)


def holds_more(key: str) -> bool:
    """Whether a mapping there holds keys of its own, rather than being a value."""
    return key not in SCHEMA and any(known.startswith(key + ".") for known in SCHEMA)


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
        member_lease_s=values["registry.member_lease"],
        sqlite_path=values["registry.sqlite.path"],
        etcd=EtcdConfig(**etcd),
        containers=limits.build(values),
        sync_manual=values["sync.manual"],
        sync_scheduled=values["sync.scheduled"],
        sync_datasets=values["sync.datasets"],
        spike_method=values["spike.method"],
        compare_file_mb=values["compare.max_file_mb"],
        compare_line_mb=values["compare.max_line_mb"],
        keep_runs=values["schedule.keep_runs"],
        keep_days=values["schedule.keep_days"],
        keep_log_mb=values["schedule.keep_log_mb"],
        min_free_mb=values["schedule.min_free_mb"],
        workers=values["schedule.workers"],
        catch_up=values["schedule.catch_up"],
        grace_s=values["schedule.grace"],
        poll_s=values["schedule.poll"],
        duty_lease_s=values["schedule.duty_lease"],
        notify=values["notify"],
        sign_key=values["sign.key"],
        values={**values, "notify": [target.shown for target in values["notify"]]},
    )
