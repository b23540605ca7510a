"""Jobs that several operators share: one of them runs each slot, another takes it when that one is gone.

The registry holds a claim for each slot, bound to the holder's lease. The announcement goes out in one
transaction with the settling of the claim, so that a slot is announced at most once, whoever was paused,
cut off or killed meanwhile. A tool may start twice: by a holder that lost its lease, and by its successor.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from roforlmao.errors import BadInput, Busy, Conflict, OutcomeUnknown, Unavailable
from roforlmao.registry.base import ABSENT, Record, Registry
from roforlmao.registry.fence import Fence
from roforlmao.schedule.rules import Rule, describe
from roforlmao.text import one_line

KEPT = 500
"""Slots of a duty that the registry remembers; older ones are not run by anybody."""


class StandBy(Busy):
    """Another operator has the slot, or may have it: look again after ``again_s`` seconds."""

    def __init__(self, message: str, again_s: int) -> None:
        super().__init__(message)
        self.again_s = again_s


@dataclass(frozen=True)
class Claim:
    """``fence`` guards what the holder writes; without one, ``taken`` says why the slot is not ours."""

    fence: Fence | None
    taken: str = ""


@dataclass(frozen=True)
class Duties:
    """Below ``namespace``; ``lease_s`` seconds after its last sign of life a holder loses its slot."""

    registry: Callable[[], Registry]
    namespace: str
    operator: str
    now: Callable[[], dt.datetime]
    lease_s: float = 30.0

    def agree(self, name: str, rule: Rule) -> None:
        """Writes the rule down, or sees that it is the one the others have. Errors: BadInput."""
        key, registry = f"{self.namespace}duties/{name}", self.registry()
        told = json.dumps({"rule": dataclasses.asdict(rule), "by": self.operator}).encode()
        try:
            registry.put(key, told, expect=ABSENT)
        except Conflict:
            found = registry.get(key)
            theirs = _fields(found) if found else {}
            if theirs.get("rule") != dataclasses.asdict(rule):
                raise BadInput(
                    f"The duty '{name}' of {_said(theirs, 'by')} has another rule than "
                    f"'{describe(rule)}': {one_line(json.dumps(theirs.get('rule')), 200)}.",
                    "Those who share a duty give the same rule and --timezone; or name another duty.",
                ) from None

    @contextmanager
    def claim(self, name: str, slot: int, on_lost: Callable[[], None]) -> Iterator[Claim]:
        """Holds a slot; what is not settled when the block ends may be taken by others.

        Errors: StandBy while another holds it or the registry does not answer.
        """
        key = f"{self.namespace}fired/{name}/{_stamp(slot)}"
        registry = self.registry()
        with self._patient():
            taken = self._seen(registry, name, key)
            session = None if taken else registry.session(self.lease_s, on_lost)
        if session is None:
            yield Claim(None, taken)
            return
        with session:
            with self._patient():
                created = registry.put(key, self._told("running"), expect=ABSENT, lease=session.lease)
            yield Claim(Fence(key, created, self._told("done")))

    def _seen(self, registry: Registry, name: str, key: str) -> str:
        """Why the slot is settled already, or nothing. Errors: StandBy where somebody runs it."""
        prefix = f"{self.namespace}fired/{name}/"
        records = registry.list(prefix).records
        found = next((one for one in records if one.key == key), None)
        if found is not None:
            told = _fields(found)
            if told.get("state") == "done":
                return f"{_said(told, 'operator')} ran it"
            raise self._stand_by(f"{_said(told, 'operator')} runs this slot of the duty {name}")
        if len(records) >= KEPT and key < records[0].key:
            return "it is too long ago to tell whether somebody ran it"
        _forget(registry, records)
        return ""

    @contextmanager
    def _patient(self) -> Iterator[None]:
        """Who was first, or a registry that is away, is a reason to try again later."""
        try:
            yield
        except Conflict as error:
            raise self._stand_by("another operator was first at this slot") from error
        except (Unavailable, OutcomeUnknown) as error:
            raise self._stand_by(f"whether somebody runs it cannot be told now ({error.message})") from error

    def _stand_by(self, reason: str) -> StandBy:
        """Looks again twice in the time after which a holder loses the slot."""
        return StandBy(reason, max(1, int(self.lease_s / 2)))

    def _told(self, state: str) -> bytes:
        at = self.now().isoformat(timespec="seconds")
        return json.dumps({"operator": self.operator, "state": state, "at": at}).encode()


def _forget(registry: Registry, records: Sequence[Record]) -> None:
    """Of very many settled slots the oldest go."""
    for record in records[: max(0, len(records) - KEPT)]:
        if _fields(record).get("state") == "done":
            registry.delete(record.key)


def _stamp(slot: int) -> str:
    return f"{dt.datetime.fromtimestamp(slot, dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


def _fields(record: Record) -> dict[str, Any]:
    """What stands there; foreign, so anything."""
    try:
        found = json.loads(record.value)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _said(fields: dict[str, Any], name: str) -> str:
    return one_line(str(fields.get(name) or "somebody"), 100)
