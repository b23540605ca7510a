"""What tests of the federation write into a registry, and a follower of it with a home's database."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from roforlmao.federation.follower import Ear, Follower
from roforlmao.federation.happenings import Hearing
from roforlmao.federation.heard import HeardBook
from roforlmao.notices import Notices
from roforlmao.registry.base import Registry
from roforlmao.state import State

ROOT = "/mao/"


def put(registry: Registry, place: str, **fields: Any) -> int:
    """Writes below the root what these fields say."""
    return registry.put(ROOT + place, json.dumps(fields).encode())


def announce(registry: Registry, who: str, date: str, hub: str = "helm") -> int:
    return put(registry, f"hubs/{hub}/{date}/{who}", url="https://x.org/d.git", commit="abcdef", rows=7)


def register(registry: Registry, who: str, name: str) -> int:
    return put(registry, f"tools/{name}", code_repo="https://x.org/t.git", registered_by=who)


class Listener:
    """alice's follower; ``notices`` are what she was told, oldest first, ``judged`` the hubs asked for."""

    def __init__(self, registry: Registry, home: Path, source: str = "here") -> None:
        self.state = State(home / "launcher.sqlite")
        self.judged: list[set[str]] = []
        book = HeardBook(self.state, Notices(self.state))
        ear = Ear(registry, Hearing(ROOT, "alice", allow_local=False), book, self.judged.append, source)
        self.follower = Follower(ear)

    def hear(self, wait_s: float = 0.8) -> list[str]:
        """Listens until nothing more comes within the time; everything that was told so far."""
        while self.follower.listen(wait_s) or self._gathers:
            continue
        return self.notices

    @property
    def _gathers(self) -> bool:
        """Whether there is something that waits for more of the same."""
        batch = self.follower._batch
        return batch is not None and batch.due_at < math.inf

    @property
    def notices(self) -> list[str]:
        return [notice.text for notice in reversed(Notices(self.state).newest())]

    def close(self) -> None:
        self.follower.close()
        self.state.close()

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
