"""Each contract test runs once over every backend."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from roforlmao.registry.base import Registry
from tests.contract.etcdcluster import Cluster, EtcdStore, running
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
