"""Opens the registry that a configuration names."""

from __future__ import annotations

from pathlib import Path

from roforlmao.registry.base import Registry
from roforlmao.schema import Config


def open_registry(config: Config, root: Path) -> Registry:
    """Relative paths in the configuration begin at ``root``. Errors: Unavailable, ConfigurationError."""
    if config.backend == "etcd":
        from roforlmao.registry.etcd import EtcdRegistry

        return EtcdRegistry(config.etcd, root)
    from roforlmao.registry.sqlite import SqliteRegistry

    return SqliteRegistry(root / config.sqlite_path)


def with_memory(registry: Registry, config: Config, state: Path) -> Registry:
    """The same, remembering what it reads in the directory ``state`` where it may go away."""
    from roforlmao.registry.etcd import EtcdRegistry

    if not isinstance(registry, EtcdRegistry):
        return registry
    from roforlmao.registry.cache_file import CacheFile
    from roforlmao.registry.remembered import Remembered

    return Remembered(registry, CacheFile(state / "registry-cache.sqlite", config.etcd.endpoints))
