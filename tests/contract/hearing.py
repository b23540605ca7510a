"""What tests of the federation write into a registry, and a follower of it with a home's database."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Any

from roforlmao.federation.follower import Ear, Follower
from roforlmao.federation.happenings import Hearing
from roforlmao.federation.heard import HeardBook
from roforlmao.notices import Notices
from roforlmao.registry.base import Registry
from roforlmao.state import State

ROOT = "/mao/"
PATIENCE_S = 20.0


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
        self._registry = registry
        self.state = State(home / "launcher.sqlite")
        self.judged: list[set[str]] = []
        book = HeardBook(self.state, Notices(self.state))
        ear = Ear(registry, Hearing(ROOT, "alice", allow_local=False), book, self.judged.append, source)
        self.follower = Follower(ear)

    def hear(self) -> list[str]:
        """Listens until all that stands in the registry now was heard; everything that was told so far."""
        upto, end = self._registry.position(ROOT).revision, time.monotonic() + PATIENCE_S
        self.follower.listen(0)
        while not self._heard(upto):
            assert time.monotonic() < end, f"not heard up to {upto}: {self.notices}"
            self.follower.listen(0.05)
        return self.notices

    def _heard(self, revision: int) -> bool:
        """Whether it was heard so far, and nothing waits for more of the same."""
        batch = self.follower._batch
        upto = max(self.follower._heard.revision, batch.upto if batch else 0)
        return upto >= revision and (batch is None or batch.due_at == math.inf)

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
