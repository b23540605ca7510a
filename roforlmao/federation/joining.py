"""Testing a cluster before it becomes the registry: every endpoint, then what lies in the namespace."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from roforlmao.errors import (
    BadInput,
    Refused,
    RegistryError,
    Remedy,
    Unavailable,
    Unreachable,
)
from roforlmao.federation import clocks
from roforlmao.federation.greeting import Greeting, greet
from roforlmao.names import is_name
from roforlmao.progress import Progress
from roforlmao.registry import etcd_look
from roforlmao.registry.base import Member
from roforlmao.registry.etcd import EtcdRegistry
from roforlmao.schema import EtcdConfig
from roforlmao.text import counted


@dataclass(frozen=True)
class Probe:
    """One endpoint as it was found; times in seconds, ``clock_ahead_s`` is ours against theirs."""

    endpoint: str
    ok: bool
    cluster: str = ""
    version: str = ""
    latency_s: float | None = None
    clock_ahead_s: float | None = None
    reason: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Found:
    """A cluster that can be joined: its endpoints, its servers, and the operators that are there."""

    cluster: str
    endpoints: tuple[Probe, ...]
    servers: tuple[Member, ...]
    operators: tuple[str, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the operator should mend, though it can be joined."""
        silent = [f"{one.reason} {one.hint}" for one in self.endpoints if not one.ok]
        ahead = {one.endpoint: one.clock_ahead_s for one in self.endpoints if one.clock_ahead_s is not None}
        here = clocks.wrong_here(ahead)
        ours = f"{here} Set it (timedatectl set-ntp true): dates name your snapshots." if here else ""
        return (*silent, *filter(None, (ours, clocks.wrong_there(ahead))))


def probe(endpoint: str, config: EtcdConfig, base: Path) -> Probe:
    """Errors: BadInput for what waiting does not mend; what is only silent is told in the probe."""
    try:
        greeting = greet(endpoint, config, base)
        standing = etcd_look.standing(endpoint, config, base)
    except (Unreachable, RegistryError) as error:
        return Probe(endpoint, False, reason=error.message, hint=error.hint)
    version = greeting.version or standing.version
    if not version.startswith("3."):
        raise BadInput(f"{endpoint} is etcd {version}.", "A federation needs etcd 3.")
    found = _answered(endpoint, standing.cluster, version, greeting)
    if not standing.has_leader:
        why = f"{endpoint} has lost the cluster's majority."
        return dataclasses.replace(found, ok=False, reason=why, hint="Wait until more members are back.")
    return found


def _answered(endpoint: str, cluster: str, version: str, greeting: Greeting) -> Probe:
    ahead = None if greeting.ahead_s is None else round(greeting.ahead_s)
    return Probe(endpoint, True, cluster, version, round(greeting.latency_s, 4), ahead)


def test(config: EtcdConfig, base: Path, namespace: str, progress: Progress, *, occupied: bool) -> Found:
    """Tries all endpoints, one by one. ``occupied``: the namespace may hold what is no launcher's.

    Errors: BadInput for an endpoint that is none, or of another cluster; Unavailable where none
    answers; Refused, with its remedy, for a namespace in use by something else; Denied.
    """
    probes = []
    for endpoint in dict.fromkeys(config.endpoints):
        progress.checkpoint()
        progress.start(f"Asking {endpoint}")
        probes.append(probe(endpoint, config, base))
    cluster = _one_cluster(probes)
    answering = dataclasses.replace(config, endpoints=tuple(one.endpoint for one in probes if one.ok))
    foreign = etcd_look.foreign_keys(answering, base, namespace)
    if foreign and not occupied:
        raise Refused(
            f"Below {namespace} lie {counted(foreign, 'key')} of something else than a federation.",
            "Choose another --namespace.",
            remedy=Remedy("occupied", True, "Join there all the same?"),
        )
    servers = etcd_look.servers(answering, base)
    return Found(cluster, tuple(probes), servers, operators(answering, base, namespace))


def operators(config: EtcdConfig, base: Path, namespace: str) -> tuple[str, ...]:
    """Who is there at the moment, by name. Errors: Unavailable, Denied."""
    registry = EtcdRegistry(config, base)
    prefix = f"{namespace}members/"
    try:
        names = [key.removeprefix(prefix) for key in registry.keys(prefix)]
    finally:
        registry.close()
    return tuple(name for name in names if is_name(name))


def _one_cluster(probes: Iterable[Probe]) -> str:
    good = [one for one in probes if one.ok]
    if not good:
        told = [one.reason for one in probes]
        hint = next((one.hint for one in probes), "")
        raise Unavailable(f"No endpoint can be used; nothing was changed. {' '.join(told[:3])}", hint)
    first = good[0]
    other = next((one for one in good if one.cluster != first.cluster), None)
    if other is not None:
        raise BadInput(
            f"{other.endpoint} belongs to another cluster ({other.cluster}) than {first.endpoint} "
            f"({first.cluster}).",
            "Name the endpoints of one cluster.",
        )
    return first.cluster
