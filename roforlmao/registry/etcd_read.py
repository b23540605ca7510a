"""Reading from a cluster: one key, or all below a prefix, page by page at one revision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, Final

from roforlmao.errors import Compacted, TooLarge
from roforlmao.registry.base import Listing, Record
from roforlmao.registry.etcd_call import Caller, Deadline, unary
from roforlmao.registry.etcd_stubs import load

_TRIES: Final = 3


def span(prefix: str) -> tuple[bytes, bytes]:
    """The keys that begin with the prefix: from the first, up to but without the second.

    UTF-8 holds no byte 0xff, so that this closes the range; without a prefix all keys of printable
    text are meant.
    """
    return (prefix or " ").encode(), prefix.encode() + b"\xff"


def record(found: Any) -> Record:
    """etcd's KeyValue as ours. Errors: UnicodeDecodeError where the key is no text."""
    return Record(
        found.key.decode(),
        found.value,
        found.mod_revision,
        found.create_revision,
        found.version,
        found.lease,
    )


def records(found: Iterable[Any]) -> Iterator[Record]:
    """Leaves out keys that are no text: they are not of this key space, and nobody could name them."""
    for one in found:
        try:
            yield record(one)
        except UnicodeDecodeError:
            continue


def get(caller: Caller, key: str, revision: int = 0, deadline: Deadline | None = None) -> Record | None:
    """The record now, read linearizably, or as it was at that revision. Errors: Compacted."""
    request = load().messages.RangeRequest(key=key.encode(), revision=revision)
    found = caller.read(unary("kv", "Range", request), deadline)
    return record(found.kvs[0]) if found.kvs else None


def revision(caller: Caller, prefix: str, at: int = 0) -> int:
    """The store's revision now; asks with the rights that reading below the prefix needs.

    Errors: Compacted where ``at`` is a revision that is no longer kept.
    """
    low, high = span(prefix)
    request = load().messages.RangeRequest(key=low, range_end=high, count_only=True, revision=at)
    return int(caller.read(unary("kv", "Range", request)).header.revision)


def listing(caller: Caller, prefix: str, page: int) -> Listing:
    """All of one revision; begins anew where that was compacted meanwhile. Errors: as Caller.read."""
    for _ in range(_TRIES - 1):
        with suppress(Compacted):
            return _whole(caller, prefix, page)
    return _whole(caller, prefix, page)


def _whole(caller: Caller, prefix: str, page: int) -> Listing:
    low, high = span(prefix)
    found: list[Record] = []
    at, more = 0, True
    while more:
        request = load().messages.RangeRequest(key=low, range_end=high, limit=page, revision=at)
        try:
            answer = caller.read(unary("kv", "Range", request))
        except TooLarge:
            if page == 1:
                raise
            page = max(1, page // 4)
            continue
        found.extend(records(answer.kvs))
        at, more = at or answer.header.revision, answer.more
        low = answer.kvs[-1].key + b"\0" if more else low
    return Listing(tuple(found), at)
