"""Named entries of one kind below one prefix of the registry."""

from __future__ import annotations

import dataclasses
import datetime as dt
import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, NoReturn, TypeVar

from roforlmao.errors import AlreadyExists, BadInput, Conflict, NotFound
from roforlmao.experiment import Experiment
from roforlmao.models import Dataset, Tool
from roforlmao.names import check_name
from roforlmao.registry.base import ABSENT, Expect, Record, Registry
from roforlmao.registry.entries import Rules, encode, unknown_fields
from roforlmao.registry.fence import Fence
from roforlmao.registry.recall import insisting
from roforlmao.registry.signatures import Seal, seals_of
from roforlmao.text import one_line

ATTEMPTS: Final = 100
"""How often a rewrite is tried again while others change the same key."""

T = TypeVar("T")
E = TypeVar("E", Tool, Dataset, Experiment)


@dataclass(frozen=True)
class Refusal:
    """An entry that cannot be used, by its key, and why, with what to do about it."""

    key: str
    reason: str


@dataclass(frozen=True)
class Entries(Generic[T]):
    """What was read: one bad entry never hides the others."""

    good: tuple[T, ...]
    refused: tuple[Refusal, ...] = ()

    @property
    def warnings(self) -> list[str]:
        """What was refused, a line each."""
        return [f"{one_line(refusal.key, 120)}: {refusal.reason}" for refusal in self.refused]


def sorted_out(records: Iterable[Record], read: Callable[[Record], T]) -> Entries[T]:
    """What can be read of them, in their order, and what cannot, each alone."""
    good: list[T] = []
    refused: list[Refusal] = []
    for record in records:
        try:
            good.append(read(record))
        except BadInput as error:
            refused.append(Refusal(record.key, f"{error.message} {error.hint}".strip()))
    return Entries(tuple(good), tuple(refused))


@dataclass(frozen=True)
class Shelf(Generic[E]):
    """The entries below ``prefix``, each called a ``noun``, decoded and written by ``rules``."""

    registry: Registry
    prefix: str
    noun: str
    fields: tuple[str, ...]
    decode: Callable[[str, bytes, Rules], E]
    blank: Callable[[str], E]
    rules: Rules

    def all(self) -> Entries[E]:
        """All of them, sorted by name."""
        found = sorted_out(self.registry.list(self.prefix).records, self._read)
        return dataclasses.replace(found, good=tuple(sorted(found.good, key=lambda entry: entry.name)))

    def one(self, name: str) -> E:
        """Errors: NotFound, BadInput where the name or the entry breaks a rule."""
        record = self.registry.get(self.prefix + check_name(name, f"{self.noun} name"))
        if record is None:
            self._missing(name)
        try:
            return self._read(record)
        except BadInput as error:
            raise BadInput(
                f"The registered {self.noun} '{name}' cannot be used: {error.message}",
                f"Ask who registered it, or remove it: {self.noun} remove {name}",
            ) from error

    def add(self, entry: E, *, replace: bool) -> E:
        """Writes it as the operator's own. Errors: AlreadyExists, BadInput, Conflict."""
        name = check_name(entry.name, f"{self.noun} name")
        now = dt.datetime.now(dt.UTC).astimezone().isoformat(timespec="seconds")
        operator = check_name(self.rules.operator, "name of an operator")
        stamped = dataclasses.replace(entry, registered_by=operator, registered_at=now)
        checked = self.decode(name, encode(stamped), self.rules)  # what is written can be read
        return self._write(checked, replace=replace)

    def _write(self, entry: E, *, replace: bool) -> E:
        def rewritten(old: Record | None) -> E:
            if old is None:
                return entry
            if not replace:
                raise AlreadyExists(
                    f"A {self.noun} named '{entry.name}' is registered already.",
                    f"Choose another name, or remove that one first: {self.noun} remove {entry.name}",
                )
            return dataclasses.replace(entry, extra={**unknown_fields(old.value, self.fields), **entry.extra})

        key = self.prefix + entry.name
        return rewrite(self.registry, key, rewritten, lambda new: self.rules.encode(key, new))

    def seals(self, entries: Sequence[E], most: int) -> list[Seal]:
        """Who signed them; a mismatch also where another entry lies there by now.

        At most ``most`` signatures are looked at.
        """
        find: Callable[[str], Record | None] = self.registry.get
        if len(entries) > 1:
            find = {record.key: record for record in self.registry.list(self.prefix).records}.get
        return seals_of((self._same(entry, find(self.prefix + entry.name)) for entry in entries), most)

    def _same(self, entry: E, record: Record | None) -> Record | None:
        """The record if it is still that entry's."""
        return record if record and self._read_or_blank(record) == entry else None

    @insisting()
    def remove(self, name: str) -> E:
        """Removes and returns it, also one that cannot be used. Errors: NotFound, BadInput."""
        for _ in range(ATTEMPTS):
            record = self.registry.get(self.prefix + name) if name and name.isprintable() else None
            if record is None:
                check_name(name, f"{self.noun} name")
                self._missing(name)
            try:
                self.registry.delete(record.key, expect=record.revision)
            except Conflict:
                continue
            return self._read_or_blank(record)
        raise busy(self.prefix + name)

    def _read(self, record: Record) -> E:
        rules = self.rules.for_entry(record.key, record.value)
        return self.decode(record.key.removeprefix(self.prefix), record.value, rules)

    def _read_or_blank(self, record: Record) -> E:
        try:
            return self._read(record)
        except BadInput:
            return self.blank(record.key.removeprefix(self.prefix))

    def _missing(self, name: str) -> NoReturn:
        names = [entry.name for entry in self.all().good]
        raise NotFound(
            f"No {self.noun} named '{name}' is registered.", offer(name, names, f"{self.noun} get")
        )


@insisting()
def rewrite(
    registry: Registry,
    key: str,
    change: Callable[[Record | None], T],
    write: Callable[[T], bytes],
    fence: Fence | None = None,
    said: Callable[[Record, T], bool] = lambda _old, _new: False,
) -> T:
    """Writes what ``change`` makes of the present record, again until nobody came between.

    With a ``fence`` only while that holds; nothing where it is ``said`` already, but for the fence, which is
    settled. Errors: Conflict, LeaseLost, and what ``change`` raises.
    """
    for _ in range(ATTEMPTS):
        old = registry.get(key)
        new = change(old)
        if old is not None and said(old, new):
            if fence is not None:
                fence.settle(registry)
            return new
        try:
            _put(registry, key, write(new), old.revision if old else ABSENT, fence)
        except Conflict:
            continue
        return new
    raise busy(key)


def _put(registry: Registry, key: str, value: bytes, expect: Expect, fence: Fence | None) -> None:
    if fence is None:
        registry.put(key, value, expect)
    else:
        fence.put(registry, key, value, expect)


def busy(key: str) -> Conflict:
    return Conflict(f"Others change '{key}' all the time; nothing was written.", "Try again later.")


def offer(name: str, names: Iterable[str], verb: str) -> str:
    """A hint with the names that look like the one that was not found."""
    near = difflib.get_close_matches(name, list(names), n=3, cutoff=0.6)
    if not near:
        return f"See what there is: {verb}"
    return f"Did you mean {' or '.join(repr(each) for each in near)}?"
