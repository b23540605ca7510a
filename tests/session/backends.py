"""One registry that several operators share: a file, or a cluster of three members."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from roforlmao.registry.base import Registry
from roforlmao.registry.etcd import EtcdRegistry
from roforlmao.registry.sqlite import SqliteRegistry
from tests.contract.etcdcluster import Cluster, config, running
from tests.session.world import Operator, World

BACKENDS = ("sqlite", "etcd")


@dataclass(frozen=True)
class Shared:
    """``settings`` are those of a configuration's ``registry``; ``registry`` is the test's own client."""

    settings: str
    registry: Registry
    cluster: Cluster | None = None

    def operator(self, world: World, name: str, more: str = "", home: str = "") -> Operator:
        """One whose registry this is; ``more`` are lines of the configuration."""
        operator = Operator(name, world.root / (home or name))
        operator.home.mkdir()
        (operator.home / "config.yaml").write_text(
            f"operator: {name}\nallow_local_repositories: true\n"
            f"registry: {{member_lease: 3s, {self.settings}}}\n{more}\n"
        )
        return operator


@contextmanager
def shared(backend: str, place: Path) -> Iterator[Shared]:
    """Skips the test where etcd is wanted and not installed."""
    if backend == "sqlite":
        path = place / "shared.sqlite"
        with closing(SqliteRegistry(path)) as registry:
            yield Shared(f"sqlite: {{path: {path}}}", registry)
        return
    (place / "etcd").mkdir()
    with running(place / "etcd") as cluster, on(cluster) as found:
        yield found


@contextmanager
def on(cluster: Cluster) -> Iterator[Shared]:
    """The registry in a cluster that is there already."""
    with closing(EtcdRegistry(config(*cluster.endpoints))) as registry:
        endpoints = json.dumps(cluster.endpoints)
        yield Shared(f"backend: etcd, etcd: {{endpoints: {endpoints}}}", registry, cluster)
