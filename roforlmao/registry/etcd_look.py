"""A look at a cluster before one joins it; nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from roforlmao.registry.base import Member
from roforlmao.registry.etcd_call import Caller, Deadline, unary
from roforlmao.registry.etcd_link import Links
from roforlmao.registry.etcd_login import Login
from roforlmao.registry.etcd_members import members
from roforlmao.registry.etcd_read import span
from roforlmao.registry.etcd_secrets import Secrets
from roforlmao.registry.etcd_stubs import load
from roforlmao.schema import EtcdConfig
from roforlmao.text import one_line

OWN_ROOMS: Final = (
    "tools", "data", "hubs", "members", "experiments", "notifications", "audits", "votes", "locks", "notes",
    "duties", "fired", "outbox", "keys",
)  # fmt: skip
"""What a launcher keeps below the namespace."""
_LOOK_S: Final = 3.0


@dataclass(frozen=True)
class Standing:
    """A cluster as one endpoint tells it; ``cluster`` is its id in hexadecimal digits."""

    cluster: str
    version: str
    has_leader: bool


@contextmanager
def _calling(config: EtcdConfig, base: Path) -> Iterator[Caller]:
    secrets = Secrets(config, base)
    caller = Caller(Links(config.endpoints, secrets), Login(secrets))
    try:
        yield caller
    finally:
        caller.close()


def standing(endpoint: str, config: EtcdConfig, base: Path) -> Standing:
    """Asks that endpoint alone. Errors: Unavailable, Denied, ConfigurationError."""
    with _calling(replace(config, endpoints=(endpoint,)), base) as caller:
        request = load().messages.StatusRequest()
        status = caller.read(unary("maintenance", "Status", request), Deadline(_LOOK_S))
        cluster = f"{status.header.cluster_id:016x}"
        return Standing(cluster, one_line(status.version, 20), status.leader != 0)


def servers(config: EtcdConfig, base: Path) -> tuple[Member, ...]:
    """The cluster's own members. Errors: Unavailable, Denied."""
    with _calling(config, base) as caller:
        return tuple(members(caller))


def foreign_keys(config: EtcdConfig, base: Path, namespace: str) -> int:
    """How many keys below the namespace are no launcher's. Errors: Unavailable, Denied."""
    with _calling(config, base) as caller:
        own = sum(_count(caller, f"{namespace}{room}/") for room in OWN_ROOMS)
        return max(0, _count(caller, namespace) - own)


def _count(caller: Caller, prefix: str) -> int:
    low, high = span(prefix)
    request = load().messages.RangeRequest(key=low, range_end=high, count_only=True)
    found: Any = caller.read(unary("kv", "Range", request))
    return int(found.count)
