"""Guarded writes: each is done at most once, however often it is sent.

Of writes that end without an answer about half were done all the same, and some are done later,
when a member that was stopped goes on. So every write is a transaction that holds only while one of
its own keys has the revision that we last saw (a guess that costs nothing where it is right). It is
sent again as it was: once it is done, by whichever attempt, all others are void. What it found in
the end tells whether an earlier attempt was the one; where the value of somebody else could look
the same, OutcomeUnknown says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from roforlmao.errors import BadInput, Conflict
from roforlmao.registry.base import ABSENT, Compare, Delete, Put
from roforlmao.registry.etcd_call import DEADLINE_S, Answer, Caller, Deadline, unary
from roforlmao.registry.etcd_errors import MAX_OPERATIONS
from roforlmao.registry.etcd_outcome import Done, earlier
from roforlmao.registry.etcd_reasons import Reason, unavailable
from roforlmao.registry.etcd_transaction import Write, expected, state
from roforlmao.text import one_line

_REMEMBERED: Final = 10_000


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
        _check_length(compares, operations)
        deadline = Deadline(DEADLINE_S)
        while deadline.remaining():
            guard, ours = self._guard(compares, operations)
            write = Write(compares, operations, guard, ours)
            done = self._attempt(write, deadline)
            if done is not None:
                return done
        raise unavailable({write.named(): Reason("is written by others all the time", "Try again.")})

    def _guard(
        self, compares: Sequence[Compare], operations: Sequence[Put | Delete]
    ) -> tuple[Compare | None, bool]:
        """A comparison that the write itself makes void, and whether we added it."""
        changed = {operation.key for operation in operations}
        for compare in compares:
            if compare.key in changed and (compare.expect is ABSENT or not compare.by_creation):
                return compare, False
        if not operations:
            return None, False
        key = next((one.key for one in operations if isinstance(one, Put)), operations[0].key)
        return Compare(key, self._seen.get(key, 0)), True

    def _attempt(self, write: Write, deadline: Deadline) -> Done | None:
        """None where only our own guess was wrong."""
        answer = self._send(write, deadline)
        result = answer.value
        if result.succeeded:
            return self._succeeded(write, result)
        found = write.found(result)
        if answer.repeated and write.guard:
            done = earlier(self._caller, write, found[write.guard.key], deadline)
            if done is not None:
                return done
        for compare in write.compares:
            if (there := state(found[compare.key], compare.by_creation)) != expected(compare):
                raise Conflict(_mismatch(compare, there), "Read it again, then decide.")
        if write.guard:
            self.note(write.guard.key, state(found[write.guard.key]))
        return None

    def _send(self, write: Write, deadline: Deadline) -> Answer[Any]:
        send = unary("kv", "Txn", write.request())
        if write.operations:
            return self._caller.write(send, deadline, write.named)
        return Answer(self._caller.read(send, deadline), repeated=False)

    def _succeeded(self, write: Write, result: Any) -> Done:
        for operation in write.operations:
            self.note(operation.key, result.header.revision if isinstance(operation, Put) else 0)
        deleted = sum(one.response_delete_range.deleted for one in result.responses)
        return Done(result.header.revision, deleted)


def _check_length(compares: Sequence[Compare], operations: Sequence[Put | Delete]) -> None:
    if len(operations) > MAX_OPERATIONS or len(compares) >= MAX_OPERATIONS:
        raise BadInput(
            f"A transaction of {len(operations):,} operations and {len(compares):,} comparisons is too"
            " long; nothing was written.",
            f"At most {MAX_OPERATIONS} operations and {MAX_OPERATIONS - 1} comparisons at once.",
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
