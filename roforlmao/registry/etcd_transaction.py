"""A transaction as the cluster is asked for it, with the guard that makes it safe to send twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from roforlmao.registry.base import ABSENT, Compare, Delete, Put, Record
from roforlmao.registry.etcd_read import record
from roforlmao.registry.etcd_stubs import load
from roforlmao.text import one_line


@dataclass(frozen=True)
class Write:
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
        return {key: record(kvs[0]) if kvs else None for key, kvs in zip(self._asked(), ranges, strict=True)}

    def named(self) -> str:
        """What is written, for a sentence."""
        first, *others = self.operations
        return f"'{one_line(first.key, 80)}'" + (f" and {len(others)} more" if others else "")

    def _asked(self) -> list[str]:
        guards = [self.guard] if self.guard else []
        return list(dict.fromkeys(compare.key for compare in (*self.compares, *guards)))


def expected(compare: Compare) -> int:
    """The revision that a comparison wants, 0 for absence."""
    return 0 if compare.expect is ABSENT else compare.expect


def state(found: Record | None, by_creation: bool = False) -> int:
    """The revision that a comparison meets, 0 for absence."""
    if found is None:
        return 0
    return found.create_revision if by_creation else found.revision


def _compare(messages: Any, compare: Compare) -> Any:
    kind, key, wanted = messages.Compare, compare.key.encode(), expected(compare)
    if compare.by_creation or not wanted:
        return kind(key=key, target=kind.CREATE, result=kind.EQUAL, create_revision=wanted)
    return kind(key=key, target=kind.MOD, result=kind.EQUAL, mod_revision=wanted)


def _operation(messages: Any, operation: Put | Delete) -> Any:
    key = operation.key.encode()
    if isinstance(operation, Delete):
        return messages.RequestOp(request_delete_range=messages.DeleteRangeRequest(key=key))
    return messages.RequestOp(
        request_put=messages.PutRequest(key=key, value=operation.value, lease=operation.lease)
    )
