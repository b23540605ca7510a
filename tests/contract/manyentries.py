"""A large federation, written straight into its registry."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from roforlmao.federation.identity import Origin
from roforlmao.federation.membership import Member, encode
from roforlmao.registry.base import Put, Registry

_AT_ONCE: Final = 120  # a cluster takes 128 operations in a transaction
_FIRST: Final = dt.date(2024, 1, 1)
NOW: Final = "2026-11-22T12:00:00+01:00"


@dataclass(frozen=True)
class Federation:
    """``operators`` announce each day of each hub; the first ``members`` of all are there now."""

    hubs: int
    days: int
    operators: int
    tools: int
    members: int

    @property
    def announcements(self) -> int:
        return self.hubs * self.days * self.operators

    @property
    def newest(self) -> str:
        """The last day that is announced."""
        return (_FIRST + dt.timedelta(self.days - 1)).isoformat()

    def populate(self, registry: Registry, lease: int) -> None:
        """Members are bound to the lease."""
        for entries in (self._announced(), self._tools(), self._members(lease)):
            waiting: list[Put] = []
            for put in entries:
                waiting.append(put)
                if len(waiting) == _AT_ONCE:
                    registry.transaction((), waiting)
                    waiting = []
            if waiting:
                registry.transaction((), waiting)

    def _announced(self) -> Iterator[Put]:
        for hub in range(self.hubs):
            for day in range(self.days):
                date = (_FIRST + dt.timedelta(day)).isoformat()
                for place in range(self.operators):
                    operator = _operator((hub * self.operators + place) % self.members)
                    value = {
                        "url": f"https://git.example.org/{operator}/hub{hub}-data.git",
                        "commit": f"{hub:08x}{day:08x}{place:024x}",
                        "rows": 10_000 + day,
                        "verdict": "normal",
                    }
                    yield Put(f"/mao/hubs/hub{hub}/{date}/{operator}", json.dumps(value).encode())

    def _tools(self) -> Iterator[Put]:
        for number in range(self.tools):
            value = {
                "author": "somebody",
                "image": f"docker.io/example/tool{number}:1",
                "data_repo": f"https://git.example.org/tool{number}-data.git",
                "code_repo": f"https://git.example.org/tool{number}.git",
                "artefact": "csv",
                "registered_by": _operator(number % self.members),
                "registered_at": NOW,
            }
            yield Put(f"/mao/tools/tool-{number:04}", json.dumps(value).encode())

    def _members(self, lease: int) -> Iterator[Put]:
        for number in range(self.members):
            origin = Origin(f"{number:032x}", f"/home/{number}", f"host{number}")
            member = Member(_operator(number), "1.0", NOW, NOW, (f"hub{number % self.hubs}",), origin)
            yield Put(f"/mao/members/{_operator(number)}", encode(member), lease)


def _operator(number: int) -> str:
    return f"operator-{number:03}"
