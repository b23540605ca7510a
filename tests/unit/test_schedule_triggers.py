"""What calls for slots: each commit once, no loops, and rows of a failed run come with the next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from roforlmao.errors import BadInput
from roforlmao.git.receipt import Receipt
from roforlmao.schedule.arrivals import LONGEST_CHAIN, judge
from roforlmao.schedule.due import CatchUp
from roforlmao.schedule.jobs import Job, Jobs, Plan
from roforlmao.schedule.ping import Pings, check_ping
from roforlmao.schedule.rules import Rule
from roforlmao.schedule.slot import Outcome
from roforlmao.schedule.slots import Slots
from roforlmao.schedule.triggers import Trigger, Triggers
from roforlmao.state import State

START = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)


def at(seconds: int) -> dt.datetime:
    return START + dt.timedelta(seconds=seconds)


def bob(commit: str) -> Trigger:
    return Trigger("bob", commit, "https://example.org/bob.git")


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with closing(State(tmp_path / "launcher.sqlite")) as opened:
        yield opened


@pytest.fixture
def job(state: State) -> Job:
    return Jobs(state).add(Plan("t", Rule("when-hub", "UTC", source="h", every_s=300)), START)


def run(state: State, seconds: int, outcome: str = "succeeded") -> list[Trigger]:
    """Starts and ends what is due, and says what called for it."""
    slots = Slots(state)
    [slot] = slots.startable(at(seconds))
    assert slots.start(slot, at(seconds))
    called = Triggers(state).of_slot(slot)
    slots.finish(slot, Outcome(outcome), at(seconds), keep=1000)
    return called


def test_what_was_there_before_the_job_calls_for_nothing(state: State, job: Job) -> None:
    triggers = Triggers(state)
    assert triggers.hear(job, [bob("c1")], START) is None
    assert triggers.hear(job, [bob("c1")], at(1)) is None
    assert Slots(state).startable(at(1)) == []


def test_a_commit_calls_once_also_for_a_launcher_that_starts_anew(
    state: State, job: Job, tmp_path: Path
) -> None:
    Triggers(state).hear(job, [bob("c1")], START)
    call = Triggers(state).hear(job, [bob("c1"), bob("c2")], at(1))
    assert call is not None
    assert [one.commit for one in call.triggers] == ["c2"]
    with closing(State(tmp_path / "launcher.sqlite")) as other:
        assert Triggers(other).hear(job, [bob("c1"), bob("c2")], at(2)) is None
    assert [(one.before, one.commit) for one in run(state, 1)] == [("c1", "c2")]


def test_between_two_starts_lies_the_gap_and_the_newest_commit_of_each_source_counts(
    state: State, job: Job
) -> None:
    triggers, slots = Triggers(state), Slots(state)
    triggers.hear(job, [bob("c1")], START)
    triggers.hear(job, [bob("c2")], at(1))
    run(state, 1)
    first = triggers.hear(job, [bob("c3")], at(2))
    later = triggers.hear(job, [bob("c4"), Trigger("carol", "d1", "https://example.org/c.git")], at(3))
    assert first is not None
    assert later is not None
    assert (first.coalesced, later.coalesced) == (False, True)
    assert first.scheduled_for == later.scheduled_for
    assert slots.startable(at(300)) == []
    assert [(one.source, one.before, one.commit) for one in run(state, 301)] == [
        ("bob", "c2", "c4"),
        ("carol", "", "d1"),
    ]


def test_what_a_failed_run_was_called_for_comes_to_the_next_one_too(state: State, job: Job) -> None:
    triggers = Triggers(state)
    triggers.hear(job, [bob("c1")], START)
    for commit, seconds, outcome in (("c2", 1, "failed"), ("c3", 400, "lost"), ("c4", 800, "succeeded")):
        triggers.hear(job, [bob(commit)], at(seconds))
        assert [one.before for one in run(state, seconds + 300, outcome)] == ["c1"]
    triggers.hear(job, [bob("c5")], at(2000))
    assert [one.before for one in run(state, 2000)] == ["c4"]


def test_what_came_while_a_job_was_paused_calls_once_when_it_goes_on(state: State, job: Job) -> None:
    jobs, triggers = Jobs(state), Triggers(state)
    triggers.hear(job, [bob("c1")], START)
    jobs.pause(job)
    assert jobs.by_event() == [jobs.get(job.id)]
    resumed = jobs.resume(jobs.get(job.id), at(10))
    assert triggers.hear(resumed, [bob("c2"), bob("c3")], at(10)) is not None
    assert [(one.before, one.commit) for one in run(state, 10)] == [("c1", "c3")]


def test_a_slot_of_data_that_waited_over_an_outage_still_runs(state: State, job: Job) -> None:
    triggers = Triggers(state)
    triggers.hear(job, [], START)
    triggers.hear(job, [bob("c1")], at(1))
    assert Slots(state).claims.judge_again(at(30 * 86400), CatchUp("skip")) == []
    assert [one.commit for one in run(state, 30 * 86400)] == ["c1"]


def test_an_announcement_without_a_commit_counts_once_a_day(state: State, job: Job) -> None:
    triggers = Triggers(state)
    triggers.hear(job, [], START)
    old = Trigger("bob", "", "https://example.org/bob.git", date="2026-06-01")
    assert triggers.hear(job, [old], at(1)) is not None
    assert triggers.hear(job, [old], at(2)) is None


def receipt(operator: str = "", tool: str = "", by: str = "") -> Receipt:
    return Receipt("2026-06-01", {"Operator": operator, "Tool": tool, "Triggered-by": by})


ME = "alice/reader"
CHAINS = [
    ([Receipt("")], (), ""),
    ([receipt("bob", "counter")], ("bob/counter",), ""),
    ([receipt("bob", "counter", "carol/x dave/y")], ("bob/counter", "carol/x", "dave/y"), ""),
    ([receipt("alice", "reader")], (), "own commits"),
    ([receipt("bob", "counter", "alice/reader")], (), "a loop: alice/reader <- bob/counter <- alice/reader"),
    ([receipt("bob", "counter", "alice/other")], ("bob/counter", "alice/other"), ""),
    ([receipt("bob", "counter", "alice/reader"), receipt("carol", "x")], ("carol/x",), ""),
    ([receipt("bob", "b", "\x1b[2J ../x ; a/b/c ok/ok")], ("bob/b", "../x", "ok/ok"), ""),
    ([receipt("bob", "b", " ".join(f"o/t{n}" for n in range(LONGEST_CHAIN)))], (), "a chain of 9 runs"),
    ([], (), "own commits"),
]


@pytest.mark.parametrize(("commits", "chain", "refused"), CHAINS)
def test_a_run_knows_through_whom_its_data_came_and_refuses_to_call_for_itself(
    commits: list[Receipt], chain: tuple[str, ...], refused: str
) -> None:
    found, why = judge(commits, "alice", ME)
    assert found == chain
    assert refused in why
    assert bool(why) == bool(refused)


@pytest.mark.parametrize(
    "url", ["https://hc-ping.com/ab-12", "http://127.0.0.1:8000/x?y=1", "http://[::1]/p"]
)
def test_a_watchdog_s_url_is_taken_as_it_is(url: str) -> None:
    assert check_ping(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hc-ping.com/x",
        "file:///etc/passwd",
        "http://u@h/x",
        "http://h:99999/",
        "http://h/\x1b[2J",
        "http://h/ä",
    ],
)
def test_anything_else_is_not(url: str) -> None:
    with pytest.raises(BadInput) as told:
        check_ping(url)
    assert "\x1b" not in told.value.message


def test_a_thousand_pings_to_nobody_return_at_once_and_are_told_once() -> None:
    troubles: list[str] = []
    pings = Pings(troubles.append, timeout_s=0.2)
    for _ in range(1000):
        pings.send("http://127.0.0.1:9/x", "start")
    pings.flush(5)
    assert len(troubles) == 1
    assert "127.0.0.1:9" in troubles[0]
