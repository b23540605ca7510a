"""The ledger of jobs and slots: each slot is claimed once, and every one that does not run says why."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from roforlmao.errors import BadInput, NotFound
from roforlmao.schedule.desk import LOST
from roforlmao.schedule.documents import document
from roforlmao.schedule.due import CatchUp, decide, judge
from roforlmao.schedule.jobs import Job, Jobs, Plan
from roforlmao.schedule.rules import Rule
from roforlmao.schedule.slot import Key, Outcome, Slot
from roforlmao.schedule.slots import Slots
from roforlmao.state import _JOBS, _RUNS, _VERSION, State

DAILY = Rule("daily", "Europe/Zurich", "07:30")
DAY, HOUR = 86400, 3600
START = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
FIRST = int(dt.datetime(2026, 6, 2, 5, 30, tzinfo=dt.UTC).timestamp())


def at(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with closing(State(tmp_path / "launcher.sqlite")) as opened:
        yield opened


@pytest.fixture
def jobs(state: State) -> Jobs:
    return Jobs(state)


@pytest.fixture
def slots(state: State) -> Slots:
    return Slots(state)


def states(slots: Slots, job: Job) -> list[str]:
    return [slot.state for slot in slots.of_job(job)][::-1]


def test_a_database_of_the_first_version_gets_the_tables_of_jobs_and_keeps_its_runs(tmp_path: Path) -> None:
    path = tmp_path / "launcher.sqlite"
    with closing(sqlite3.connect(path)) as old:
        for statement in _RUNS:
            old.execute(statement)
        old.execute("INSERT INTO answers VALUES ('q', 'kept')")
        old.execute("PRAGMA user_version = 1")
        old.commit()
    with closing(State(path)) as one, closing(State(path)) as two:
        assert one.remembered("q") == "kept"
        job = Jobs(one).add(Plan("t", DAILY), START)
        assert Jobs(two).all() == [job]
        with one.read() as connection:
            assert connection.execute("PRAGMA user_version").fetchone()[0] == _VERSION


def test_slots_of_the_second_version_keep_what_became_of_them(tmp_path: Path) -> None:
    path = tmp_path / "launcher.sqlite"
    with closing(sqlite3.connect(path)) as old:
        for statement in (*_RUNS, *_JOBS):
            old.execute(statement)
        body = '{"tool": "t", "rule": {"kind": "daily", "timezone": "UTC", "at": "07:30"}, "args": []}'
        old.execute("INSERT INTO jobs VALUES (1, 't', ?, 'active', 5, 900, 2, 3)", (body,))
        old.execute("INSERT INTO slots VALUES (1, 100, 't', 'failed', 100, NULL, 101, 102, 'r1', 'why')")
        old.execute("INSERT INTO slots VALUES (1, 200, 't', 'queued', 200, NULL, NULL, NULL, '', '')")
        old.execute("PRAGMA user_version = 2")
        old.commit()
    with closing(State(path)) as opened:
        job = Jobs(opened).get("j1")
        assert (job.failures, job.missed, job.plan.retries) == (2, 3, 0)
        slots = Slots(opened)
        assert [slot.scheduled_for for slot in slots.startable(at(300))] == [200]
        assert slots.of_job(job)[1] == Slot(job, 100, "failed", 100, "r1", "why", 101)


def test_a_job_comes_back_as_it_was_made(jobs: Jobs) -> None:
    plan = Plan("t", Rule("weekly", "Asia/Tokyo", "01:00", 2), "c", ("-x", "ü\n"), "hub", sync=True)
    job = jobs.add(plan, START)
    assert jobs.get(job.id) == jobs.find("t") == jobs.find(job.id) == job
    assert job.plan == plan
    assert document(job, None) == {
        "id": "j1",
        "tool": "t",
        "command": "c",
        "args": ["-x", "ü\n"],
        "rule": "weekly on wed",
        "at": "01:00",
        "timezone": "Asia/Tokyo",
        "hub": "hub",
        "sync": True,
        "grace_s": None,
        "catch_up": None,
        "retries": 0,
        "backoff_s": 60.0,
        "busy": "queue",
        "timeout_s": None,
        "ping": None,
        "duty": None,
        "experiment": None,
        "state": "active",
        "next_run": "2026-06-03T01:00:00+09:00",
        "last_run": None,
        "last_state": None,
        "missed": 0,
    }


def test_a_job_is_found_by_its_tool_only_where_that_is_clear(jobs: Jobs) -> None:
    for _ in range(2):
        jobs.add(Plan("two", DAILY), START)
    with pytest.raises(BadInput, match="j1, j2"):
        jobs.find("two")
    jobs.stop(jobs.get("j1"))
    assert jobs.find("two").id == "j2"
    for name in ("j1", "none", "j", "j99", "\x1b[2J"):
        with pytest.raises(NotFound) as told:
            jobs.find(name)
        assert "\x1b" not in told.value.message
    for name in ("j99", "jx", "j²", "j" + "9" * 30, "1"):
        with pytest.raises(NotFound):
            jobs.get(name)


def test_a_paused_job_has_no_slots_and_goes_on_with_the_next(jobs: Jobs, slots: Slots) -> None:
    job = jobs.add(Plan("t", DAILY), START)
    assert jobs.pause(job).next_at is None
    assert slots.claims.due(at(FIRST + 10 * DAY), CatchUp()) == []
    resumed = jobs.resume(jobs.get("j1"), at(FIRST + 10 * DAY))
    assert (resumed.state, resumed.next_at) == ("active", FIRST + 11 * DAY)


LATE = [
    (CatchUp(), 30, "queued", ""),
    (CatchUp("skip"), 30, "queued", ""),
    (CatchUp(), 11 * HOUR, "queued", "11 h late"),
    (CatchUp(), 13 * HOUR, "missed", "its grace of 12 h"),
    (CatchUp("run-once", 14.0 * HOUR), 13 * HOUR, "queued", "late"),
    (CatchUp("run-once", 600.0), 601, "missed", "its grace of 10 min"),
    (CatchUp("skip"), 120, "skipped", "nothing is caught up"),
    (CatchUp("ask"), 120, "asking", "for you to say"),
    (CatchUp("ask"), 13 * HOUR, "missed", "grace"),
]


@pytest.mark.parametrize(("catch_up", "late", "expected", "reason"), LATE)
def test_a_late_slot_is_judged_by_policy_and_grace(
    catch_up: CatchUp, late: int, expected: str, reason: str
) -> None:
    decision = judge(1, DAILY, FIRST, FIRST + late, catch_up)
    assert decision.state == expected
    assert reason in decision.reason
    if expected == "queued" and late > 60:
        assert FIRST + late <= decision.not_before < FIRST + late + 30


def test_of_several_slots_that_passed_the_last_runs_and_the_others_are_missed() -> None:
    decisions, following = decide(1, DAILY, FIRST, FIRST + 3 * DAY + HOUR, CatchUp())
    assert [(d.slot, d.state) for d in decisions] == [
        (FIRST, "missed"),
        (FIRST + DAY, "missed"),
        (FIRST + 2 * DAY, "missed"),
        (FIRST + 3 * DAY, "queued"),
    ]
    assert following == FIRST + 4 * DAY


def test_what_is_caught_up_is_spread() -> None:
    starts = {judge(job, DAILY, FIRST, FIRST + HOUR, CatchUp()).not_before for job in range(20)}
    assert len(starts) > 8


def test_years_of_a_minute_job_are_decided_in_portions(jobs: Jobs, slots: Slots) -> None:
    job = jobs.add(Plan("t", Rule("every", "UTC", every_s=60)), START)
    now, ticks = START + dt.timedelta(days=5), 0
    while (jobs.get(job.id).next_at or 0) <= now.timestamp():
        slots.claims.due(now, CatchUp())
        ticks += 1
    assert ticks == 4
    assert jobs.get(job.id).missed == 5 * 24 * 60 - 1
    assert [slot.state for slot in slots.of_job(job, 2)] == ["queued", "missed"]


def run_one(slots: Slots, now: dt.datetime, state: str = "succeeded") -> int:
    [slot] = slots.startable(now)
    assert slots.start(slot, now)
    return slots.finish(slot, Outcome(state, "run-1", "because"), now, keep=1000)


def test_a_slot_goes_from_queued_to_its_outcome_and_is_the_last_run(jobs: Jobs, slots: Slots) -> None:
    job = jobs.add(Plan("t", DAILY), START)
    assert slots.claims.due(at(FIRST - 1), CatchUp()) == []
    assert [slot.state for slot in slots.claims.due(at(FIRST), CatchUp())] == ["queued"]
    assert slots.claims.due(at(FIRST), CatchUp()) == []
    assert run_one(slots, at(FIRST + 1)) == 0
    last = jobs.last_run(job)
    shown = document(jobs.get(job.id), last)
    assert (shown["last_run"], shown["last_state"]) == ("2026-06-02T07:30:01+02:00", "succeeded")
    assert slots.startable(at(FIRST + 2)) == []


def test_a_clock_that_is_set_back_runs_no_slot_again(jobs: Jobs, slots: Slots) -> None:
    job = jobs.add(Plan("t", DAILY), START)
    for number in range(3):
        slots.claims.due(at(FIRST + number * DAY), CatchUp())
        run_one(slots, at(FIRST + number * DAY))
    back = at(FIRST - HOUR)
    slots.claims.rewind(back)
    assert jobs.get(job.id).next_at == FIRST + 3 * DAY
    assert slots.claims.due(back, CatchUp()) == []


def test_a_clock_that_was_years_ahead_does_not_stop_the_jobs(jobs: Jobs, slots: Slots) -> None:
    job = jobs.add(Plan("t", Rule("monthly", "UTC", "00:00", 1)), START)
    ahead = START + dt.timedelta(days=365 * 20)
    slots.claims.due(ahead, CatchUp())
    with slots._state.write() as connection:
        connection.execute("DELETE FROM slots WHERE scheduled_for < ?", (int(ahead.timestamp()) - 99 * DAY,))
    slots.claims.rewind(START)
    assert jobs.get(job.id).next_at == int(dt.datetime(2026, 7, 1, tzinfo=dt.UTC).timestamp())
    slots.claims.rewind(START - dt.timedelta(days=9999))  # a machine that wakes up in 1999
    assert (jobs.get(job.id).next_at or 0) > START.timestamp()


def test_two_schedulers_at_once_claim_and_start_each_slot_once(tmp_path: Path) -> None:
    path = tmp_path / "launcher.sqlite"
    with closing(State(path)) as state:
        for number in range(20):
            Jobs(state).add(Plan(f"t{number}", DAILY), START)
    claimed: list[Slot] = []
    started: list[Key] = []

    def fire() -> None:
        with closing(State(path)) as own:
            slots = Slots(own)
            for number in range(5):
                now = at(FIRST + number * DAY)
                claimed.extend(slots.claims.due(now, CatchUp()))
                started.extend(slot.key for slot in slots.startable(now) if slots.start(slot, now))

    threads = [threading.Thread(target=fire) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len({slot.key for slot in claimed}) == 100
    assert len(started) == len(set(started))


def test_a_tool_runs_once_at_a_time_and_the_later_slot_replaces_one_that_waits(
    jobs: Jobs, slots: Slots
) -> None:
    job = jobs.add(Plan("t", Rule("every", "UTC", every_s=10)), START)
    other = jobs.add(Plan("t", Rule("every", "UTC", every_s=30)), START)
    now = START + dt.timedelta(seconds=10)
    slots.claims.due(now, CatchUp())
    [running] = slots.startable(now)
    assert slots.start(running, now)
    for second in (20, 30, 40):
        slots.claims.due(START + dt.timedelta(seconds=second), CatchUp())
    later = START + dt.timedelta(seconds=40)
    assert slots.startable(later) == []
    assert not slots.start(slots.queued()[0], later)  # the index is the fence
    assert states(slots, job) == ["running", "skipped", "skipped", "queued"]
    assert states(slots, other) == ["queued"]
    slots.finish(running, Outcome("succeeded"), later, keep=1000)
    assert [slot.job.id for slot in slots.startable(later)] == [other.id]


def test_ten_failures_in_a_row_pause_the_job_and_a_success_forgets_them(jobs: Jobs, slots: Slots) -> None:
    job = jobs.add(Plan("t", DAILY), START)
    counted = []
    for number, outcome in enumerate(
        ["failed", "timed-out", "cancelled", "lost", "succeeded", *["failed"] * 10]
    ):
        now = at(FIRST + number * DAY)
        slots.claims.due(now, CatchUp())
        counted.append(run_one(slots, now, outcome))
    assert counted == [1, 2, 2, 2, 0, *range(1, 11)]
    paused = jobs.get(job.id)
    assert (paused.state, paused.next_at) == ("paused", None)
    assert jobs.resume(paused, at(FIRST + 20 * DAY)).failures == 0


def test_an_outcome_that_is_written_twice_counts_once(jobs: Jobs, slots: Slots) -> None:
    jobs.add(Plan("t", DAILY), START)
    slots.claims.due(at(FIRST), CatchUp())
    [slot] = slots.startable(at(FIRST))
    slots.start(slot, at(FIRST))
    assert [slots.finish(slot, Outcome("failed"), at(FIRST), keep=9) for _ in range(3)] == [1, 1, 1]


def test_what_is_stopped_or_paused_while_it_waits_does_not_run(jobs: Jobs, slots: Slots) -> None:
    made = [jobs.add(Plan(f"t{number}", DAILY), START) for number in range(2)]
    slots.claims.due(at(FIRST), CatchUp())
    jobs.pause(made[0])
    jobs.stop(made[1])
    assert slots.startable(at(FIRST)) == []
    assert [slots.of_job(job)[0].reason for job in made] == ["the job was paused", "the job was stopped"]
    assert [job.id for job in jobs.all()] == ["j1"]


def test_a_busy_tool_sends_the_slot_back_to_wait(jobs: Jobs, slots: Slots) -> None:
    jobs.add(Plan("t", DAILY), START)
    slots.claims.due(at(FIRST), CatchUp())
    [slot] = slots.startable(at(FIRST))
    slots.start(slot, at(FIRST))
    slots.put_back(slot, at(FIRST), 15)
    assert slots.startable(at(FIRST + 14)) == []
    assert [again.key for again in slots.startable(at(FIRST + 15))] == [slot.key]


def test_what_a_dead_launcher_ran_is_lost_and_not_run_again(jobs: Jobs, slots: Slots) -> None:
    job = jobs.add(Plan("t", DAILY), START)
    slots.claims.due(at(FIRST), CatchUp())
    [slot] = slots.startable(at(FIRST))
    slots.start(slot, at(FIRST))
    assert slots.orphaned() == []  # it is ours
    with slots._state.write() as connection:
        connection.execute("UPDATE slots SET owner = '[\"another boot\", 1, 0.0]'")
    [lost] = slots.orphaned()
    slots.finish(lost, LOST, at(FIRST), keep=10)
    assert states(slots, job) == ["lost"]
    assert slots.orphaned() == []
    assert slots.startable(at(FIRST + 1)) == []


def test_what_waited_too_long_for_a_scheduler_is_missed(jobs: Jobs, slots: Slots) -> None:
    job = jobs.add(Plan("t", DAILY), START)
    slots.claims.due(at(FIRST), CatchUp())
    assert slots.claims.judge_again(at(FIRST + HOUR), CatchUp()) == []
    [given_up] = slots.claims.judge_again(at(FIRST + 13 * HOUR), CatchUp())
    assert "grace" in given_up.reason
    assert (states(slots, job), jobs.get(job.id).missed) == (["missed"], 1)


def test_the_ledger_forgets_the_oldest_slots_but_not_how_many_were_missed(jobs: Jobs, slots: Slots) -> None:
    job = jobs.add(Plan("t", DAILY), START)
    slots.claims.due(at(FIRST + 50 * DAY), CatchUp())
    [slot] = slots.startable(at(FIRST + 50 * DAY))
    slots.start(slot, at(FIRST + 50 * DAY))
    slots.finish(slot, Outcome("succeeded"), at(FIRST + 50 * DAY), keep=10)
    assert len(slots.of_job(job)) == 10
    assert jobs.get(job.id).missed == 50


def test_a_slot_that_is_in_the_ledger_is_not_claimed_or_started_again(jobs: Jobs, slots: Slots) -> None:
    job = jobs.add(Plan("t", DAILY), START)
    slots.claims.due(at(FIRST), CatchUp())
    [slot] = slots.startable(at(FIRST))
    assert slots.start(slot, at(FIRST))
    slots.finish(slot, Outcome("succeeded", "run-1"), at(FIRST), keep=9)
    with slots._state.write() as connection:
        connection.execute("UPDATE jobs SET next_at = ?", (FIRST,))
    assert slots.claims.due(at(FIRST), CatchUp()) == []
    assert not slots.start(slot, at(FIRST))
    assert [(s.state, s.run) for s in slots.of_job(job)] == [("succeeded", "run-1")]
