"""What the registry is to be told: at once while it answers, else later, in order, and once.

One launcher of a home delivers at a time, and only the first letter of all. Killed between the delivery
and the note of it, the next one announces again what stands there already, which writes nothing.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from roforlmao.errors import (
    BadInput,
    Busy,
    ConfigurationError,
    Conflict,
    LoginRefused,
    NameTaken,
    OutcomeUnknown,
    Refused,
    RegistryError,
    RoforlmaoError,
    Unavailable,
)
from roforlmao.notices import Notices, note
from roforlmao.paths import make_directory
from roforlmao.registry.catalog import Catalog
from roforlmao.registry.fence import Fence
from roforlmao.runs import letters
from roforlmao.runs.absence import Absence
from roforlmao.runs.letters import Letter, Waiting
from roforlmao.state import State
from roforlmao.text import counted

KIND = "outbox"
_PASSING = (Unavailable, OutcomeUnknown, Conflict)
_NOT_ITS_FAULT = (ConfigurationError, LoginRefused, NameTaken)  # every letter is met by that while it lasts
_FOR_GOOD = (BadInput, Refused, RegistryError)
_PATIENCE_S = 8.0  # longer than one call of a launcher that meets a registry that is away


class NotAnnounced(RegistryError):
    """The data is pushed, but the registry did not take the announcement."""

    code = "not-announced"


@dataclass(frozen=True)
class Posted:
    """What became of a letter: the ``key`` of the announcement, without one it waits."""

    key: str = ""

    @property
    def waits(self) -> bool:
        return not self.key


@dataclass(frozen=True)
class Round:
    """One delivery: the letters that were taken, those refused for good and why, and what ended it early."""

    delivered: tuple[Waiting, ...] = ()
    refused: tuple[tuple[Waiting, str], ...] = ()
    why: str = ""


Record = Callable[[sqlite3.Connection, Posted], None]


def _nothing(_connection: sqlite3.Connection, _posted: Posted) -> None: ...


class Outbox:
    """The letters of one home. ``catalog`` gives the registry's, which announces only while a fence holds."""

    def __init__(
        self,
        state: State,
        locks: Path,
        catalog: Callable[[Fence | None], Catalog],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._state = state
        self._notices = Notices(state)
        self._lock = locks / "outbox"
        self._catalog = catalog
        self._absence = Absence(clock)

    def announce(self, letter: Letter, record: Record = _nothing) -> Posted:
        """Announces it after all that waits; where the registry is away it waits, too.

        ``record`` writes down the outcome in the transaction that puts it into the outbox. Errors:
        NotAnnounced, NameTaken, LossRefused, BadInput, ConfigurationError; StorageFailed.
        """
        with ExitStack() as stack:
            try:
                stack.enter_context(self._turn(_PATIENCE_S))
                posted = self._post(letter)
            except Busy:
                posted = Posted()
            with self._state.write() as connection:
                if posted.waits:
                    self._put(connection, letter)
                record(connection, posted)
        return posted

    def admit(self) -> None:
        """Whether what is pushed now may be announced in the operator's name, as far as that can be told.

        Errors: NameTaken.
        """
        if not self._absence.is_fresh:
            try:
                self._catalog(None).admit()
            except _PASSING:
                self._absence.met()

    def deliver(self) -> Round:
        """Delivers what waits, until the registry does not answer. Errors: Busy, StorageFailed."""
        if not self.count():
            return Round()
        with self._turn(_PATIENCE_S):
            return self._deliver()

    def round(self) -> None:
        """As ``deliver``, where that is due and no other launcher is at it. Errors: StorageFailed."""
        if self._absence.is_due and self.count():
            with suppress(Busy), self._turn(0.0):
                self._deliver()

    def all(self) -> list[Waiting]:
        """What waits, first to be delivered first."""
        with self._state.read() as connection:
            return letters.waiting(connection)

    def count(self) -> int:
        with self._state.read() as connection:
            return letters.count(connection)

    def discard(self, number: int) -> Waiting | None:
        """Takes a letter out that is not to be delivered; None where no such one waits. Errors: Busy."""
        with self._turn(_PATIENCE_S):
            found = next((one for one in self.all() if one.number == number), None)
            if found is not None:
                with self._state.write() as connection:
                    letters.refused(
                        connection, found, f"its announcement was discarded; `{found.letter.again}`"
                    )
        return found

    def _post(self, letter: Letter) -> Posted:
        if self._absence.is_fresh or self._deliver().why:
            return Posted()
        try:
            return Posted(self._send(letter))
        except _PASSING:
            return Posted()
        except RegistryError as error:
            commit = letter.entry.commit[:12]
            raise NotAnnounced(
                f"Pushed as {commit}, but not announced: {error.message}",
                f"Once that is mended: {letter.again}. Nothing is pushed twice.",
            ) from error

    def _deliver(self) -> Round:
        delivered: list[Waiting] = []
        refused: list[tuple[Waiting, str]] = []
        while (first := self._first()) is not None:
            try:
                key = self._send(first.letter)
            except _PASSING as error:
                return Round(tuple(delivered), tuple(refused), error.message)
            except _NOT_ITS_FAULT as error:
                self._absence.met()
                self._say_once(
                    f"What waits for the registry cannot be announced: {error.message} {error.hint}"
                )
                return Round(tuple(delivered), tuple(refused), error.message)
            except _FOR_GOOD as error:
                self._refuse(first, error)
                refused.append((first, error.message))
            else:
                with self._state.write() as connection:
                    letters.delivered(connection, first, key)
                delivered.append(first)
        if delivered:
            self._notices.add(
                KIND, f"The registry answers again: {counted(len(delivered), 'announcement')} delivered."
            )
        return Round(tuple(delivered), tuple(refused))

    def _first(self) -> Waiting | None:
        with self._state.read() as connection:
            return next(iter(letters.waiting(connection, limit=1)), None)

    def _send(self, letter: Letter) -> str:
        try:
            key = self._catalog(letter.fence).announce(letter.entry, replace=letter.replace)
        except _PASSING:
            self._absence.met()
            raise
        self._absence.over()
        return key

    def _put(self, connection: sqlite3.Connection, letter: Letter) -> None:
        if not letters.count(connection):
            text = "The registry does not answer. What is published meanwhile is announced when it does"
            note(connection, KIND, f"{text} (`outbox list`).")
        letters.put(connection, letter, dt.datetime.now().astimezone().isoformat(timespec="seconds"))

    def _refuse(self, first: Waiting, error: RoforlmaoError) -> None:
        letter = first.letter
        with self._state.write() as connection:
            letters.refused(connection, first, f"pushed, but not announced: {error.message}")
            text = f"The announcement of {letter.subject} was refused: {error.message} {error.hint}".strip()
            note(connection, "sync", f"{text} Once that is mended: {letter.again}")

    def _say_once(self, text: str) -> None:
        """Unless the operator has that to read already."""
        if all(notice.text != text for notice in self._notices.newest()):
            self._notices.add(KIND, text)

    @contextmanager
    def _turn(self, patience_s: float) -> Iterator[None]:
        """Of the launchers of a home one delivers at a time. Errors: Busy, StorageFailed."""
        from roforlmao.git.lock import flock

        make_directory(self._lock.parent)
        with flock(self._lock, "Another launcher of this home is at its outbox.", patience_s):
            yield
