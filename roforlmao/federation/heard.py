"""How far peers' news was read, kept with the notices that came of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final

from roforlmao.notices import PEERS, Notices
from roforlmao.state import State

_QUESTION: Final = "peers' news read up to"


@dataclass(frozen=True)
class Heard:
    """A revision of a store; ``source`` is how the configuration names it.

    ``store`` is what it says itself that it is; empty for a file, which says nothing.
    """

    source: str
    store: str
    revision: int

    def is_of(self, other: Heard) -> bool:
        """Whether both are of one registry, or of what took its place."""
        return self.source == other.source or (self.store == other.store != "")


@dataclass(frozen=True)
class HeardBook:
    """Errors: StorageFailed."""

    state: State
    notices: Notices

    def load(self) -> Heard | None:
        """None before the first time."""
        found = self.state.remembered(_QUESTION)
        return Heard(**json.loads(found)) if found else None

    def keep(self, heard: Heard, lines: Iterable[str]) -> None:
        """Adds the lines as notices and writes how far was read: both or neither."""
        self.notices.add_once([(PEERS, line) for line in lines], _QUESTION, json.dumps(asdict(heard)))
