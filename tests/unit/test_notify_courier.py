"""Handing notifications on: once each, folded, with patience, and never in the way of anything."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from roforlmao.errors import OperationFailed
from roforlmao.notices import Notices
from roforlmao.notify.courier import KIND, Courier
from roforlmao.notify.cursor import Cursor
from roforlmao.rounds import Rounds
from roforlmao.state import State
from roforlmao.targets import Target

HOOK = Target("hook", url="json://hook")


class Service:
    """Takes messages, or refuses them while it is ``down``."""

    def __init__(self) -> None:
        self.down = False
        self.taken: list[tuple[str, str, str]] = []

    def send(self, target: Target, environ: Mapping[str, str], title: str, text: str) -> None:
        if self.down:
            raise OperationFailed(f"{target.label} did not take it.")
        self.taken.append((target.label, title, text))


class Desk:
    """A home's notices and a courier whose clock and service are the test's."""

    def __init__(self, state: State, *targets: Target) -> None:
        self.notices = Notices(state)
        self.service = Service()
        self.now = 1000.0
        self.courier = Courier(
            targets or (HOOK,),
            Cursor(state),
            self.notices,
            {},
            "alice",
            self.service.send,
            lambda: self.now,
        )
        self.courier.round()  # a new target begins with what comes next

    def pass_time(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State(tmp_path / "launcher.sqlite")
    yield opened
    opened.close()


def test_a_notice_is_handed_on_once(state: State) -> None:
    desk = Desk(state)
    desk.notices.add("anomaly", "412 is 35 % under the expected 634")
    assert desk.courier.round() == 1
    desk.pass_time(3600)
    assert desk.courier.round() == 0
    assert desk.service.taken == [
        ("hook", "roforlmao (alice): anomaly", "412 is 35 % under the expected 634")
    ]


def test_a_new_target_is_not_told_old_news(state: State) -> None:
    Notices(state).add("run", "old")
    desk = Desk(state)
    assert desk.courier.round() == 0
    assert desk.service.taken == []


def test_what_comes_in_a_burst_is_one_message_with_the_newest_lines(state: State) -> None:
    desk = Desk(state)
    for number in range(200):
        desk.notices.add("job", f"failure {number}")
    assert desk.courier.round() == 1
    _, title, text = desk.service.taken[0]
    assert title == "roforlmao (alice): 200 notifications"
    assert "180 earlier ones" in text
    assert text.splitlines()[-1].endswith("job: failure 199")
    assert len(text.splitlines()) == 21


def test_between_two_messages_lies_a_minute(state: State) -> None:
    desk = Desk(state)
    desk.notices.add("job", "one")
    desk.courier.round()
    desk.notices.add("job", "two")
    desk.pass_time(59)
    assert desk.courier.round() == 0
    desk.pass_time(2)
    assert desk.courier.round() == 1


def test_a_target_gets_only_the_kinds_that_it_wants(state: State) -> None:
    mail = Target("mail", url="mailto://x", kinds=("anomaly",))
    desk = Desk(state, HOOK, mail)
    desk.notices.add("job", "a job failed")
    desk.courier.round()
    desk.pass_time(100)
    desk.notices.add("anomaly", "too few")
    desk.courier.round()
    assert [(label, text) for label, _, text in desk.service.taken] == [
        ("hook", "a job failed"),
        ("hook", "too few"),
        ("mail", "too few"),
    ]


def test_what_was_acknowledged_meanwhile_is_not_sent(state: State) -> None:
    desk = Desk(state)
    desk.notices.add("job", "seen")
    desk.notices.acknowledge(None)
    assert desk.courier.round() == 0
    assert desk.service.taken == []


def test_a_target_that_fails_is_told_of_once_and_loses_nothing(state: State) -> None:
    desk = Desk(state)
    desk.service.down = True
    desk.notices.add("job", "at 3 a.m.")
    waits = []
    for _ in range(12):
        assert desk.courier.round() == 0
        before = desk.now
        while not _tried_again(desk):
            desk.pass_time(5)
        waits.append(desk.now - before)
    assert waits[0] <= 35
    assert max(waits) <= 3605
    assert len([n for n in desk.notices.newest() if n.kind == KIND]) == 1
    desk.service.down = False
    desk.pass_time(4000)
    assert desk.courier.round() == 1
    assert desk.service.taken[0][2] == "at 3 a.m."


def _tried_again(desk: Desk) -> bool:
    with desk.courier.cursor._state.read() as connection:
        return bool(desk.now >= connection.execute("SELECT not_before FROM handed").fetchone()[0])


def test_two_launchers_of_a_home_do_not_both_send(tmp_path: Path) -> None:
    states = [State(tmp_path / "launcher.sqlite") for _ in range(2)]
    desks = [Desk(state) for state in states]
    for number in range(20):
        desks[0].notices.add("job", str(number))
        together = threading.Barrier(2)
        threads = [threading.Thread(target=_meet, args=(together, desk)) for desk in desks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for desk in desks:
            desk.pass_time(61)
    sent = [text for desk in desks for _, _, text in desk.service.taken]
    for state in states:
        state.close()
    assert sorted(sent, key=int) == [str(number) for number in range(20)]


def _meet(together: threading.Barrier, desk: Desk) -> None:
    together.wait()
    desk.courier.round()


def test_a_restart_goes_on_where_the_last_launcher_stopped(tmp_path: Path) -> None:
    first = State(tmp_path / "launcher.sqlite")
    desk = Desk(first)
    desk.notices.add("job", "before")
    desk.courier.round()
    desk.notices.add("job", "while it is closed")
    first.close()
    second = State(tmp_path / "launcher.sqlite")
    later = Desk.__new__(Desk)
    later.service, later.now = Service(), 2000.0
    Courier(
        (HOOK,), Cursor(second), Notices(second), {}, "alice", later.service.send, lambda: later.now
    ).round()
    second.close()
    assert [text for _, _, text in later.service.taken] == ["while it is closed"]


def test_hostile_text_is_harmless_in_a_message(state: State) -> None:
    desk = Desk(state)
    desk.notices.add("hub", "peer \x1b[31mred\x1b[0m\x07 says")
    desk.courier.round()
    assert desk.service.taken[0][2] == "peer red says"


def test_a_fault_of_a_round_does_not_end_the_rounds(state: State) -> None:
    desk = Desk(state)
    heard: list[Exception] = []
    twice = threading.Event()

    def broken(error: Exception) -> None:
        heard.append(error)
        if len(heard) == 2:
            twice.set()

    def raises(*_: object) -> None:
        raise ZeroDivisionError

    courier = Courier((HOOK,), desk.courier.cursor, desk.notices, {}, "alice", raises, lambda: desk.now)
    rounds = Rounds({"courier": courier.round}, broken, every_s=0.01)
    desk.notices.add("job", "x")
    rounds.start()
    while not heard:
        pass
    desk.pass_time(61)
    assert twice.wait(10)
    rounds.stop()
