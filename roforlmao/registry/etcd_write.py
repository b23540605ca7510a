"""Guarded writes: each is done at most once, however often it is sent.

Of writes that end without an answer about half were done all the same, and some are done later,
when a member that was stopped goes on. So every write is a transaction that holds only while one of
its own keys has the revision that we last saw (a guess that costs nothing where it is right). It is
sent again as it was: once it is done, by whichever attempt, all others are void. What it found in
the end tells whether an earlier attempt was the one; where the value of somebody else could look
the same, OutcomeUnknown says so.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from roforlmao.errors import BadInput, Compacted, Conflict
from roforlmao.registry import etcd_read as reading
from roforlmao.registry.base import ABSENT, Compare, Delete, Put, Record
from roforlmao.registry.etcd_call import DEADLINE_S, Caller, Deadline, unary
from roforlmao.registry.etcd_errors import MAX_OPERATIONS, unavailable, unknown
from roforlmao.registry.etcd_stubs import load
from roforlmao.text import one_line

_REMEMBERED: Final = 10_000
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


class Writer:
    """Writes through a caller; remembers the revisions of keys that it met."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._seen: dict[str, int] = {}

    def note(self, key: str, revision: int) -> None:
        """Remembers the revision of a key, 0 where it is absent: the guess of the next write."""
        if len(self._seen) >= _REMEMBERED:
            self._seen.clear()
        self._seen[key] = revision

    def transaction(self, compares: Sequence[Compare], operations: Sequence[Put | Delete]) -> Done:
        """Errors: Conflict, LeaseLost, TooLarge, Denied, Unavailable, OutcomeUnknown."""
        _check_length(operations)
        deadline = Deadline(DEADLINE_S)
        while deadline.remaining():
            guard, ours = self._guard(compares, operations)
            done = self._attempt(_Write(compares, operations, guard, ours), deadline)
            if done is not None:
                return done
        raise unavailable({_named(operations): ("is written by others all the time", "Try again.")})

    def _guard(
        self, compares: Sequence[Compare], operations: Sequence[Put | Delete]
    ) -> tuple[Compare | None, bool]:
        """A comparison that the write itself makes void, and whether we added it."""
        changed = {operation.key for operation in operations}
        for compare in compares:
            if compare.key in changed and (compare.expect is ABSENT or not compare.by_creation):
                return compare, False
        for operation in sorted(operations, key=lambda operation: isinstance(operation, Delete)):
            return Compare(operation.key, self._seen.get(operation.key, 0)), True
        return None, False

    def _attempt(self, write: _Write, deadline: Deadline) -> Done | None:
        """None where only our own guess was wrong."""
        answer = self._caller.write(unary("kv", "Txn", write.request()), deadline, _named(write.operations))
        result = answer.value
        if result.succeeded:
            return self._succeeded(write, result)
        found = write.found(result)
        if answer.repeated and (done := self._earlier(write, found, deadline)):
            return done
        for compare in write.compares:
            if (there := _state(found[compare.key], compare.by_creation)) != _expected(compare):
                raise Conflict(_mismatch(compare, there), "Read it again, then decide.")
        if write.guard:
            self.note(write.guard.key, _state(found[write.guard.key]))
        return None

    def _succeeded(self, write: _Write, result: Any) -> Done:
        for operation in write.operations:
            self.note(operation.key, result.header.revision if isinstance(operation, Put) else 0)
        deleted = sum(one.response_delete_range.deleted for one in result.responses)
        return Done(result.header.revision, deleted)

    def _earlier(self, write: _Write, found: Mapping[str, Record | None], deadline: Deadline) -> Done | None:
        """Whether an attempt that got lost was done: what it left, None if not. Errors: OutcomeUnknown."""
        guard = write.guard
        if guard is None or _state(found[guard.key]) == _expected(guard):
            return None
        operation = write.by_key(guard.key)
        try:
            after = self._after(found[guard.key], _expected(guard), deadline)
            if isinstance(operation, Delete):
                if after is not None and after.create_revision <= _expected(guard):
                    return None
                if write.ours:
                    return Done(reading.revision(self._caller, guard.key), 1)
                raise unknown(_named(write.operations))
            if after is None:
                raise unknown(_named(write.operations))
            if not self._is_as_written(write, after.revision, deadline):
                return None
        except Compacted as error:
            raise unknown(_named(write.operations)) from error
        if write.ours or _is_one_of_a_kind(operation):
            return Done(after.revision)
        raise unknown(_named(write.operations))

    def _after(self, now: Record | None, revision: int, deadline: Deadline) -> Record | None:
        """The first state of a key after that revision; None where it was deleted in between."""
        state = now
        for _ in range(_STEPS_BACK):
            if state is None or state.create_revision == state.revision:
                return state
            before = reading.get(self._caller, state.key, state.revision - 1, deadline)
            if before is None or before.revision <= revision:
                return state
            state = before
        raise Compacted("The key was changed too often to look back.", "List again.")

    def _is_as_written(self, write: _Write, revision: int, deadline: Deadline) -> bool:
        """Whether exactly these operations were done at that revision."""
        for operation in write.operations:
            there = reading.get(self._caller, operation.key, revision, deadline)
            if isinstance(operation, Delete):
                if there is not None:
                    return False
            elif there is None or (there.revision, there.value, there.lease) != (
                revision,
                operation.value,
                operation.lease,
            ):
                return False
        return True


@dataclass(frozen=True)
class _Write:
    """A transaction as it is sent; ``ours`` says that the guard is no wish of the caller's."""

    compares: Sequence[Compare]
    operations: Sequence[Put | Delete]
    guard: Compare | None
    ours: bool

    def request(self) -> Any:
        messages = load().messages
        guards = [self.guard] if self.guard and self.ours else []
        return messages.TxnRequest(
            compare=[_compare(messages, compare) for compare in (*self.compares, *guards)],
            success=[_operation(messages, operation) for operation in self.operations],
            failure=[
                messages.RequestOp(request_range=messages.RangeRequest(key=key.encode()))
                for key in self._asked()
            ],
        )

    def found(self, result: Any) -> dict[str, Record | None]:
        """The keys that were compared, as they were when the transaction did not hold."""
        ranges = (one.response_range.kvs for one in result.responses)
        return {
            key: reading.record(kvs[0]) if kvs else None
            for key, kvs in zip(self._asked(), ranges, strict=True)
        }

    def by_key(self, key: str) -> Put | Delete:
        return next(operation for operation in self.operations if operation.key == key)

    def _asked(self) -> list[str]:
        guards = [self.guard] if self.guard else []
        return list(dict.fromkeys(compare.key for compare in (*self.compares, *guards)))


def _compare(messages: Any, compare: Compare) -> Any:
    kind, key, expected = messages.Compare, compare.key.encode(), _expected(compare)
    if compare.by_creation or not expected:
        return kind(key=key, target=kind.CREATE, result=kind.EQUAL, create_revision=expected)
    return kind(key=key, target=kind.MOD, result=kind.EQUAL, mod_revision=expected)


def _operation(messages: Any, operation: Put | Delete) -> Any:
    key = operation.key.encode()
    if isinstance(operation, Delete):
        return messages.RequestOp(request_delete_range=messages.DeleteRangeRequest(key=key))
    return messages.RequestOp(
        request_put=messages.PutRequest(key=key, value=operation.value, lease=operation.lease)
    )


def _expected(compare: Compare) -> int:
    return 0 if compare.expect is ABSENT else compare.expect


def _state(found: Record | None, by_creation: bool = False) -> int:
    if found is None:
        return 0
    return found.create_revision if by_creation else found.revision


def _is_one_of_a_kind(operation: Put | Delete) -> bool:
    """Whether nobody else can have written just this: under our lease, or with an operation id."""
    if isinstance(operation, Delete):
        return False
    return operation.lease != 0 or bool(_OPERATION_ID.search(operation.value))


def _named(operations: Sequence[Put | Delete]) -> str:
    """The write, for a sentence; empty where nothing is written."""
    if not operations:
        return ""
    more = f" and {len(operations) - 1} more" if len(operations) > 1 else ""
    return f"'{one_line(operations[0].key, 80)}'{more}"


def _check_length(operations: Sequence[Put | Delete]) -> None:
    if len(operations) > MAX_OPERATIONS:
        raise BadInput(
            f"A transaction of {len(operations):,} operations is too long; nothing was written.",
            f"At most {MAX_OPERATIONS} at once.",
        )


def _mismatch(compare: Compare, there: int) -> str:
    key = one_line(compare.key, 80)
    if compare.by_creation:
        return f"The lock '{key}' is no longer held; nothing was written."
    if compare.expect is ABSENT:
        return f"'{key}' exists already; nothing was written."
    if not there:
        return f"'{key}' is gone; nothing was written."
    return f"'{key}' was changed meanwhile; nothing was written."
