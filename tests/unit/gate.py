"""The embedded registry behind a gate: it goes away, loses answers, or lets nobody write somewhere."""

from __future__ import annotations

from collections.abc import Sequence

from roforlmao.errors import Denied, OutcomeUnknown, Unavailable
from roforlmao.registry.base import Compare, Delete, Put, Record
from roforlmao.registry.sqlite import SqliteRegistry


class Gate(SqliteRegistry):
    """``loses`` answers of writes that it does (``done``) or drops; ``denied`` is part of a key."""

    away = False
    loses = ""
    denied = "/denied/"
    asked = 0

    def get(self, key: str) -> Record | None:
        self.asked += 1
        if self.away:
            raise Unavailable("The registry does not answer.")
        return super().get(key)

    def transaction(self, compares: Sequence[Compare], operations: Sequence[Put | Delete]) -> int:
        if self.away:
            raise Unavailable("The registry does not answer.")
        if any(self.denied in operation.key for operation in operations):
            raise Denied("You may not write there.", "Ask for the role.")
        if self.loses == "dropped":
            raise OutcomeUnknown("It went away in mid-write.")
        revision = super().transaction(compares, operations)
        if self.loses == "done":
            raise OutcomeUnknown("It went away in mid-write.")
        return revision
