"""Peers' news by watch, as notices: each is told once, whatever is restarted, cut off or compacted."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from roforlmao.errors import Compacted
from roforlmao.federation.happenings import Hearing
from roforlmao.federation.heard import Heard, HeardBook
from roforlmao.federation.tally import Tally
from roforlmao.registry.base import Event, Record, Registry, Watch
from roforlmao.text import counted

_QUIET_S: Final = 0.7  # what comes closer together is told together,
_LONGEST_S: Final = 30.0  # for so long
_KEEP_S: Final = 600.0  # how often it is written how far was read, where nothing was to be told
_MOST_HUBS: Final = 50  # are looked at at once; the rest waits for the next round of judgements
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

    The first of a home tells nothing of what was there before.
    """

    def __init__(self, ear: Ear) -> None:
        self._ear = ear
        self._watch: Watch | None = None
        self._closed = False
        self._heard = Heard("", "", 0)
        self._past = 0  # what happened up to this revision happened while nobody listened
        self._carried: Event | None = None
        self._keep_at = 0.0
        self.state = _FOLLOWS

    def close(self) -> None:
        """Ends a ``listen`` that waits; what it had not told is told by the next follower."""
        self._closed = True
        self.pause()

    def pause(self) -> None:
        """Until the next ``listen``, which goes on where this one stopped."""
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.close()

    def listen(self, seconds: float) -> bool:
        """Waits at most so long for the next event; whether there is something new for the operator.

        Errors: RegistryError, StorageFailed; ``pause``, then listen again.
        """
        if self._watch is None and not self._closed and self._open():
            return True
        event, self._carried = self._carried or self._next(seconds), None
        if event is None:
            return False
        return self._resync() if event.kind == "resync" else self._gather(event)

    def _next(self, seconds: float) -> Event | None:
        watch = self._watch
        return None if watch is None else watch.next_event(seconds)

    def _open(self) -> bool:
        ear, told = self._ear, False
        at = ear.registry.position(ear.hearing.root)
        store = f"{at.cluster:x}{ear.hearing.root}" if at.cluster else ""
        here, known = Heard(ear.source, store, at.revision), ear.book.load()
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

    def _gather(self, event: Event | None) -> bool:
        """Takes what comes without a pause; ends between two revisions, of which each is told whole."""
        meanwhile = event is not None and event.revision <= self._past
        news, end, upto = _News(self._ear.hearing, meanwhile=meanwhile), time.monotonic() + _LONGEST_S, 0
        while event is not None:
            if event.kind == "resync" or (time.monotonic() >= end and event.revision != upto):
                self._carried = event
                break
            if event.kind in ("down", "up"):
                self.state = _FOLLOWS if event.kind == "up" else _AWAY
            elif event.revision > self._heard.revision:
                news.take(event.record)
                upto = event.revision
            event = self._next(_QUIET_S)
        if self._closed or not upto:
            return False
        return self._tell(news, upto)

    def _resync(self) -> bool:
        """The history has a gap: what changed is found by its revision."""
        listing = self._ear.registry.list(self._ear.hearing.root)
        if listing.revision < self._heard.revision:
            return self._replaced(replace(self._heard, revision=listing.revision))
        news = _News(self._ear.hearing, meanwhile=True)
        for record in listing.records:
            if record.revision > self._heard.revision:
                news.take(record)
        if news.tally.count:
            entries = counted(news.tally.count, "entry", "entries")
            news.first = f"The registry forgot changes before they were read. New of peers: {entries}."
        return self._tell(news, listing.revision)

    def _replaced(self, here: Heard) -> bool:
        keys = self._ear.registry.keys(self._ear.hearing.root)
        rooms = Counter(key.removeprefix(self._ear.hearing.root).partition("/")[0] for key in keys)
        held = ", ".join(counted(rooms[room], noun) for room, noun in _HELD)
        self._keep(here, [f"The registry is another one than before, or an older state of it: {held}."])
        return True

    def _tell(self, news: _News, upto: int) -> bool:
        lines = news.lines()
        heard = replace(self._heard, revision=upto)
        if lines or news.hubs or time.monotonic() >= self._keep_at:
            self._keep(heard, lines)
        self._heard = heard
        if news.hubs:
            self._ear.judged(news.hubs)
        return bool(lines or news.hubs)

    def _keep(self, heard: Heard, lines: Sequence[str]) -> None:
        self._ear.book.keep(heard, lines)
        self._heard = heard
        self._keep_at = time.monotonic() + _KEEP_S


class _News:
    """What was heard in one go; ``hubs`` are those whose judgements changed."""

    def __init__(self, hearing: Hearing, *, meanwhile: bool) -> None:
        self._hearing = hearing
        self.tally = Tally(meanwhile=meanwhile)
        self.hubs: set[str] = set()
        self.first = ""

    def take(self, record: Record | None) -> None:
        """A value that was written; what was removed is no news."""
        if record is None:
            return
        happening, hub = self._hearing.hear(record), self._hearing.judged_hub(record)
        if happening is not None:
            self.tally.add(happening)
        if hub and len(self.hubs) < _MOST_HUBS:
            self.hubs.add(hub)

    def lines(self) -> Sequence[str]:
        return [*([self.first] if self.first else []), *self.tally.lines()]
