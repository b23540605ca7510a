"""The seam: opens configuration, registry and state lazily; tests put their own here."""

from __future__ import annotations

import dataclasses
import datetime as dt
import getpass
import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roforlmao.config import load
from roforlmao.errors import ConfigurationError
from roforlmao.events import EventBus
from roforlmao.once import Once
from roforlmao.paths import Home, Places
from roforlmao.schema import Config

if TYPE_CHECKING:
    from roforlmao.data.keyring import Keyring
    from roforlmao.data.markbook import MarkBook
    from roforlmao.federation.identity import Origin
    from roforlmao.notices import Notices
    from roforlmao.notify.courier import Courier
    from roforlmao.registry.base import Registry
    from roforlmao.registry.catalog import Catalog
    from roforlmao.registry.fence import Fence
    from roforlmao.registry.signatures import Signer
    from roforlmao.rounds import Rounds
    from roforlmao.runs.history import History
    from roforlmao.runs.outbox import Outbox
    from roforlmao.runs.pipeline import Surroundings
    from roforlmao.schedule.jobs import Jobs
    from roforlmao.schedule.news import News
    from roforlmao.schedule.overview import Overview
    from roforlmao.schedule.scheduler import Scheduler
    from roforlmao.schedule.turn import Turn
    from roforlmao.schedule.wishes import Wishes
    from roforlmao.state import State


def _local_now() -> dt.datetime:
    return dt.datetime.now().astimezone()


class App:
    """Every handle to the world of one operator, opened when first used."""

    def __init__(
        self, home: Home, environ: Mapping[str, str], clock: Callable[[], dt.datetime] = _local_now
    ) -> None:
        self.home = home
        self.environ = environ
        self.bus = EventBus()
        self.opening = threading.RLock()
        self.opened: dict[str, Any] = {}
        self._clock = clock

    @Once
    def config(self) -> Config:
        """Errors: ConfigurationError."""
        return load(self.home.config, self.environ)

    @property
    def configured(self) -> bool:
        """Whether the operator has a configuration of their own."""
        return self.home.config.exists() or self.config.operator is not None

    @property
    def operator(self) -> str:
        """The operator's name in the federation; the login name until one is set."""
        return self.config.operator or login_name()

    @Once
    def places(self) -> Places:
        return self.home.places(self.config.work, self.config.imports)

    @property
    def error_log(self) -> Path:
        """Where tracebacks of unexpected errors go; needs no configuration, which may be the error."""
        return self.home.root / "state" / "logs" / "errors.log"

    @Once
    def state(self) -> State:
        from roforlmao.state import State

        return State(self.places.state / "launcher.sqlite", self._restore)

    def _restore(self, state: State, aside: str, reason: str) -> None:
        from roforlmao.restoring import restore

        restore(self, state, aside, reason)

    @Once
    def notices(self) -> Notices:
        from roforlmao.notices import Notices

        return Notices(self.state)

    @Once
    def marks(self) -> MarkBook:
        """Operators' words on runs."""
        from roforlmao.data.markbook import MarkBook

        return MarkBook(self.state)

    @Once
    def history(self) -> History:
        from roforlmao.runs.history import History

        return History(self.state)

    @Once
    def jobs(self) -> Jobs:
        from roforlmao.schedule.jobs import Jobs

        return Jobs(self.state)

    @Once
    def wishes(self) -> Wishes:
        from roforlmao.schedule.wishes import Wishes

        return Wishes(self.state)

    def overview(self, tool: str = "", state: str = "", limit: int = 200) -> Overview:
        """What is going on with the jobs. Errors: StorageFailed."""
        from roforlmao.schedule.overview import Sources
        from roforlmao.schedule.routine import RoutineBook

        sources = Sources(self.jobs, self.wishes, RoutineBook(self.state))
        found = sources.read(self.turn.holder(), self.history.unpushed(), tool, state, limit)
        return dataclasses.replace(found, to_announce=self.outbox.count())

    @Once
    def turn(self) -> Turn:
        """Which launcher of this home fires."""
        from roforlmao.schedule.turn import Turn

        return Turn(self.places.state / "locks")

    def scheduler(self, tell: Callable[[News], None]) -> Scheduler:
        """A scheduler for this home that is not started yet; ``tell`` is called from its thread."""
        from roforlmao.firing import scheduler_of

        return scheduler_of(self, tell)

    @Once
    def origin(self) -> Origin:
        """Which home this is, for the federation."""
        from roforlmao.federation.identity import origin_of

        return origin_of(self.places.state)

    def check_name(self) -> None:
        """Errors: NameTaken where somebody else is there under the operator's name; Unavailable."""
        from roforlmao.attending import check_name

        check_name(self)

    @Once
    def registry(self) -> Registry:
        """Errors: Unavailable, ConfigurationError."""
        from roforlmao.registry.opening import open_registry

        return open_registry(self.config, self.home.root)

    @Once
    def remembered(self) -> Registry:
        """The registry, with a memory that what is shown may come from while it is away."""
        from roforlmao.registry.opening import with_memory

        return with_memory(self.registry, self.config, self.places.state)

    @Once
    def catalog(self) -> Catalog:
        """The typed view of the registry."""
        return self._catalog(self.remembered)

    def _catalog(self, registry: Registry, fence: Fence | None = None) -> Catalog:
        from roforlmao.registry.catalog import Catalog

        local = self.config.allow_local_repositories
        return Catalog(
            registry, self.config.namespace, self.operator, local, fence, self.signer, self.check_name
        )

    @property
    def keyring(self) -> Keyring:
        """The keys that this operator knows peers by."""
        from roforlmao.data.keyring import Keyring

        return Keyring(self.catalog, self.state, self.operator, self.signer)

    @property
    def signer(self) -> Signer | None:
        """Signs what this operator writes, where the configuration names a key."""
        from roforlmao.registry.signatures import Signer

        return Signer(self.home.root / self.config.sign_key) if self.config.sign_key else None

    @property
    def surroundings(self) -> Surroundings:
        """What a run needs of this home."""
        from roforlmao.runs.pipeline import Surroundings

        return Surroundings(
            self.places,
            self.history,
            self.notices,
            self.marks,
            lambda: self.catalog,
            self.operator,
            self.now,
            self.config.spike_method,
            self.config.containers,
            self.environ,
            self.outbox,
        )

    @Once
    def outbox(self) -> Outbox:
        """What the registry is to be told."""
        from roforlmao.runs.outbox import Outbox

        return Outbox(self.state, self.places.state / "locks", self._announcing)

    def _announcing(self, fence: Fence | None) -> Catalog:
        """A catalogue on the registry itself, which announces only while the fence holds."""
        return self._catalog(self.registry, fence)

    def recover(self) -> None:
        """Closes what a launcher that died left open, and says so in the notices."""
        from roforlmao.runs.recovery import recover
        from roforlmao.tools.sweep import sweep

        for name in sweep(self.places, self.environ):
            self.notices.add("tool", f"A change to {name} that a killed launcher began was cleared up.")
        known = {notice.text for notice in self.notices.newest()}
        for text in recover(self.surroundings):
            if text not in known:  # what cannot be settled yet is told once
                self.notices.add("run", text)

    def courier(self) -> Courier:
        """Hands notifications on to where the configuration says."""
        from roforlmao.notify.courier import Courier
        from roforlmao.notify.cursor import Cursor

        return Courier(self.config.notify, Cursor(self.state), self.notices, self.environ, self.operator)

    def rounds(self) -> Rounds:
        """What an open launcher hands on by itself, not started yet: announcements that wait, notices."""
        from roforlmao.crash import unexpected
        from roforlmao.rounds import Rounds

        def deliver() -> None:
            self.outbox.round()  # of the configuration as it is then

        steps: dict[str, Callable[[], object]] = {"outbox": deliver}
        if self.config.notify:
            steps["courier"] = self.courier().round
        return Rounds(steps, lambda error: unexpected(error, self.error_log))

    def now(self) -> dt.datetime:
        """The present, in the configured time zone."""
        if self.config.timezone is None:
            return self._clock()
        from zoneinfo import ZoneInfo

        return self._clock().astimezone(ZoneInfo(self.config.timezone))

    def today(self) -> str:
        return self.now().date().isoformat()

    def reload(self) -> None:
        """Forgets the configuration and what was opened by it."""
        with self.opening:
            self.close()
            self.opened.clear()

    def close(self) -> None:
        """Closes what was opened."""
        for name in ("registry", "state"):
            if name in self.opened:
                self.opened[name].close()


def login_name() -> str:
    """The login name as an operator name."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError) as error:
        raise ConfigurationError("This login has no name.", "Run `init --operator NAME`.") from error
    return re.sub(r"[^A-Za-z0-9_-]", "-", name).strip("-_")[:100] or "operator"
