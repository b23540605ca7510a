"""Puts together what a launcher does in its federation while it is open: being a member, and following."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from roforlmao import __version__
from roforlmao.crash import unexpected
from roforlmao.data.judged import Judged
from roforlmao.errors import Denied, NameTaken
from roforlmao.federation.attendance import Attendance, Circle, Settings
from roforlmao.federation.follower import Ear, Follower
from roforlmao.federation.happenings import Hearing
from roforlmao.federation.heard import HeardBook
from roforlmao.federation.membership import Member, Membership, check_own
from roforlmao.notices import MEMBER

if TYPE_CHECKING:
    from roforlmao.app import App

_RUNS: Final = 200  # of the newest, to see which hubs they fed


def attendance_of(app: App, told: Callable[[], None]) -> Attendance:
    """Not started yet; ``told`` is called from its thread when there are new notices."""
    from roforlmao.schedule.routine import RoutineBook

    since, book = _moment(app), RoutineBook(app.state)

    def noted(name: str, seconds: float | None, outcome: str) -> None:
        now = app.now()
        following = None if seconds is None else int((now + dt.timedelta(seconds=seconds)).timestamp())
        book.plan(name, following)
        book.ended(name, now, outcome)

    def taken(error: NameTaken | None) -> None:
        if error is None:
            text = f"Nobody else is here as '{app.operator}' any more: you may register and announce."
        else:
            text = f"{error.message} You can neither register nor announce until that ends. {error.hint}"
        app.notices.add(MEMBER, text)
        told()

    return Attendance(
        Settings(
            lock=app.places.state / "locks" / "attendance",
            circle=lambda: _circle(app, since),
            hubs=lambda: fed_hubs(app),
            now=lambda: _moment(app),
            noted=noted,
            taken=taken,
            told=told,
            unexpected=lambda error: unexpected(error, app.error_log),
        )
    )


def check_name(app: App) -> None:
    """Whether nobody else is there under the operator's name.

    Errors: NameTaken, Unavailable. Whoever may not read who is there cannot tell.
    """
    prefix = members_prefix(app)
    try:
        check_own(app.registry, prefix, app.operator, app.origin)
    except Denied:
        return


def members_prefix(app: App) -> str:
    return f"{app.config.namespace}members/"


def fed_hubs(app: App) -> list[str]:
    """Those that the operator's jobs and last runs announce data for. Errors: StorageFailed."""
    planned = {job.plan.hub for job in app.jobs.all() if job.state == "active"}
    room = f"{app.config.namespace}hubs/"
    keys = (run.sync.key for run in app.history.newest(limit=_RUNS) if run.sync)
    done = {key.removeprefix(room).partition("/")[0] for key in keys if key.startswith(room)}
    return sorted((planned | done) - {""})


def _circle(app: App, since: str) -> Circle:
    config, registry, operator = app.config, app.registry, app.operator
    me = Member(operator, __version__, since, since, (), app.origin)
    ear = Ear(
        registry,
        Hearing(config.namespace, operator, config.allow_local_repositories),
        HeardBook(app.state, app.notices),
        Judged(app.catalog, operator, app.places, app.notices, app.state).tell,
        _source(app),
    )

    def is_current() -> bool:
        with app.opening:  # a reload is over, or has not begun
            return app.registry is registry and app.operator == operator

    return Circle(
        Membership(registry, members_prefix(app), me, config.member_lease_s), Follower(ear), is_current
    )


def _source(app: App) -> str:
    config = app.config
    if config.backend == "etcd":
        return f"{','.join(sorted(config.etcd.endpoints))} {config.namespace}"
    return f"{app.home.root / config.sqlite_path} {config.namespace}"


def _moment(app: App) -> str:
    return app.now().isoformat(timespec="seconds")
