"""Being a member: ``members/<operator>`` in the registry, bound to a lease, so that it goes with us."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from roforlmao.errors import BadInput, Conflict, LeaseLost, NameTaken
from roforlmao.federation.identity import Origin
from roforlmao.names import check_name
from roforlmao.registry.base import ABSENT, Record, Registry, Session
from roforlmao.registry.fields import text_of, texts_of
from roforlmao.registry.values import read_object
from roforlmao.text import one_line

HEARTBEAT_S: Final = 300.0
"""How often a member writes that it was seen; that it is there at all its lease tells."""
_MOST_HUBS: Final = 100
_TRIES: Final = 5
_RENAME: Final = "Take another name: `init --operator NAME`."


@dataclass(frozen=True)
class Member:
    """A launcher that is there; times are ISO 8601, as it wrote them."""

    operator: str
    version: str
    since: str
    last_seen: str
    hubs: tuple[str, ...]
    origin: Origin


def encode(member: Member) -> bytes:
    fields = asdict(member)
    origin = fields.pop("origin")
    return json.dumps({"name": fields.pop("operator"), **fields, **origin}).encode()


def decode(operator: str, value: bytes) -> Member:
    """Foreign words, checked and cleaned. Errors: BadInput."""
    fields = read_object(value, "version")
    hubs = texts_of(fields, "hubs")
    return Member(
        check_name(operator, "name of an operator"),
        _line(fields, "version"),
        _line(fields, "since"),
        _line(fields, "last_seen"),
        tuple(check_name(hub, "hub name") for hub in hubs[:_MOST_HUBS]),
        Origin(_line(fields, "instance"), _line(fields, "place"), _line(fields, "host")),
    )


def _line(fields: Mapping[str, Any], name: str) -> str:
    return one_line(text_of(fields, name), 60)


def check_own(registry: Registry, prefix: str, operator: str, origin: Origin) -> Record | None:
    """What lies at the operator's key of ``prefix``; it is ours, or there is none. Errors: NameTaken."""
    found = registry.get(f"{prefix}{operator}")
    if found is None or not found.lease:  # what is bound to no lease is no launcher that is there
        return found
    try:
        holder = decode(operator, found.value)
    except BadInput:
        raise NameTaken(
            f"Somebody else holds the name '{operator}', with an entry that cannot be read.", _RENAME
        ) from None
    if not holder.origin.is_same(origin):
        raise _taken(holder, origin)
    return found


def _taken(holder: Member, origin: Origin) -> NameTaken:
    where = f"on {holder.origin.host or 'another machine'} since {_minute(holder.since)}"
    if holder.origin.instance == origin.instance:
        return NameTaken(
            f"This home is a copy of one that is at work {where}, also as '{holder.operator}'.",
            f"If you moved it, stop the launcher there. A copy needs a name of its own. {_RENAME}",
        )
    return NameTaken(
        f"Another operator is here as '{holder.operator}', {where}.",
        f"{_RENAME} If that launcher is yours, stop it, or rename that one.",
    )


def _minute(since: str) -> str:
    return since[:16].replace("T", " ") or "some time"


class Membership:
    """One operator's, for one thread; ``hold`` is called whenever that is ``due``, ``leave`` at the end.

    ``ttl`` seconds after this launcher is gone, however that ends, it is no member any more.
    """

    def __init__(self, registry: Registry, prefix: str, me: Member, ttl: float) -> None:
        self._registry = registry
        self._prefix = prefix
        self._me = me
        self._ttl = ttl
        self._session: Session | None = None
        self._due = 0.0

    @property
    def due(self) -> bool:
        """Whether it is time to ``hold``: the lease was lost, or it is time for a sign of life."""
        held = self._session is not None and self._session.alive
        return not held or time.monotonic() >= self._due

    def hold(self, hubs: Sequence[str], now: str) -> None:
        """Is a member from now on, who was seen now and feeds these hubs.

        Errors: NameTaken, and those of the registry; the next call tries again.
        """
        told = replace(self._me, last_seen=now, hubs=tuple(hubs[:_MOST_HUBS]))
        for _ in range(_TRIES):
            try:
                self._write(encode(told))
            except (Conflict, LeaseLost):  # somebody was faster, or it ended at this moment: look again
                continue
            self._due = time.monotonic() + HEARTBEAT_S
            return
        raise Conflict(f"Others change '{self._prefix}{told.operator}' all the time.", "Try again later.")

    def leave(self) -> None:
        """Others see at once that this launcher is gone."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def _write(self, value: bytes) -> None:
        before = check_own(self._registry, self._prefix, self._me.operator, self._me.origin)
        if self._session is None or not self._session.alive:
            self._session = self._registry.session(self._ttl)
        key, expect = f"{self._prefix}{self._me.operator}", before.revision if before else ABSENT
        self._registry.put(key, value, expect=expect, lease=self._session.lease)
