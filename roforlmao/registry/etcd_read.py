"""Reading from a cluster: one key, or all below a prefix, page by page at one revision."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from roforlmao.errors import Compacted, TooLarge
from roforlmao.registry.base import Listing, Position, Record
from roforlmao.registry.etcd_call import ATTEMPT_S, Caller, Deadline, unary
from roforlmao.registry.etcd_stubs import load

_TRIES: Final = 3
_FIRST_PAGE: Final = 500
KEYS_PAGE: Final = 20_000
"""Of keys without values, about as many bytes as a page of announcements."""


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


@dataclass(frozen=True)
class Page:
    """Some of the keys below a prefix, as etcd's KeyValues in the order of the keys.

    ``total`` counts all keys below the prefix, whether asked for or not.
    """

    found: Sequence[Any]
    total: int
    position: Position


@dataclass(frozen=True)
class Wanted:
    """What of a prefix: what was modified at revision ``since`` or later; as of revision ``at``, or now."""

    since: int = 0
    at: int = 0
    keys_only: bool = False
    count_only: bool = False


EVERYTHING: Final = Wanted()


def position(caller: Caller, prefix: str) -> Position:
    """The store's present one, for the price of one key. Errors: Denied without rights on the prefix."""
    request = load().messages.RangeRequest(key=span(prefix)[0], keys_only=True)
    header = caller.read(unary("kv", "Range", request)).header
    return Position(header.cluster_id, header.revision)


def pages(caller: Caller, prefix: str, page: int, wanted: Wanted = EVERYTHING) -> Iterator[Page]:
    """All at one revision, at most ``page`` keys at once, fewer over a slow line, and at least one page.

    Errors: Compacted where that revision is no longer kept; as Caller.read.
    """
    low, high = span(prefix)
    at, more, total, size = wanted.at, True, 0, min(page, _FIRST_PAGE)
    while more:
        request = load().messages.RangeRequest(
            key=low,
            range_end=high,
            limit=size,
            revision=at,
            min_mod_revision=wanted.since,
            keys_only=wanted.keys_only,
            count_only=wanted.count_only,
        )
        began = time.monotonic()
        try:
            answer = caller.read(unary("kv", "Range", request))
        except TooLarge:
            if size == 1:
                raise
            page = size = max(1, size // 4)
            continue
        size = _next_size(size, page, time.monotonic() - began)
        total = total or answer.count  # of later pages it counts what is left
        at, more = at or answer.header.revision, answer.more
        yield Page(answer.kvs, total, Position(answer.header.cluster_id, at))
        low = answer.kvs[-1].key + b"\0" if more else low


def _next_size(size: int, most: int, took: float) -> int:
    """A page has to come within the time of an attempt, also over a line of 1 Mbit/s."""
    if took > ATTEMPT_S / 2:
        return max(1, size // 2)
    return min(most, size * 4) if took < ATTEMPT_S / 8 else size


def listing(caller: Caller, prefix: str, page: int) -> Listing:
    """All of one revision. Errors: as Caller.read."""
    found, at = _whole(caller, prefix, page, EVERYTHING)
    return Listing(tuple(found), at)


def keys(caller: Caller, prefix: str) -> Sequence[str]:
    """Those of one revision, without their values. Errors: as Caller.read."""
    found, _ = _whole(caller, prefix, KEYS_PAGE, Wanted(keys_only=True))
    return [one.key for one in found]


def _whole(caller: Caller, prefix: str, page: int, wanted: Wanted) -> tuple[list[Record], int]:
    """The records and their revision; begins anew where that was compacted meanwhile."""
    for _ in range(_TRIES - 1):
        with suppress(Compacted):
            return _once(caller, prefix, page, wanted)
    return _once(caller, prefix, page, wanted)


def _once(caller: Caller, prefix: str, page: int, wanted: Wanted) -> tuple[list[Record], int]:
    found: list[Record] = []
    at = 0
    for one in pages(caller, prefix, page, wanted):
        found.extend(records(one.found))
        at = one.position.revision
    return found, at
