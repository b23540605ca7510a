"""What became of a write whose answer got lost, told from what is found afterwards.

A guarded write can only have been the first change of its guarded key since the revision that the
guard names. If that change is another, the write was not done, and never will be. If it looks the
same, it was ours where nobody else can have written just that; else it cannot be told, but for a
write that expected nothing and finds all as it wanted it. Beyond this stands only a key that others
delete and create again within one call, as its absence is the same before and after.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Final

from roforlmao.errors import Compacted, OutcomeUnknown
from roforlmao.registry import etcd_read as reading
from roforlmao.registry.base import Delete, Put, Record
from roforlmao.registry.etcd_call import Caller, Deadline
from roforlmao.registry.etcd_errors import unknown
from roforlmao.registry.etcd_transaction import Write, expected, state

_STEPS_BACK: Final = 20
_OPERATION_ID: Final = re.compile(rb"op-[0-9a-f]{32}")


def operation_id() -> str:
    """A text that no other write holds; a value with it inside proves whose write it was."""
    return f"op-{secrets.token_hex(16)}"


@dataclass(frozen=True)
class Done:
    """``revision`` is that of the write; ``deleted`` counts the keys that were there to be deleted."""

    revision: int
    deleted: int = 0


def earlier(caller: Caller, write: Write, found: Record | None, deadline: Deadline) -> Done | None:
    """What a lost attempt did, None if nothing; ``found`` is the guarded key as it is now.

    Errors: OutcomeUnknown, Unavailable.
    """
    if write.guard is None or state(found) == expected(write.guard):
        return None
    operation = next(one for one in write.operations if one.key == write.guard.key)
    looking = _Looking(caller, write, expected(write.guard), deadline)
    try:
        return looking.put(found) if isinstance(operation, Put) else looking.deleted(found)
    except Compacted as error:
        raise looking.unknown() from error


@dataclass(frozen=True)
class _Looking:
    caller: Caller
    write: Write
    guard: int
    deadline: Deadline

    def put(self, now: Record | None) -> Done | None:
        after = self._first_change(now)
        if after is None:
            raise self.unknown()
        if not all(self._is_as_written(one, after.revision) for one in self.write.operations):
            return None
        if any(_is_one_of_a_kind(one) for one in self.write.operations):
            return Done(after.revision)
        if self.write.ours and all(self._is_as_written(one) for one in self.write.operations):
            return Done(after.revision)
        raise self.unknown()

    def deleted(self, now: Record | None) -> Done | None:
        if not self.guard or (now is not None and now.create_revision <= self.guard):
            return None  # there was nothing to delete, or it is still there
        if self.write.ours:
            return Done(reading.revision(self.caller, self.write.operations[0].key), 1)
        raise self.unknown()

    def unknown(self) -> OutcomeUnknown:
        return unknown(self.write.named())

    def _first_change(self, now: Record | None) -> Record | None:
        """The guarded key's first state after the guard; None where that was its deletion."""
        found = now
        for _ in range(_STEPS_BACK):
            if found is None:
                return None
            if found.create_revision == found.revision:
                return None if self.guard else found
            before = self._get(found.key, found.revision - 1)
            if before is None or before.revision <= self.guard:
                return found
            found = before
        raise self.unknown()

    def _is_as_written(self, operation: Put | Delete, revision: int = 0) -> bool:
        """Whether the key is as the operation leaves it; with a revision: whether it was left so then."""
        there = self._get(operation.key, revision)
        if isinstance(operation, Delete) or there is None:
            return isinstance(operation, Delete) and there is None
        same = (there.value, there.lease) == (operation.value, operation.lease)
        return same and (not revision or there.revision == revision)

    def _get(self, key: str, revision: int) -> Record | None:
        return reading.get(self.caller, key, revision, self.deadline)


def _is_one_of_a_kind(operation: Put | Delete) -> bool:
    """Whether nobody else can have written just this: under our lease, or with an operation id."""
    if isinstance(operation, Delete):
        return False
    return operation.lease != 0 or bool(_OPERATION_ID.search(operation.value))
