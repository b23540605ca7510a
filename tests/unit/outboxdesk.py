"""A home's outbox before a registry that comes and goes."""

from __future__ import annotations

from pathlib import Path

from roforlmao.models import Announcement, Run, Sync
from roforlmao.notices import Notices
from roforlmao.registry.catalog import Catalog
from roforlmao.registry.fence import Fence
from roforlmao.runs.history import History
from roforlmao.runs.letters import Letter
from roforlmao.runs.outbox import Outbox
from roforlmao.state import State
from tests.contract.announced import announced
from tests.unit.gate import Gate

URL = "https://example.org/data.git"


def letter(name: object = 1, hub: str = "h", date: str = "2026-11-22", **others: object) -> Letter:
    """About commit ``name``, a number."""
    entry = Announcement(hub, date, "alice", URL, f"{name:040x}", 7, "normal")
    return Letter(entry, f"run sync {name}", **{"run": f"r{name}", **others})  # type: ignore[arg-type]


class Desk:
    """A home's outbox before a gate; ``restart`` opens the home anew."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.gate = Gate(place / "registry.sqlite", deadline_s=2.0)
        self.now = 1000.0
        self.hinders: Exception | None = None
        self._open()

    def _open(self) -> None:
        self.state = State(self.place / "launcher.sqlite")
        self.outbox = Outbox(self.state, self.place / "locks", self._catalog, lambda: self.now)

    def _catalog(self, fence: Fence | None) -> Catalog:
        def admitted() -> None:
            if self.hinders is not None:
                raise self.hinders

        return Catalog(self.gate, "/mao/", "alice", False, fence, admitted=admitted)

    def restart(self) -> None:
        self.state.close()
        self._open()

    def close(self) -> None:
        self.state.close()
        self.gate.close()

    def put_away(self, *letters: Letter) -> None:
        """The registry is away, and these wait for it; then it is back, some seconds later."""
        self.gate.away = True
        for one in letters:
            assert self.outbox.announce(one).waits
        self.gate.away = False
        self.now += 60

    def told(self) -> list[str]:
        """The commits of all announcements that were ever written, in order."""
        return announced(self.gate)

    def notices(self, kind: str) -> list[str]:
        return [one.text for one in reversed(Notices(self.state).newest()) if one.kind == kind]

    def run(self, name: object, sync: Sync) -> None:
        run = Run(f"r{name}", "t", "script", "go", (), "2026-11-22T03:00:00+00:00", "succeeded", sync=sync)
        History(self.state).save(run, finished=True)

    def sync(self, name: object) -> Sync:
        found = History(self.state).get(f"r{name}").sync
        assert found is not None
        return found


def commits(*names: int) -> list[str]:
    return [f"{name:040x}" for name in names]
