"""Keeps the status line true from a thread of its own, and tells what happened meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from roforlmao.actions.lastknown import moment
from roforlmao.app import App
from roforlmao.crash import unexpected
from roforlmao.errors import RegistryError, RoforlmaoError
from roforlmao.notices import TOLD_ONCE, Notice
from roforlmao.ui.status import Status

if TYPE_CHECKING:
    from roforlmao.registry.base import Health
    from roforlmao.schedule.news import News
    from roforlmao.schedule.scheduler import Scheduler

_EVERY_S = 3.0
_LEARN_S = 900.0
# What is missed or paused, or asks, comes as a notice.
_TOLD = ("finished", "retrying", "skipped", "standing-by", "trouble")
_NAMES = {"sqlite": "embedded registry", "etcd": "etcd registry"}
_ASKED = "looking for the registry"
_AWAY = "registry away"  # short, or the status line has no room for it; the check-up says why
_TROUBLE = "trouble: see the check-up"
_SHOWN = "newest notice of peers that was shown"


class Part(Protocol):
    """What is at work while the menus are open."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


class Keeper:
    """``status`` is always at hand; it is looked up every few seconds."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._end = threading.Event()
        self._wake = threading.Event()
        self._told = 0
        self._shown: int | None = None
        self._seen: tuple[object, ...] = ()
        self._scheduler: Scheduler | None = None
        self._started: list[Part] = []
        self._stood_by = False
        self._learn_at = 0.0
        self.status = self._first()
        self._thread = threading.Thread(target=self._keep, name="status", daemon=True)

    def _first(self) -> Status:
        """Before the first look; a cluster that hangs takes some seconds."""
        backend = self._app.config.backend
        return Status(self._app.operator, _ASKED if backend == "etcd" else _NAMES[backend], "no jobs", 0)

    def start(self) -> None:
        self.status = self._first()  # the wizard may have named the operator meanwhile
        self._thread.start()

    def refresh(self) -> None:
        """Looks again at once: the operator did something."""
        self._wake.set()

    def stop(self) -> None:
        self._end.set()
        self._wake.set()
        self._thread.join(2.0)
        for part in reversed(self._started):
            part.stop()

    def _keep(self) -> None:
        self._guarded(self._app.recover)
        self._guarded(self._start_scheduler)
        self._guarded(lambda: self._start(self._app.rounds()))
        self._guarded(self._start_attendance)
        while not self._end.is_set():
            self._guarded(self._look)
            self._wake.wait(_EVERY_S)
            self._wake.clear()

    def _start(self, part: Part) -> None:
        if not self._end.is_set():
            part.start()
            self._started.append(part)

    def _start_scheduler(self) -> None:
        scheduler = self._app.scheduler(self._tell)
        self._start(scheduler)
        self._scheduler = scheduler

    def _start_attendance(self) -> None:
        from roforlmao.attending import attendance_of

        self._start(attendance_of(self._app, self.refresh))

    def _tell(self, news: News) -> None:
        """From the scheduler's thread; that this launcher fires is news only if another did before."""
        if news.event in _TOLD or (news.event == "firing" and self._stood_by):
            self._app.bus.publish("job", news.text)
        self._stood_by = self._stood_by or news.event == "standing-by"
        self._wake.set()

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except RegistryError:
            self.status = replace(self.status, registry=_AWAY)
        except RoforlmaoError:
            self.status = replace(self.status, registry=_TROUBLE)
        except Exception as error:  # noqa: BLE001 (a thread must not end unheard)
            unexpected(error, self._app.error_log)
            self.status = replace(self.status, registry=_TROUBLE)

    def _look(self) -> None:
        app, by = self._app, self._fired_by()
        seen = (app.state.version(), app.now().date(), by)
        if seen != self._seen:  # else nobody wrote since, and what comes next is worded as before
            self.status = replace(self.status, next_job=self._jobs(by), notices=self._tell_unread())
            self._seen = seen
        health = app.remembered.health()
        self.status = replace(self.status, operator=app.operator, registry=self._named(health))
        if health.ok:
            self._learn()  # takes some seconds of a large federation

    def _named(self, health: Health) -> str:
        """How the registry does; while it is away, how old is what the menus show."""
        app = self._app
        if health.ok:
            return _NAMES[app.config.backend]
        if not health.away:
            return _TROUBLE
        return f"{_AWAY}, as of {moment(health.known_at, app.now())}" if health.known_at else _AWAY

    def _learn(self) -> None:
        """Keeps what would be shown without the registry from growing old."""
        if time.monotonic() >= self._learn_at:
            self._learn_at = time.monotonic() + _LEARN_S
            self._app.remembered.learn()

    def _tell_unread(self) -> int:
        unread = self._app.notices.newest()
        for notice in self._not_shown([n for n in reversed(unread) if n.id > self._told]):
            self._app.bus.publish(notice.kind, notice.text)
        self._told = max([self._told, *(notice.id for notice in unread)])
        return len(unread)

    def _not_shown(self, new: Sequence[Notice]) -> Sequence[Notice]:
        """What a launcher of this home has not shown yet, as far as a restart does not show it again."""
        passing = [notice.id for notice in new if notice.kind in TOLD_ONCE]
        if not passing:
            return new
        if self._shown is None:
            self._shown = int(self._app.state.remembered(_SHOWN) or 0)
        self._app.state.remember(_SHOWN, str(max(self._shown, *passing)))
        return [notice for notice in new if notice.kind not in TOLD_ONCE or notice.id > (self._shown or 0)]

    def _fired_by(self) -> str:
        """Who fires where it is another launcher."""
        scheduler = self._scheduler
        return scheduler.holder if scheduler is not None and not scheduler.fires else ""

    def _jobs(self, by: str) -> str:
        from roforlmao.schedule.brief import brief

        app = self._app
        asking = sum(slot.state == "asking" for slot in app.wishes.open())
        return brief(app.jobs, app.history.unpushed(), app.now(), by, asking, app.outbox.count())
