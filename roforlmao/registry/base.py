"""The contract that every registry backend keeps; ``tests/contract`` holds them to it.

One key space of text keys and byte values with a strictly increasing revision, as in etcd v3
(https://etcd.io/docs/v3.4/learning/api/). Every call has a deadline.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from types import TracebackType
from typing import Final, Literal, Self

MAX_VALUE: Final = 1_000_000


class _Absent(Enum):
    ABSENT = "absent"


ABSENT: Final = _Absent.ABSENT
Expect = int | Literal[_Absent.ABSENT] | None
"""What a guarded write expects of its key: a modification revision, absence, or nothing."""


@dataclass(frozen=True, slots=True)
class Record:
    """A key with its value; ``revision`` is that of its last modification."""

    key: str
    value: bytes
    revision: int
    create_revision: int
    version: int
    lease: int = 0


@dataclass(frozen=True)
class Listing:
    """The records below a prefix, sorted by key, all as of one ``revision``."""

    records: tuple[Record, ...]
    revision: int


@dataclass(frozen=True)
class Position:
    """Which cluster answered (its id, 0 where it has none), and the revision of its store."""

    cluster: int
    revision: int


@dataclass(frozen=True)
class Compare:
    """Holds when the key's revision (or creation revision, for fences) is as expected."""

    key: str
    expect: int | Literal[_Absent.ABSENT]
    by_creation: bool = False


@dataclass(frozen=True)
class Put:
    key: str
    value: bytes
    lease: int = 0


@dataclass(frozen=True)
class Delete:
    key: str


@dataclass(frozen=True)
class Event:
    """``put`` and ``delete`` carry a key, ``resync`` says list again, ``down`` and ``up`` are the link."""

    kind: Literal["put", "delete", "resync", "down", "up"]
    revision: int
    key: str = ""
    record: Record | None = None


@dataclass(frozen=True)
class Member:
    """A server behind the registry (the embedded one has one: its file)."""

    name: str
    endpoint: str
    version: str
    leader: bool
    healthy: bool


@dataclass(frozen=True)
class Health:
    """``away`` says that it does not answer, ``known_at`` when what is known then was read.

    That is in seconds since the epoch.
    """

    ok: bool
    detail: str
    hint: str = ""
    away: bool = False
    known_at: float | None = None


class Closing(ABC):
    """Something that a ``with`` block closes."""

    @abstractmethod
    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Watch(Closing, Iterator[Event]):
    """Events in order, no gap, no repeat. Iterating blocks; ``next_event`` waits at most so long."""

    @abstractmethod
    def next_event(self, timeout: float) -> Event | None: ...


class Session(Closing):
    """A lease that is kept alive every ttl/3; ``on_lost`` is called once if it expires all the same."""

    lease: int

    @property
    @abstractmethod
    def alive(self) -> bool: ...

    @abstractmethod
    def close(self) -> None:
        """Revokes the lease; what was bound to it goes."""


class Lock(Closing):
    """A held lock. Put ``guard`` into every transaction that it protects: a late write is then refused.

    ``fence`` is the lock key's creation revision and grows with every holder.
    """

    key: str
    fence: int

    @property
    def guard(self) -> Compare:
        return Compare(self.key, self.fence, by_creation=True)

    @abstractmethod
    def release(self) -> None: ...

    def close(self) -> None:
        self.release()


class Registry(ABC):
    """A shared key/value store. Safe to use from several threads."""

    @abstractmethod
    def get(self, key: str) -> Record | None:
        """The record, read linearizably. Errors: Unavailable, Denied."""

    @abstractmethod
    def list(self, prefix: str, page: int = 5000) -> Listing:
        """All records whose key begins with ``prefix``, at one revision, fetched ``page`` at a time."""

    def keys(self, prefix: str) -> Sequence[str]:
        """Only the keys of ``list``."""
        return [record.key for record in self.list(prefix).records]

    def position(self, prefix: str) -> Position:
        """Where the store stands now; for whoever may read below the prefix."""
        return Position(0, self.list(f"{prefix}~").revision)

    def learn(self) -> None:  # noqa: B027 (most have no memory)
        """Reads what may be wanted once it is away, where it has a memory for that. Errors: as ``list``."""

    @abstractmethod
    def put(self, key: str, value: bytes, expect: Expect = None, lease: int = 0) -> int:
        """Writes and returns the new revision.

        Errors: Conflict, TooLarge, LeaseLost, Denied, Unavailable, OutcomeUnknown.
        """

    @abstractmethod
    def delete(self, key: str, expect: Expect = None) -> bool:
        """Removes the key; says whether it was there. Errors: Conflict, Unavailable, OutcomeUnknown."""

    @abstractmethod
    def transaction(self, compares: Sequence[Compare], operations: Sequence[Put | Delete]) -> int:
        """All operations at one revision if all compares hold, else Conflict and nothing."""

    @abstractmethod
    def watch(self, prefix: str, from_revision: int | None = None) -> Watch:
        """Changes below the prefix from that revision on (default: from now). Errors: Compacted."""

    @abstractmethod
    def session(self, ttl: float, on_lost: Callable[[], None] | None = None) -> Session: ...

    @abstractmethod
    def lock(self, name: str, session: Session, timeout: float = 5.0) -> Lock:
        """Waits for the lock at most ``timeout`` seconds (Conflict); it goes with the session."""

    @abstractmethod
    def members(self) -> Sequence[Member]: ...

    @abstractmethod
    def health(self) -> Health: ...

    @abstractmethod
    def close(self) -> None: ...
