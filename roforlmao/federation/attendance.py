"""What a launcher does in its federation while it is open, in a thread that disturbs nobody."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from roforlmao.errors import Busy, NameTaken, RoforlmaoError, StorageFailed
from roforlmao.federation.follower import Follower
from roforlmao.federation.membership import HEARTBEAT_S, Membership

WATCH: Final = "registry watch"
HEARTBEAT: Final = "member heartbeat"
_BEAT_S: Final = 2.0  # how often lock, configuration and lease are looked at
_AGAIN_S: Final = 5.0  # after the registry did not answer
_TAKEN_AGAIN_S: Final = 30.0  # after another operator was found under our name


@dataclass(frozen=True)
class Circle:
    """A federation as the configuration names it; ``is_current`` says whether it still does."""

    membership: Membership
    follower: Follower
    is_current: Callable[[], bool]


@dataclass(frozen=True)
class Settings:
    """What attending needs of its home.

    ``circle`` opens the federation. ``hubs`` are those that the operator feeds, ``now`` is the time
    as ISO 8601. ``noted`` hears of both duties when they come next (in seconds; None: all the time)
    and how it went, ``taken`` that another operator goes by our name, or with None that this is over,
    ``told`` that there are notices.
    """

    lock: Path
    circle: Callable[[], Circle]
    hubs: Callable[[], Sequence[str]]
    now: Callable[[], str]
    noted: Callable[[str, float | None, str], None]
    taken: Callable[[NameTaken | None], None]
    told: Callable[[], None]
    unexpected: Callable[[Exception], RoforlmaoError]


class Attendance:
    """``start`` and ``stop`` are called once each. Of a home's launchers one attends, the others stand by."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._end = threading.Event()
        self._follower: Follower | None = None
        self._hold_at = 0.0
        self._taken = ""
        self._noted: dict[str, str] = {}
        self._thread = threading.Thread(target=self._loop, name="attendance", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends within a second; a lease that the registry does not take back ends by itself."""
        self._end.set()
        follower = self._follower
        if follower is not None:
            follower.close()
        self._thread.join(1.0)

    def _loop(self) -> None:
        with ExitStack() as stack:
            while not self._end.is_set() and not self._guarded(lambda: self._take(stack)):
                self._end.wait(_BEAT_S)
            while not self._end.is_set():
                if not self._guarded(self._attend):
                    self._end.wait(_AGAIN_S)

    def _take(self, stack: ExitStack) -> bool:
        """Whether this launcher attends now; the kernel drops the lock with the process."""
        from roforlmao.git.lock import flock
        from roforlmao.paths import make_directory

        make_directory(self._settings.lock.parent)
        try:
            stack.enter_context(flock(self._settings.lock, "Another launcher of this home attends."))
        except Busy:
            return False
        return True

    def _attend(self) -> bool:
        """Until the configuration names another federation, or the end. Errors: ConfigurationError."""
        circle = self._settings.circle()
        self._hold_at = 0.0
        self._follower = circle.follower
        try:
            while not self._end.is_set() and circle.is_current():
                self._hold(circle.membership)
                self._listen(circle.follower)
        finally:
            circle.follower.close()
            circle.membership.leave()
        return True

    def _hold(self, membership: Membership) -> None:
        if not membership.due or time.monotonic() < self._hold_at:
            return
        try:
            membership.hold(self._settings.hubs(), self._settings.now())
        except NameTaken as error:
            self._put_off(_TAKEN_AGAIN_S, error)
            self._name_is(error)
        except RoforlmaoError as error:
            self._put_off(_AGAIN_S, error)
        else:
            self._name_is(None)
            self._noted.pop(HEARTBEAT, None)  # when the next one comes is new each time
            self._note_once(HEARTBEAT, HEARTBEAT_S, "the others see that you are there")

    def _name_is(self, taken: NameTaken | None) -> None:
        """Tells when that changes."""
        before, self._taken = self._taken, taken.message if taken else ""
        if self._taken != before:
            self._settings.taken(taken)

    def _put_off(self, seconds: float, error: RoforlmaoError) -> None:
        self._hold_at = time.monotonic() + seconds
        self._note_once(HEARTBEAT, seconds, f"failed: {error.message}")

    def _listen(self, follower: Follower) -> None:
        try:
            told = follower.listen(_BEAT_S)
        except RoforlmaoError as error:
            follower.pause()
            self._note_once(WATCH, _AGAIN_S, f"failed: {error.message}")
            self._end.wait(_AGAIN_S)
        else:
            self._note_once(WATCH, None, follower.state)
            if told:
                self._settings.told()

    def _note_once(self, name: str, seconds: float | None, outcome: str) -> None:
        """Not again until something else is to be said; a full disk, which others tell of, ends nothing."""
        if self._noted.get(name) != outcome:
            self._noted[name] = outcome
            with suppress(StorageFailed):
                self._settings.noted(name, seconds, outcome)

    def _guarded(self, step: Callable[[], bool]) -> bool:
        try:
            return step()
        except Exception as error:  # noqa: BLE001 (a thread must not end unheard)
            failed = error if isinstance(error, RoforlmaoError) else self._settings.unexpected(error)
            self._note_once(WATCH, _AGAIN_S, f"failed: {failed.message}")
            return False
