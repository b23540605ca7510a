"""Each contract test runs once over every backend."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from roforlmao.registry.base import Registry
from tests.contract.stores import STORES, Store


@pytest.fixture(params=STORES)
def registry_factory(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A fresh store; ``client()`` opens another client on it."""
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
