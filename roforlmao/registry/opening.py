"""Opens the registry that a configuration names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from roforlmao.registry.base import Registry
from roforlmao.schema import Config

if TYPE_CHECKING:
    from roforlmao.registry.etcd import EtcdRegistry

_SHOWN: Final = ("tools", "data", "experiments", "hubs", "members", "audits", "notes", "votes")
"""What menus and verbs show of a namespace."""


def open_registry(config: Config, root: Path) -> Registry:
    """Relative paths in the configuration begin at ``root``. Errors: Unavailable, ConfigurationError."""
    if config.backend == "etcd":
        from roforlmao.registry.etcd import EtcdRegistry

        return EtcdRegistry(config.etcd, root)
    from roforlmao.registry.sqlite import SqliteRegistry

    return SqliteRegistry(root / config.sqlite_path)


def with_memory(registry: Registry, config: Config, state: Path) -> Registry:
    """What was opened by ``config``, remembering in the directory ``state`` where it may go away."""
    if config.backend != "etcd":
        return registry
    from roforlmao.registry.cache_file import CacheFile
    from roforlmao.registry.remembered import Remembered

    file = CacheFile(state / "registry-cache.sqlite", config.etcd.endpoints)
    rooms = [f"{config.namespace}{room}/" for room in _SHOWN]
    return Remembered(cast("EtcdRegistry", registry), file, rooms)
