"""A launcher's part in the federation: one at a time, and going on after every failure."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from roforlmao import paths
from roforlmao.app import App
from roforlmao.attending import fed_hubs
from roforlmao.errors import OperationFailed, RoforlmaoError, StorageFailed, Unavailable
from roforlmao.federation import attendance
from roforlmao.federation.attendance import HEARTBEAT, WATCH, Attendance, Circle, Settings
from roforlmao.federation.follower import Ear, Follower
from roforlmao.federation.happenings import Hearing
from roforlmao.federation.heard import HeardBook
from roforlmao.federation.identity import Origin, origin_of
from roforlmao.federation.membership import Member, Membership
from roforlmao.models import Run, Sync
from roforlmao.notices import Notices
from roforlmao.registry.sqlite import SqliteRegistry
from roforlmao.schedule.jobs import Plan
from roforlmao.schedule.rules import Rule
from roforlmao.state import State

SECONDS = 10.0
KEY = "/mao/members/alice"
ORIGIN = Origin("1" * 32, "here", "laptop")
NOW = "2026-11-22T12:00:00+00:00"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_BEAT_S", "_AGAIN_S", "_TAKEN_AGAIN_S"):
        monkeypatch.setattr(attendance, name, 0.1)


@dataclass
class Home:
    """What attending needs; ``heard`` holds what it said, in order."""

    place: Path
    registry: SqliteRegistry
    origin: Origin = ORIGIN
    heard: queue.SimpleQueue[tuple[str, str]] = field(default_factory=queue.SimpleQueue)
    federation: int = 0
    troubles: list[Exception] = field(default_factory=list)

    def attendance(self, **others: object) -> Attendance:
        settings = Settings(
            lock=self.place / "lock",
            circle=self.circle,
            hubs=lambda: ["helm"],
            now=lambda: NOW,
            noted=lambda name, _, outcome: self.heard.put((name, outcome)),
            taken=lambda error: self.heard.put(("taken", error.message if error else "over")),
            told=lambda: self.heard.put(("told", "")),
            unexpected=self.unexpected,
        )
        return Attendance(replace(settings, **others))  # type: ignore[arg-type]

    def circle(self) -> Circle:
        state = State(self.place / "launcher.sqlite")
        joined = self.federation
        book = HeardBook(state, Notices(state))
        ear = Ear(self.registry, Hearing("/mao/", "alice", allow_local=False), book, lambda _: None, "here")
        me = Member("alice", "1", NOW, NOW, (), self.origin)
        membership = Membership(self.registry, "/mao/members/", me, 5.0)
        return Circle(membership, Follower(ear), lambda: self.federation == joined)

    def unexpected(self, error: Exception) -> RoforlmaoError:
        self.troubles.append(error)
        return OperationFailed(f"unforeseen {error}")

    def hears(self, name: str, part: str) -> str:
        """The next thing that was said under that name, if the part stands in it."""
        while True:
            found, text = self.heard.get(timeout=SECONDS)
            if found == name and part in text:
                return text


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    registry = SqliteRegistry(tmp_path / "registry.sqlite")
    yield Home(tmp_path, registry)
    registry.close()


def test_it_is_a_member_and_follows_until_it_ends(home: Home) -> None:
    attending = home.attendance()
    attending.start()
    home.hears(HEARTBEAT, "the others see")
    home.hears(WATCH, "heard at once")
    assert home.registry.get(KEY) is not None
    home.registry.put("/mao/data/days", b"https://x.org/d.git")
    home.hears("told", "")
    attending.stop()
    assert home.registry.get(KEY) is None


def test_a_held_name_is_told_once_and_again_when_it_is_free(home: Home, tmp_path: Path) -> None:
    other = Membership(
        home.registry, "/mao/members/", Member("alice", "1", NOW, NOW, (), Origin("2", "x", "y")), 30
    )
    other.hold([], NOW)
    attending = home.attendance()
    attending.start()
    home.hears(HEARTBEAT, "failed: Another operator")
    home.hears("taken", "Another operator is here as 'alice', on y")
    other.leave()
    assert home.hears("taken", "") == "over"
    home.hears(HEARTBEAT, "the others see")
    attending.stop()


def test_of_a_homes_launchers_one_attends_and_another_takes_over(home: Home) -> None:
    first, second = home.attendance(), home.attendance()
    first.start()
    home.hears(HEARTBEAT, "the others see")
    second.start()
    home.hears(WATCH, "heard at once")
    with pytest.raises(queue.Empty):
        home.heard.get(timeout=0.5)
    first.stop()
    home.hears(HEARTBEAT, "the others see")
    assert home.registry.get(KEY) is not None
    second.stop()


@pytest.mark.parametrize("error", [Unavailable("away"), RuntimeError("a fault of ours")])
def test_after_a_failure_it_goes_on(home: Home, error: Exception) -> None:
    failures = [error]
    attending = home.attendance(circle=lambda: _raise(failures.pop()) if failures else home.circle())
    attending.start()
    home.hears(WATCH, "failed")
    home.hears(HEARTBEAT, "the others see")
    attending.stop()
    assert home.troubles == ([error] if isinstance(error, RuntimeError) else [])


def test_another_federation_in_the_configuration_is_joined_at_once(home: Home) -> None:
    attending = home.attendance()
    attending.start()
    home.hears(HEARTBEAT, "the others see")
    before = home.registry.get(KEY)
    home.federation += 1
    home.hears(HEARTBEAT, "the others see")
    after = home.registry.get(KEY)
    assert before is not None
    assert after is not None
    assert after.create_revision > before.create_revision, "it left, and is there anew"
    attending.stop()


def test_a_full_disk_ends_no_membership(home: Home) -> None:
    def full(*_: object) -> None:
        home.heard.put(("tried", ""))
        raise StorageFailed("no room", "Free some.")

    attending = home.attendance(noted=full)
    attending.start()
    home.hears("tried", "")
    home.hears("tried", "")
    assert home.registry.get(KEY) is not None
    attending.stop()


def test_a_home_has_one_instance_whoever_asks_first(tmp_path: Path) -> None:
    first, second = origin_of(tmp_path / "a"), origin_of(tmp_path / "b")
    assert first.is_same(origin_of(tmp_path / "a"))
    assert first.instance != second.instance
    (tmp_path / "b" / "instance").write_text("garbage")
    assert origin_of(tmp_path / "b").instance not in ("garbage", second.instance)
    (tmp_path / "b" / "instance").write_text(first.instance)
    copy = origin_of(tmp_path / "b")
    assert copy.instance == first.instance
    assert not copy.is_same(first)


def test_it_feeds_the_hubs_of_its_active_jobs_and_of_what_it_announced_in_this_federation(
    tmp_path: Path,
) -> None:
    with closing(App(paths.Home.locate(None, str(tmp_path), {}), {})) as app:
        for hub in ("jobs", "paused", ""):
            job = app.jobs.add(Plan("t", Rule("daily", "UTC", "03:00"), hub=hub), app.now())
            if hub == "paused":
                app.jobs.pause(job)
        for number, key in enumerate(("/mao/hubs/done/2026-11-20/ann", "/other/hubs/x/2026-11-20/ann", "")):
            run = Run(f"r{number}", "t", "script", "c", (), NOW, "succeeded", sync=Sync("pushed", key=key))
            app.history.save(run, finished=True)
        assert fed_hubs(app) == ["done", "jobs"]


def _raise(error: Exception) -> Circle:
    raise error
