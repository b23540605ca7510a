"""What a launcher does by itself, beside the operator's jobs: when each comes next and how it went."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from roforlmao.errors import RoforlmaoError
from roforlmao.schedule.pool import Spawn, in_thread
from roforlmao.schedule.rules import Rule, next_after
from roforlmao.state import State
from roforlmao.text import one_line


@dataclass(frozen=True)
class Routine:
    """``call`` does it by its rule, in a thread of its own, and says in words what it did."""

    name: str
    rule: Rule
    call: Callable[[], str]


@dataclass(frozen=True)
class Noted:
    """A routine as any launcher of the home sees it; instants are seconds since the epoch."""

    name: str
    next_at: int | None
    last_at: int | None
    outcome: str


class RoutineBook:
    """What is known of the routines. Errors: StorageFailed."""

    def __init__(self, state: State) -> None:
        self._state = state

    def all(self) -> list[Noted]:
        with self._state.read() as connection:
            rows = connection.execute("SELECT name, next_at, last_at, outcome FROM listeners ORDER BY name")
            return [Noted(*row) for row in rows.fetchall()]

    def plan(self, name: str, next_at: int | None) -> None:
        """When it comes next; None while it listens all the time."""
        with self._state.write() as connection:
            connection.execute(
                "INSERT INTO listeners (name, next_at) VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET next_at = excluded.next_at",
                (name, next_at),
            )

    def ended(self, name: str, now: dt.datetime, outcome: str) -> None:
        """How it went last."""
        with self._state.write() as connection:
            connection.execute(
                "INSERT INTO listeners (name, last_at, outcome) VALUES (?1, ?2, ?3) "
                "ON CONFLICT (name) DO UPDATE SET last_at = ?2, outcome = ?3",
                (name, int(now.timestamp()), one_line(outcome, 200)),
            )


class Routines:
    """``tick`` is for the scheduler's thread. One that did not come while nobody fired comes at once."""

    def __init__(
        self,
        book: RoutineBook,
        routines: Sequence[Routine],
        now: Callable[[], dt.datetime],
        unexpected: Callable[[Exception], RoforlmaoError],
        spawn: Spawn = in_thread,
    ) -> None:
        self._book = book
        self._routines = routines
        self._now = now
        self._unexpected = unexpected
        self._spawn = spawn
        self._next: dict[str, int | None] = {}
        self._at_work: set[str] = set()
        self._lock = threading.Lock()

    def tick(self) -> None:
        """Starts what is due and not at work. Errors: StorageFailed."""
        now = self._now()
        if not self._next:
            known = {noted.name: noted.next_at for noted in self._book.all()}
            self._next = {one.name: self._first(one, known.get(one.name), now) for one in self._routines}
        for one in self._routines:
            due = self._next[one.name]
            if due is not None and due <= now.timestamp() and self._begins(one):
                self._next[one.name] = self._planned(one, now)
                self._spawn(lambda one=one: self._do(one))  # type: ignore[misc]

    def _first(self, one: Routine, known: int | None, now: dt.datetime) -> int | None:
        """The known time, unless the clock was set back far behind it."""
        following = next_after(one.rule, now)
        if known is not None and following is not None and known <= following.timestamp():
            return known
        return self._planned(one, now)

    def _planned(self, one: Routine, now: dt.datetime) -> int | None:
        following = next_after(one.rule, now)
        at = None if following is None else int(following.timestamp())
        self._book.plan(one.name, at)
        return at

    def _begins(self, one: Routine) -> bool:
        with self._lock:
            if one.name in self._at_work:
                return False
            self._at_work.add(one.name)
            return True

    def _do(self, one: Routine) -> None:
        try:
            outcome = one.call()
        except RoforlmaoError as error:
            outcome = f"failed: {error.message}"
        except Exception as error:  # noqa: BLE001 (logged; a routine's fault ends no launcher)
            outcome = f"failed: {self._unexpected(error).message}"
        try:
            self._book.ended(one.name, self._now(), outcome)
        except RoforlmaoError as error:
            self._unexpected(error)
        finally:
            with self._lock:
                self._at_work.discard(one.name)
