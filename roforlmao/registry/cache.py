"""What is below a prefix of a cluster, read as of now by asking only for what changed; or as last known.

The list of a prefix is exact: created and changed keys are those of a later revision, so that the number
of keys differs from the cluster's exactly where some were deleted; only there the keys are compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Final, Protocol, TypeVar

from roforlmao.errors import BadInput, Compacted, StorageFailed
from roforlmao.registry.base import Position, Record
from roforlmao.registry.cache_draft import Draft
from roforlmao.registry.cache_file import CacheFile
from roforlmao.registry.cache_read import Read, coverage
from roforlmao.registry.etcd_read import EVERYTHING, KEYS_PAGE, Page, Wanted

_TRIES: Final = 3

T = TypeVar("T")


class Source(Protocol):
    """What a cluster is asked for."""

    def get(self, key: str) -> Record | None: ...

    def pages(self, prefix: str, wanted: Wanted = ..., page: int = ...) -> Iterator[Page]: ...


def current(file: CacheFile, source: Source, prefix: str, read: Read[T]) -> T:
    """What ``read`` finds below the prefix now. Errors: those of the registry, StorageFailed."""
    for _ in range(_TRIES):
        with file.opened() as connection, suppress(Compacted):
            found = _attempt(Draft(connection, prefix), source, prefix, read)
            if found is not None:
                return found[0]
    raise StorageFailed("What is known of the registry changes all the time.", "Read the registry itself.")


def _attempt(draft: Draft, source: Source, prefix: str, read: Read[T]) -> tuple[T] | None:
    (now,) = source.pages(prefix, Wanted(count_only=True))
    draft.expect(now.position)
    if draft.stands_at(now) and _is_there(draft, source):
        return draft.confirm(read)
    position = _changes(draft, source, prefix) if draft.base else None
    if position is not None:
        return draft.settle(position, read)
    draft.clear()
    position = now.position
    for page in source.pages(prefix, EVERYTHING):
        draft.stage(page.found)
        position = page.position
    return draft.settle(position, read, whole=True)


def _is_there(draft: Draft, source: Source) -> bool:
    """Whether the newest that is known is the cluster's; of one that was restored it hardly is."""
    newest = draft.newest
    if newest is None:
        return True
    try:
        found = source.get(newest.key)
    except BadInput:  # a name that no launcher would write; all that changed tells as well
        return False
    return found is not None and found.revision == newest.revision


def _changes(draft: Draft, source: Source, prefix: str) -> Position | None:
    """Stages them, and says as of when; None where they do not follow from what is known."""
    total, position = 0, Position(0, 0)
    for page in source.pages(prefix, Wanted(since=draft.since)):
        draft.stage(page.found)
        total, position = page.total, page.position
    if draft.count() != total:
        _deletions(draft, source, position.revision)
    return position if draft.follows(total) else None


def _deletions(draft: Draft, source: Source, at: int) -> None:
    """Stages them; looks only where the number of keys says that there are some."""
    for child in draft.children():
        (there,) = source.pages(child, Wanted(at=at, count_only=True))
        if draft.count(child) != there.total:
            draft.stage_gone(child, source.pages(child, Wanted(at=at, keys_only=True), KEYS_PAGE))


def last_known(file: CacheFile, place: str, read: Read[T]) -> tuple[T, float] | None:
    """What ``read`` finds of a key or prefix that was read before, and when. Errors: StorageFailed."""
    with file.opened() as connection:
        connection.execute("BEGIN")
        revision, seen = coverage(connection, place.encode())
        return (read(connection, revision), seen) if revision else None


def last_heard(file: CacheFile) -> float | None:
    """When the registry was last read (seconds since the epoch). Errors: StorageFailed."""
    with file.opened() as connection:
        found: float | None = connection.execute("SELECT max(seen) FROM coverage").fetchone()[0]
        return found
