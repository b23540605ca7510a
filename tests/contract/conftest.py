"""Each contract test runs once over every backend."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from roforlmao.registry.base import Registry
from tests.contract.etcdcluster import Cluster, EtcdStore, config, running
from tests.contract.memories import Counting
from tests.contract.stores import STORES, Store


@pytest.fixture(scope="session")
def etcd_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three members, started once for all tests of a worker."""
    with running(tmp_path_factory.mktemp("etcd")) as cluster:
        yield cluster


@pytest.fixture(params=[*STORES, "etcd"])
def registry_factory(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A fresh store; ``client()`` opens another client on it."""
    if request.param == "etcd":
        store: Store = EtcdStore(request.getfixturevalue("etcd_cluster"))
    else:
        store = STORES[request.param](tmp_path)
    yield store
    store.close()


@pytest.fixture
def registry(registry_factory: Store) -> Registry:
    """One client on a fresh store."""
    return registry_factory.client()


@pytest.fixture
def other(registry_factory: Store) -> Registry:
    """A second client on the same store."""
    return registry_factory.client()


@pytest.fixture
def counting(etcd_cluster: Cluster) -> Iterator[Counting]:
    """A client of the cluster that counts what it fetches."""
    client = Counting(config(*etcd_cluster.endpoints))
    yield client
    client.close()


@pytest.fixture
def root() -> str:
    """A namespace of the test's own."""
    return f"/{uuid.uuid4().hex}/"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a launcher keeps what it remembers."""
    return tmp_path / "cache.sqlite"
