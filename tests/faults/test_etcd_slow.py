"""A cluster at the other end of a slow line."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from roforlmao.registry.base import Put
from roforlmao.registry.etcd import EtcdRegistry
from roforlmao.registry.etcd_call import DEADLINE_S
from tests.contract.etcdcluster import Cluster, config, running
from tests.faults.etcdclients import Wire

RATE = 200_000  # bytes a second: 1.6 Mbit/s
VALUE = b"x" * 300
KEYS = 4000  # 1.4 MB


class SlowWire(Wire):
    """Answers come no faster than ``RATE``."""

    def changed(self, data: bytes) -> bytes:
        time.sleep(len(data) / RATE)
        return data


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running(tmp_path_factory.mktemp("etcd"), size=1) as cluster:
        yield cluster


def test_a_long_list_comes_in_pages_that_the_line_can_carry(cluster: Cluster) -> None:
    """All of it takes longer than one call may."""
    near = EtcdRegistry(config(*cluster.endpoints))
    for start in range(0, KEYS, 100):
        near.transaction((), [Put(f"/a/{number:05}", VALUE) for number in range(start, start + 100)])
    with closing(SlowWire(cluster.endpoints[0])) as slow, closing(EtcdRegistry(config(slow.endpoint))) as far:
        began = time.monotonic()
        found = far.list("/a/")
        assert time.monotonic() - began > DEADLINE_S
    assert found == near.list("/a/")
    near.close()
