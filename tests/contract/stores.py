"""What the contract suite needs of a backend; another one joins by one class and one row below."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from roforlmao.registry import sqlite_log as log
from roforlmao.registry.base import Registry
from roforlmao.registry.sqlite import SqliteRegistry
from roforlmao.registry.sqlite_files import Handles

ROOT: Final = Path(__file__).resolve().parent.parent.parent
EXPIRY_S: Final = 2.0
"""How late after its time to live a lease may be seen to end."""


class Store(Protocol):
    """One store that several clients open, in this process and in others."""

    @property
    def recipe(self) -> str:
        """Python statements that leave a client in ``registry``, for a program of its own."""

    def client(self) -> Registry: ...

    def compact(self, through: int) -> None:
        """Makes the store forget its history up to and with that revision."""

    def close(self) -> None: ...


class SqliteStore:
    """A file; each client is an object of its own on it."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "registry.sqlite"
        self._clients: list[Registry] = []

    @property
    def recipe(self) -> str:
        return (
            "from pathlib import Path\n"
            "from roforlmao.registry.sqlite import SqliteRegistry\n"
            f"registry = SqliteRegistry(Path({str(self.path)!r}))\n"
        )

    def client(self) -> Registry:
        client = SqliteRegistry(self.path)
        self._clients.append(client)
        return client

    def compact(self, through: int) -> None:
        handles = Handles(self.path, 5.0)
        connection = handles.mine().connection
        connection.execute("BEGIN IMMEDIATE")
        log.compact(connection, through)
        connection.execute("COMMIT")
        handles.close()

    def close(self) -> None:
        for client in self._clients:
            client.close()


STORES: Final[dict[str, Callable[[Path], Store]]] = {"sqlite": SqliteStore}


def program(store: Store, text: str) -> subprocess.Popen[str]:
    """A process of its own that has a client in ``registry``; it speaks through its standard output."""
    return subprocess.Popen(
        [sys.executable, "-c", store.recipe + text],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
    )


def end(process: subprocess.Popen[str]) -> str:
    """Kills it if it still runs, and gives what it had left to say."""
    process.kill()
    rest, _ = process.communicate(timeout=20)
    return rest
