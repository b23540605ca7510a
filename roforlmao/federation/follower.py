"""Peers' news by watch, as notices: each is told once, whatever is restarted, cut off or compacted."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from roforlmao.errors import Compacted
from roforlmao.federation.batch import Batch
from roforlmao.federation.happenings import Hearing
from roforlmao.federation.heard import Heard, HeardBook
from roforlmao.registry.base import Event, Registry, Watch
from roforlmao.text import counted

_QUIET_S: Final = 0.7  # what comes closer together is told together
_BUSY_S: Final = 60.0  # two batches within this time make the next one wait for longer, up to this
_KEEP_S: Final = 600.0  # how often it is written how far was read, where nothing was to be told
_FOLLOWS: Final = "what changes is heard at once"
_AWAY: Final = "the registry does not answer; what changes is heard later"
_HELD: Final = (("tools", "tool"), ("data", "dataset"), ("hubs", "announcement"))


@dataclass(frozen=True)
class Ear:
    """What listening needs: the registry, how its entries are read, and where it is kept how far.

    ``judged`` looks at the judgements of these hubs, of which some may concern the operator.
    ``source`` is how the configuration names the registry.
    """

    registry: Registry
    hearing: Hearing
    book: HeardBook
    judged: Callable[[set[str]], object]
    source: str


class Follower:
    """For one thread; only ``close`` is for others, too. The first ``listen`` opens the watch.

    The first of a home tells nothing of what was there before. Where peers do something all the time,
    it is told more and more seldom.
    """

    def __init__(self, ear: Ear) -> None:
        self._ear = ear
        self._watch: Watch | None = None
        self._closed = False
        self._heard = Heard("", "", 0)
        self._past = 0  # what happened up to this revision happened while nobody listened
        self._carried: Event | None = None
        self._batch: Batch | None = None
        self._quiet_s = _QUIET_S
        self._told_at = self._keep_at = 0.0
        self.state = _FOLLOWS

    def close(self) -> None:
        """Ends a ``listen`` that waits; what it had not told is told by the next follower."""
        self._closed = True
        self.pause()

    def pause(self) -> None:
        """Until the next ``listen``, which goes on after what was told last."""
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.close()

    def listen(self, seconds: float) -> bool:
        """Hears what comes for so long, or until something is told; whether something was.

        Errors: RegistryError, StorageFailed; ``pause``, then listen again.
        """
        if self._watch is None and not self._closed and self._open():
            return True
        deadline, told = time.monotonic() + seconds, False
        while not (told or self._closed) and time.monotonic() < deadline:
            event, self._carried = self._carried or self._next(deadline), None
            told = self._told_now() if event is None else self._take(event)
        return told

    def _next(self, deadline: float) -> Event | None:
        watch = self._watch
        until = min(deadline, self._batch.due_at if self._batch else deadline)
        return None if watch is None else watch.next_event(max(0.0, until - time.monotonic()))

    def _take(self, event: Event) -> bool:
        if event.kind == "resync" or (self._batch and self._batch.ends_before(event.revision)):
            told = self._tell()
            if event.kind == "resync":
                return self._resync() or told
            self._carried = event
            return told
        if event.kind in ("down", "up"):
            self.state = _FOLLOWS if event.kind == "up" else _AWAY
        elif event.revision > self._heard.revision:
            meanwhile = event.revision <= self._past
            self._batch = self._batch or Batch(self._ear.hearing, self._quiet_s, meanwhile=meanwhile)
            self._batch.take(event.revision, event.record)
        return False

    def _told_now(self) -> bool:
        """Nothing more is there at the moment: tells what is due."""
        due_at = self._batch.due_at if self._batch else self._keep_at
        return time.monotonic() >= min(due_at, self._keep_at) and not self._closed and self._tell()

    def _open(self) -> bool:
        ear, told = self._ear, False
        at = ear.registry.position(ear.hearing.root)
        store = f"{at.cluster:x}{ear.hearing.root}" if at.cluster else ""
        here, known = Heard(ear.source, store, at.revision), ear.book.load()
        self._batch = self._carried = None
        self._keep_at = time.monotonic() + _KEEP_S
        if known is None or not known.is_of(here):
            self._keep(here, ())
        elif known.store != store or known.revision > at.revision:
            told = self._replaced(here)
        else:
            self._heard = replace(known, source=ear.source)
        try:
            self._watch = self._watching()
        except Compacted:
            told = self._resync()
            self._watch = self._watching()
        self._past, self.state = at.revision, _FOLLOWS
        if self._closed:  # meanwhile
            self.pause()
        return told

    def _watching(self) -> Watch:
        return self._ear.registry.watch(self._ear.hearing.root, self._heard.revision + 1)

    def _resync(self) -> bool:
        """The history has a gap: what changed is found by its revision."""
        listing = self._ear.registry.list(self._ear.hearing.root)
        if listing.revision < self._heard.revision:
            return self._replaced(replace(self._heard, revision=listing.revision))
        batch = self._batch = Batch(self._ear.hearing, self._quiet_s, meanwhile=True)
        for record in listing.records:
            if record.revision > self._heard.revision:
                batch.take(record.revision, record)
        batch.upto = listing.revision
        if batch.tally.count:
            entries = counted(batch.tally.count, "entry", "entries")
            batch.begin(f"The registry forgot changes before they were read. New of peers: {entries}.")
        return self._tell()

    def _replaced(self, here: Heard) -> bool:
        keys = self._ear.registry.keys(self._ear.hearing.root)
        rooms = Counter(key.removeprefix(self._ear.hearing.root).partition("/")[0] for key in keys)
        held = ", ".join(counted(rooms[room], noun) for room, noun in _HELD)
        self._keep(here, [f"The registry is another one than before, or an older state of it: {held}."])
        return True

    def _tell(self) -> bool:
        """Writes the notices of the batch, with how far was read; whether there were any."""
        batch, self._batch = self._batch, None
        if batch is None:
            return False
        lines, heard = batch.lines(), replace(self._heard, revision=max(batch.upto, self._heard.revision))
        if lines or batch.hubs or time.monotonic() >= self._keep_at:
            self._keep(heard, lines)
        self._heard = heard
        if not (lines or batch.hubs):
            return False
        self._pace()
        if batch.hubs:
            self._ear.judged(batch.hubs)
        return True

    def _pace(self) -> None:
        """What comes again and again is gathered for longer."""
        now = time.monotonic()
        busy = now - self._told_at < _BUSY_S
        self._quiet_s = min(_BUSY_S, 2 * self._quiet_s) if busy else _QUIET_S
        self._told_at = now

    def _keep(self, heard: Heard, lines: Sequence[str]) -> None:
        self._ear.book.keep(heard, lines)
        self._heard = heard
        self._keep_at = time.monotonic() + _KEEP_S
