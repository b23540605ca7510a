"""The load of the chaos run: writers, watchers and a lease, which keep account of all that they were told.

Every value is written once in the whole run: ``writer:number:operation id``. So a watch shows each
write by itself, and one that was done twice cannot hide.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from roforlmao.errors import Conflict, OutcomeUnknown, RegistryError
from roforlmao.registry.base import ABSENT, Event, Record, Registry
from roforlmao.registry.etcd_outcome import operation_id

ROOT: Final = "/chaos/"
LEASED: Final = f"{ROOT}leased"
COUNTER: Final = f"{ROOT}counter"
LEASE_S: Final = 6.0
_KEYS: Final = 20  # of each bare writer; all are written again and again
_PADDING: Final = b" " + b"x" * 120

T = TypeVar("T")


class Worker(ABC):
    """A thread that works until it is stopped. What goes wrong there is raised by ``stop``."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.stopped = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._guarded, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.stopped.set()
        self._thread.join(30)
        assert not self._thread.is_alive(), f"{self.name} hangs"
        if self._failure is not None:
            raise self._failure

    def _guarded(self) -> None:
        try:
            self.work()
        except BaseException as error:  # noqa: BLE001 (raised again by the thread that stops this one)
            self._failure = error

    @abstractmethod
    def work(self) -> None: ...


@dataclass
class Account:
    """What a writer was told. ``unknown`` may have been written, ``refused`` certainly not."""

    acknowledged: dict[str, tuple[str, int]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    slowest_s: float = 0.0
    said: list[str] = field(default_factory=list)


class Writer(Worker):
    """Writes one value after the other, at most one in ``pace_s`` seconds."""

    def __init__(self, registry: Registry, name: str, pace_s: float) -> None:
        super().__init__(name)
        self.account = Account()
        self._registry = registry
        self._pace_s = pace_s

    def work(self) -> None:
        number = 0
        while not self.stopped.wait(self._pace_s):
            self.write(f"{self.name}:{number}:{operation_id()}")
            number += 1

    def write(self, value: str) -> None:
        account = self.account
        try:
            key, revision = self.write_once(value)
            account.acknowledged[value] = key, revision
        except OutcomeUnknown as error:
            account.unknown.add(value)
            account.said.append(error.message)
        except Conflict:
            account.refused.add(value)
        except RegistryError as error:
            account.refused.add(value)
            account.said.append(error.message)

    @abstractmethod
    def write_once(self, value: str) -> tuple[str, int]:
        """The key that was written, and the revision that was acknowledged."""

    def timed(self, call: Callable[[], T]) -> T:
        begun = time.monotonic()
        try:
            return call()
        finally:
            self.account.slowest_s = max(self.account.slowest_s, time.monotonic() - begun)


class BareWriter(Writer):
    """Puts without any expectation, on keys of its own."""

    def write_once(self, value: str) -> tuple[str, int]:
        key = f"{ROOT}{self.name}/{int(value.split(':')[1]) % _KEYS:02}"
        return key, self.timed(lambda: self._registry.put(key, value.encode() + _PADDING))


class GuardedWriter(Writer):
    """Takes the counter's next step, by compare-and-swap against the others."""

    def write_once(self, value: str) -> tuple[str, int]:
        found = self.timed(lambda: self._registry.get(COUNTER))
        expect = found.revision if found else ABSENT
        text = f"{value} {count_of(found) + 1}".encode()
        return COUNTER, self.timed(lambda: self._registry.put(COUNTER, text, expect=expect))


def count_of(record: Record | None) -> int:
    """The counter's count, 0 before the first."""
    return int(record.value.split()[1]) if record else 0


def value_of(record: Record) -> str:
    """Which write a record is of."""
    return record.value.split()[0].decode()


class Watcher(Worker):
    """Notes every change that it is told of, and how long it was told nothing."""

    def __init__(self, registry: Registry, name: str) -> None:
        super().__init__(name)
        self.events: list[tuple[str, int, str]] = []  # key, revision, value; no value where it was deleted
        self.counts: list[int] = []
        self.others: list[str] = []  # resync, which would be a gap
        self.longest_silence_s = 0.0
        self._watch = registry.watch(ROOT)

    def work(self) -> None:
        last = time.monotonic()
        while not self.stopped.is_set():
            event = self._watch.next_event(0.5)
            if event is not None and event.kind in ("put", "delete"):
                self._note(event)
                now = time.monotonic()
                self.longest_silence_s, last = max(self.longest_silence_s, now - last), now
            elif event is not None and event.kind == "resync":
                self.others.append(event.kind)

    def _note(self, event: Event) -> None:
        self.events.append((event.key, event.revision, value_of(event.record) if event.record else ""))
        if event.key == COUNTER:
            self.counts.append(count_of(event.record))

    def reached(self, revision: int) -> bool:
        return bool(self.events) and self.events[-1][1] >= revision

    def close(self) -> None:
        self._watch.close()


class Lease:
    """A key under a lease that has to be there all the time."""

    def __init__(self, registry: Registry) -> None:
        self.lost = threading.Event()
        self.session = registry.session(LEASE_S, self.lost.set)
        registry.put(LEASED, b"leased", lease=self.session.lease)
