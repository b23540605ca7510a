"""Launchers that remember a cluster, for the tests of their memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from roforlmao.registry.cache_file import CacheFile
from roforlmao.registry.etcd import EtcdRegistry
from roforlmao.registry.etcd_read import EVERYTHING, Page, Wanted
from roforlmao.registry.remembered import Remembered


class Counting(EtcdRegistry):
    """Counts what it fetches."""

    fetched = 0

    def pages(self, prefix: str, wanted: Wanted = EVERYTHING, page: int = 5000) -> Iterator[Page]:
        for one in super().pages(prefix, wanted, page):
            self.fetched += len(one.found)
            yield one


def launcher(registry: EtcdRegistry, path: Path) -> Remembered:
    return Remembered(registry, CacheFile(path, ("cluster:2379",)))
