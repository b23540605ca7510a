"""Worker threads: each carries out one slot; whatever happens there comes back as an outcome."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from roforlmao.errors import Busy, Cancelled, RoforlmaoError
from roforlmao.progress import Progress
from roforlmao.schedule.duty import StandBy
from roforlmao.schedule.slot import Key, Outcome, Slot, Wait

AFTERWARDS_S = 3600.0  # what a slot may take beside the tool itself, to judge, commit and push
_BUSY_S = 15  # how long a slot waits when its tool is at work by hand
Spawn = Callable[[Callable[[], None]], None]


class RunProgress(Progress):
    """The progress of a slot's run; ``begun`` once its tool was started, which ``on_begin`` hears."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = False
        self.on_begin: Callable[[], None] = lambda: None

    def start(self, label: str, total: int | None = None, unit: str = "") -> None:  # noqa: ARG002 (a front's)
        if not self.begun:
            self.begun = True
            self.on_begin()


Work = Callable[[Slot, RunProgress], Outcome]


@dataclass
class _Place:
    slot: Slot
    progress: RunProgress = field(default_factory=RunProgress)
    since: float = field(default_factory=time.monotonic)


def in_thread(call: Callable[[], None]) -> None:
    """A daemon: one that hangs does not keep the launcher from ending."""
    threading.Thread(target=call, name="job", daemon=True).start()


class Pool:
    """At most ``size`` slots at a time. All methods are for the scheduler's thread only.

    After ``limit_s`` seconds (or what its job allows) a slot is cancelled, and ``patience_s`` later
    given up: its thread may hang on, its place is free.
    """

    def __init__(
        self,
        work: Work,
        size: int,
        limit_s: float,
        *,
        unexpected: Callable[[Exception], RoforlmaoError],
        wake: Callable[[], None],
        patience_s: float = 60.0,
        spawn: Spawn = in_thread,
    ) -> None:
        self._work = work
        self._size = size
        self._limit_s = limit_s
        self._patience_s = patience_s
        self._unexpected = unexpected
        self._wake = wake
        self._spawn = spawn
        self._places: dict[Key, _Place] = {}
        self._done: queue.SimpleQueue[tuple[_Place, Outcome | Wait]] = queue.SimpleQueue()

    @property
    def free(self) -> int:
        return self._size - len(self._places)

    @property
    def slots(self) -> list[Slot]:
        """What is being carried out."""
        return [place.slot for place in self._places.values()]

    def begun(self) -> list[Slot]:
        """Those whose tool was started, or has ended since ``collect`` was called last."""
        return [place.slot for place in self._places.values() if place.progress.begun]

    def start(self, slot: Slot) -> None:
        place = _Place(slot)
        self._places[slot.key] = place
        self._spawn(lambda: self._carry_out(place))

    def cancel(self, key: Key) -> None:
        if key in self._places:
            self._places[key].progress.cancel()

    def collect(self) -> list[tuple[Slot, Outcome | Wait]]:
        """What has ended since the last call."""
        ended = []
        while not self._done.empty():
            place, outcome = self._done.get()
            if self._places.get(place.slot.key) is place:  # else it was given up before
                del self._places[place.slot.key]
                ended.append((place.slot, outcome))
        return ended + self._overdue()

    def _overdue(self) -> list[tuple[Slot, Outcome | Wait]]:
        given_up: list[tuple[Slot, Outcome | Wait]] = []
        for key, place in list(self._places.items()):
            own = place.slot.job.plan.timeout_s
            limit_s = self._limit_s if own is None else own + AFTERWARDS_S
            over = time.monotonic() - place.since - limit_s
            if over > 0:
                place.progress.cancel()
            if over > self._patience_s:
                del self._places[key]
                reason = f"it did not end {self._patience_s:g} s after it was told to"
                given_up.append((place.slot, Outcome("timed-out", reason=reason)))
        return given_up

    def _carry_out(self, place: _Place) -> None:
        self._done.put((place, self._outcome(place)))
        self._wake()

    def _outcome(self, place: _Place) -> Outcome | Wait:
        try:
            return self._work(place.slot, place.progress)
        except StandBy as error:
            return Wait(error.message, error.again_s, by_tool=False)
        except Busy as error:
            if place.progress.begun:
                return Outcome("failed", reason=error.message)
            return Wait("its tool is at work elsewhere", _BUSY_S)
        except Cancelled as error:
            return Outcome("cancelled", reason=error.message)
        except RoforlmaoError as error:
            return Outcome("failed", reason=f"{error.message} {error.hint}".strip())
        except Exception as error:  # noqa: BLE001 (logged; one job's fault stops no other)
            return Outcome("failed", reason=self._unexpected(error).message)
