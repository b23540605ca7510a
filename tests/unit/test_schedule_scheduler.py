"""The scheduler's thread and workers: whatever a job does, the others and the thread go on."""

from __future__ import annotations

import datetime as dt
import threading
import time
from dataclasses import replace
from itertools import pairwise

import pytest
import schedule

from roforlmao.errors import BadInput, Busy, StorageFailed
from roforlmao.schedule.beat import beat
from roforlmao.schedule.due import CatchUp
from roforlmao.schedule.duty import StandBy
from roforlmao.schedule.jobs import Plan
from roforlmao.schedule.news import News
from roforlmao.schedule.pool import RunProgress
from roforlmao.schedule.rules import Rule
from roforlmao.schedule.scheduler import Scheduler
from roforlmao.schedule.slot import Outcome, Slot
from roforlmao.schedule.slots import Slots
from tests.unit.house import MINUTELY, START, House, add, broken, deaf, good, hanging, refused


def test_jobs_that_raise_stop_neither_the_others_nor_the_thread(house: House) -> None:
    add(house, broken=broken, refused=refused, good=good)
    house.tick(60)
    house.tick_until(
        lambda: bool(house.finished("good") and house.finished("broken") and house.finished("refused"))
    )
    assert (house.finished("good"), house.finished("broken")) == (["succeeded"], ["failed"])
    assert "ZeroDivisionError" in house.desk.error_log.read_text()
    assert [text for text in house.events("finished") if "git said no. Look there." in text]


def test_no_more_than_two_run_at_once_and_the_third_waits(house: House) -> None:
    gate = threading.Event()

    def waiting(_progress: RunProgress) -> Outcome:
        assert gate.wait(10)
        return Outcome("succeeded")

    add(house, a=waiting, b=waiting, c=waiting)
    house.tick(60)
    house.tick()
    assert len(house.events("started")) == 2
    gate.set()
    house.tick_until(lambda: len(house.events("finished")) == 3)


def test_a_job_that_hangs_is_cancelled_after_its_time_and_given_up_if_it_does_not_end(house: House) -> None:
    house.desk = replace(house.desk, limit_s=0.2, patience_s=0.3)
    add(house, hanging=hanging, deaf=deaf, good=good)
    house.tick(60)
    house.tick_until(lambda: len(house.events("finished")) == 3)
    assert house.finished("hanging") == ["cancelled"]
    assert house.finished("deaf") == ["timed-out"]
    assert house.finished("good") == ["succeeded"]


def test_stopping_a_job_cancels_its_run(house: House) -> None:
    add(house, hanging=hanging)
    house.tick(60)
    house.jobs.stop(house.jobs.find("hanging"))
    house.tick_until(lambda: house.finished("hanging") == ["cancelled"])


def test_a_tool_that_is_at_work_by_hand_lets_its_slot_wait(house: House) -> None:
    busy = [True]

    def taken(_progress: RunProgress) -> Outcome:
        if busy.pop():
            busy.append(False)
            raise Busy("The tool 'taken' is at work in another launcher or job.")
        return Outcome("succeeded")

    add(house, taken=taken)
    house.tick(60)
    house.tick_until(lambda: bool(house.events("waiting")))
    house.tick(14)
    assert len(house.events("started")) == 1
    house.tick(1)
    house.tick_until(lambda: house.finished("taken") == ["succeeded"])


def test_a_slot_that_waits_for_long_is_told_when_it_begins_to_and_when_its_tool_starts(house: House) -> None:
    reasons = ["bob runs it", "bob runs it", "bob runs it", "the registry is away", "bob runs it"]

    def stands_by(progress: RunProgress) -> Outcome:
        if reasons:
            raise StandBy(reasons.pop(), 1)
        progress.start("Running")
        return Outcome("succeeded", "run-1")

    house.calls["shared"] = stands_by
    house.jobs.add(Plan("shared", MINUTELY, duty="watch"), house.now)
    house.tick(60)
    for left in (4, 3, 2, 1, 0):
        house.tick_until(lambda: not house.desk.slots.running() and len(reasons) == left)  # noqa: B023 (used at once)
        house.tick(1)
    house.tick_until(lambda: house.finished("shared") == ["succeeded"])
    told = [(news.event, news.text.rpartition(": ")[2]) for news in house.told if "tool" in news.fields]
    assert told == [
        ("waiting", "bob runs it."),
        ("waiting", "the registry is away."),
        ("waiting", "bob runs it."),
        ("started", "Job j1 (shared) started."),
        ("finished", "Job j1 (shared) succeeded."),
    ]


def test_busy_in_the_middle_of_a_run_is_a_failure_and_not_run_again(house: House) -> None:
    def later(progress: RunProgress) -> Outcome:
        progress.start("Running")
        raise Busy("Another launcher is at work in the clone.")

    add(house, later=later)
    house.tick(60)
    house.tick_until(lambda: house.finished("later") == ["failed"])


def test_three_failures_are_noticed_and_ten_pause(house: House) -> None:
    add(house, refused=refused)
    for number in range(10):
        house.tick(60)
        house.tick_until(lambda: len(house.finished("refused")) == number + 1)  # noqa: B023 (used at once)
    texts = [notice.text for notice in house.desk.notices.newest()]
    assert len(texts) == 2
    assert "failed 3 times in a row" in texts[1]
    assert "`tool resume j1`" in texts[0]
    assert house.jobs.find("refused").state == "paused"
    house.tick(600)
    assert len(house.events("started")) == 10


def test_a_disk_that_is_full_when_a_run_ends_delays_the_entry_only(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(house, good=good)
    real, full = Slots.finish, [True, True, True]

    def finish(self: Slots, slot: Slot, outcome: Outcome, now: dt.datetime, keep: int) -> int:
        if full and full.pop():
            raise StorageFailed("No space left on device.")
        return real(self, slot, outcome, now, keep)

    monkeypatch.setattr(Slots, "finish", finish)
    house.tick(60)
    assert house.scheduler is not None
    deadline = time.monotonic() + 10
    while not house.finished("good"):
        assert time.monotonic() < deadline
        house.scheduler._tick_guarded()
        time.sleep(0.01)
    assert not full
    assert len(house.events("trouble")) == 1  # told once, not every second
    assert len(house.events("started")) == 1


def test_what_asks_waits_with_a_notice_for_an_answer_that_runs_it(house: House) -> None:
    house.desk = replace(house.desk, catch_up=CatchUp("ask"))
    add(house, good=good)
    house.jobs.edit(house.jobs.find("good"), Plan("good", Rule("daily", "UTC", "13:00")), START)
    house.tick(3600 + 300)
    [notice] = house.desk.notices.newest()
    assert "for you to say" in notice.text
    assert "`tool catch-up j1 run` (or `miss`) answers" in notice.text
    house.tick(60)
    assert not house.events("started")
    house.wishes.answer(house.jobs.find("good"), run=True, now=house.now)
    house.tick_until(lambda: house.finished("good") == ["succeeded"])
    with pytest.raises(BadInput, match="waits for your word"):
        house.wishes.answer(house.jobs.find("good"), run=True, now=house.now)


def test_what_nobody_answers_before_the_next_slot_or_answers_no_is_missed(house: House) -> None:
    job = house.jobs.add(Plan("good", Rule("daily", "UTC", "13:00"), catch_up="ask"), START)
    house.tick(3600 + 300)
    house.tick(86400)
    assert [slot.state for slot in house.desk.slots.of_job(job)] == ["asking", "missed"]
    house.wishes.answer(job, run=False, now=house.now)
    slots = house.desk.slots.of_job(job)
    assert [(slot.state, slot.reason) for slot in slots] == [
        ("missed", "you said so"),
        ("missed", "nobody answered before the next slot came"),
    ]
    assert house.jobs.find("good").missed == 2


def test_an_answer_holds_although_the_launcher_starts_only_later(house: House) -> None:
    house.calls["good"] = good
    job = house.jobs.add(Plan("good", Rule("daily", "UTC", "13:00"), catch_up="ask"), START)
    house.tick(3600 + 300)
    house.wishes.answer(job, run=True, now=house.now)
    house.restart()
    house.tick(600)
    house.tick_until(lambda: house.finished("good") == ["succeeded"])


@pytest.mark.parametrize(
    ("plan", "late", "expected"),
    [
        (Plan("t", Rule("daily", "UTC", "13:00"), catch_up="skip"), 300, "skipped"),
        (Plan("t", Rule("daily", "UTC", "13:00"), grace_s=200), 300, "missed"),
        (Plan("t", Rule("daily", "UTC", "13:00"), grace_s=400), 300, "queued"),
        (Plan("t", Rule("daily", "UTC", "13:00"), grace_s=86400.0), 50000, "queued"),
        (Plan("t", Rule("daily", "UTC", "13:00")), 50000, "missed"),
    ],
)
def test_each_job_has_its_own_grace_and_policy(house: House, plan: Plan, late: int, expected: str) -> None:
    job = house.jobs.add(plan, START)
    house.tick(3600 + late)
    assert house.desk.slots.of_job(job)[0].state == expected


def test_twenty_jobs_that_are_caught_up_do_not_start_together(house: House) -> None:
    house.desk = replace(house.desk, workers=20)
    for number in range(20):
        house.calls[f"t{number}"] = good
        house.jobs.add(Plan(f"t{number}", Rule("daily", "UTC", "13:00")), START)
    house.tick(2 * 3600)
    started = []
    for _ in range(31):
        house.tick(1)
        started.append(len(house.events("started")))
    assert started[-1] == 20
    assert max(after - before for before, after in pairwise([0, *started])) < 8


def test_what_fails_is_tried_again_with_growing_pauses_and_counts_once(house: House) -> None:
    house.calls["refused"] = refused
    job = house.jobs.add(Plan("refused", Rule("daily", "UTC", "13:00"), retries=3, backoff_s=10.0), START)
    house.tick(3600)
    at = house.now
    house.tick_until(lambda: len(house.events("retrying")) == 1)
    house.tick(9)
    assert len(house.events("started")) == 1
    for pause in (1, 20, 40):
        house.tick(pause)
        number = len(house.events("started"))
        house.tick_until(lambda: len(house.events("retrying", "finished")) == number)  # noqa: B023 (used at once)
    assert (house.now - at).total_seconds() == 70
    [slot] = house.desk.slots.of_job(job)
    assert (slot.state, len(slot.earlier)) == ("failed", 3)
    assert {one.state for one in slot.earlier} == {"failed"}
    assert [one.started - slot.scheduled_for for one in slot.earlier] == [0, 10, 30]
    assert house.jobs.find("refused").failures == 1


def test_a_try_that_succeeds_ends_the_slot_well(house: House) -> None:
    outcomes = [Outcome("succeeded", "run-2"), Outcome("failed", "run-1", "no network")]
    house.calls["flaky"] = lambda _: outcomes.pop()
    job = house.jobs.add(Plan("flaky", Rule("daily", "UTC", "13:00"), retries=1), START)
    house.tick(3600)
    house.tick_until(lambda: bool(house.events("retrying")))
    house.tick(60)
    house.tick_until(lambda: house.finished("flaky") == ["succeeded"])
    [slot] = house.desk.slots.of_job(job)
    assert (slot.state, slot.run, [one.run for one in slot.earlier]) == ("succeeded", "run-2", ["run-1"])
    assert house.jobs.find("flaky").failures == 0


def test_a_try_never_collides_with_the_next_slot(house: House) -> None:
    house.calls["refused"] = refused
    job = house.jobs.add(Plan("refused", MINUTELY, retries=5, backoff_s=25.0), START)
    house.tick(60)
    house.tick_until(lambda: len(house.events("retrying")) == 1)  # the second would come after 75 s
    house.tick(25)
    house.tick_until(lambda: len(house.finished("refused")) == 1)
    house.tick(35)
    assert [slot.state for slot in house.desk.slots.of_job(job)][1:] == ["failed"]
    house.tick_until(lambda: len(house.events("retrying")) == 2)
    assert house.scheduler is not None
    house.desk.slots.claims.judge_again(
        house.now + dt.timedelta(hours=1), CatchUp()
    )  # it waits; then nobody fires
    assert [slot.state for slot in house.desk.slots.of_job(job)] == ["failed", "failed"]


@pytest.mark.parametrize("change", ["pause", "stop", "cancel"])
def test_what_is_paused_stopped_or_cancelled_while_it_runs_is_not_tried_again(
    house: House, change: str
) -> None:
    gate = threading.Event()

    def fails(_progress: RunProgress) -> Outcome:
        assert gate.wait(10)
        return Outcome("failed", "run-1", "no")

    house.calls["t"] = fails
    job = house.jobs.add(Plan("t", Rule("daily", "UTC", "13:00"), retries=3, backoff_s=5.0), START)
    house.tick(3600)
    {"pause": house.jobs.pause, "stop": house.jobs.stop, "cancel": house.wishes.cancel}[change](job)
    gate.set()
    house.tick_until(lambda: house.finished("t") == ["failed"])
    assert not house.events("retrying")


def test_a_tool_that_is_busy_makes_the_slot_wait_or_skips_it(house: House) -> None:
    gate = threading.Event()

    def waiting(_progress: RunProgress) -> Outcome:
        assert gate.wait(10)
        return Outcome("succeeded")

    add(house, tool=waiting)
    other = house.jobs.add(Plan("tool", MINUTELY, busy="skip"), START)
    house.tick(60)
    [skipped] = house.desk.slots.of_job(other)
    assert (skipped.state, skipped.reason) == ("skipped", "its tool was at work already")
    gate.set()
    house.tick_until(lambda: house.finished("tool") == ["succeeded"])


def test_a_tool_at_work_by_hand_skips_the_slot_of_a_job_that_wants_it_so(house: House) -> None:
    def taken(_progress: RunProgress) -> Outcome:
        raise Busy("The tool 'taken' is at work in another launcher or job.")

    house.calls["taken"] = taken
    job = house.jobs.add(Plan("taken", MINUTELY, busy="skip"), START)
    house.tick(60)
    house.tick_until(lambda: house.desk.slots.of_job(job)[0].state == "skipped")


def test_a_job_may_run_at_once_outside_its_rule_and_still_at_its_next_slot(house: House) -> None:
    house.calls["good"] = good
    job = house.jobs.add(Plan("good", Rule("daily", "UTC", "13:00")), START)
    house.wishes.run_now(job, house.now)
    with pytest.raises(BadInput, match="already"):
        house.wishes.run_now(job, house.now)
    house.tick()
    house.tick_until(lambda: len(house.finished("good")) == 1)
    house.tick(3600)
    house.tick_until(lambda: len(house.finished("good")) == 2)
    slots = house.desk.slots.of_job(job)
    assert [(slot.cause, slot.state) for slot in slots] == [("", "succeeded"), ("now", "succeeded")]


def test_a_slot_that_was_asked_for_at_the_very_second_of_the_rule_takes_nothing_from_it(house: House) -> None:
    house.calls["good"] = good
    job = house.jobs.add(Plan("good", MINUTELY), START)
    house.now += dt.timedelta(seconds=60)
    house.wishes.run_now(job, house.now)
    house.tick()
    house.tick_until(lambda: len(house.finished("good")) == 2)
    assert {slot.key for slot in house.desk.slots.of_job(job)} == {
        (1, int(house.now.timestamp()), ""),
        (1, int(house.now.timestamp()), "now"),
    }


def test_a_running_slot_is_cancelled_and_the_job_goes_on(house: House) -> None:
    add(house, hanging=hanging)
    house.tick(60)
    assert [slot.state for slot in house.wishes.cancel(house.jobs.find("hanging"))] == ["running"]
    house.tick_until(lambda: house.finished("hanging") == ["cancelled"])
    with pytest.raises(BadInput, match="Nothing of job j1"):
        house.wishes.cancel(house.jobs.find("hanging"))
    assert house.jobs.find("hanging").state == "active"
    house.tick(60)
    assert len(house.events("started")) == 2


def test_a_job_that_is_edited_while_it_runs_ends_as_it_began(house: House) -> None:
    gate = threading.Event()
    seen: list[tuple[str, ...]] = []

    def work(slot: Slot, _progress: RunProgress) -> Outcome:
        assert gate.wait(10)
        seen.append(slot.job.plan.args)
        return Outcome("failed", "run-1", "no") if len(seen) == 1 else Outcome("succeeded")

    house.desk = replace(house.desk, work=work)
    job = house.jobs.add(Plan("t", MINUTELY, None, ("old",), retries=1, backoff_s=5.0), START)
    house.tick(60)
    edited = house.jobs.edit(job, Plan("t", Rule("daily", "UTC", "13:00"), None, ("new",)), house.now)
    assert edited.next_at == int(START.timestamp()) + 3600
    gate.set()
    house.tick_until(lambda: bool(house.events("retrying")))  # by the rule under which it began
    house.tick(5)
    house.tick_until(lambda: house.finished("t") == ["succeeded"])
    assert [slot.scheduled_for for slot in house.desk.slots.of_job(job)] == [int(START.timestamp()) + 60]
    house.tick(3535)
    house.tick_until(lambda: len(house.finished("t")) == 2)
    assert seen[-1] == ("new",)


def test_a_disk_without_room_starts_nothing_says_so_once_and_tries_at_the_next_slot(house: House) -> None:
    short = ["only 5 MB free"]
    house.desk = replace(house.desk, short_of_room=lambda: short[0])
    add(house, good=good, other=good)
    house.tick(60)
    house.tick(60)
    assert not house.events("started")
    [notice] = house.desk.notices.newest()
    assert "not started: only 5 MB free. It is tried at its next slot" in notice.text
    job = house.jobs.find("good")
    assert [slot.state for slot in house.desk.slots.of_job(job)] == ["skipped", "skipped"]
    short[0] = ""
    house.tick(60)
    house.tick_until(lambda: house.finished("good") == ["succeeded"])
    assert len(house.desk.notices.newest()) == 1


def test_only_one_scheduler_of_a_home_fires_and_both_say_who(house: House) -> None:
    house.tick()
    told: list[News] = []
    other = Scheduler(house.desk, told.append)
    assert not other.take()
    assert not other.take()
    assert [news.event for news in told] == ["standing-by"]
    assert house.scheduler is not None
    assert house.scheduler.holder == "this launcher"
    assert other.holder.startswith("process ")
    assert other.holder in told[0].text
    house.scheduler._turn.release()
    assert other.take()
    assert [news.event for news in told] == ["standing-by", "firing"]
    other._turn.release()


def test_the_thread_fires_within_a_second_and_ends_in_order(house: House) -> None:
    made = threading.Event()

    def second(_progress: RunProgress) -> Outcome:
        made.set()
        return Outcome("succeeded")

    house.calls["second"] = second
    house.desk = replace(house.desk, now=lambda: dt.datetime.now(dt.UTC))
    house.jobs.add(Plan("second", Rule("every", "UTC", every_s=1)), dt.datetime.now(dt.UTC))
    scheduler = Scheduler(house.desk, house.told.append)
    scheduler.start()
    assert made.wait(3)
    scheduler.stop()
    assert not scheduler.fires
    assert house.events("ended")
    assert not house.events("trouble")


def test_a_wall_clock_that_is_set_back_does_not_stop_the_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, beats, shown = schedule.Scheduler(), [], [""]

    class Frozen(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
            return dt.datetime.fromisoformat(f"2026-06-01T{shown[0]}")

    def at(text: str) -> float:
        shown[0] = text
        return beat(clock, lambda: beats.append(shown[0]))

    monkeypatch.setattr("schedule.datetime.datetime", Frozen)
    assert 0 < at("12:00:00.300") <= 0.7
    at("12:00:01.010")
    assert at("10:00:00.500") <= 1
    at("10:00:01.001")
    assert beats == ["12:00:01.010", "10:00:01.001"]


def test_a_clock_that_was_years_ahead_and_is_put_right_does_not_stop_the_jobs(house: House) -> None:
    house.calls["good"] = good
    house.jobs.add(Plan("good", Rule("monthly", "UTC", "13:00", 1)), START)
    house.tick(3600)
    house.tick_until(lambda: len(house.finished("good")) == 1)
    with house.desk.slots._state.write() as connection:  # as after a jump that skipped the next ten years
        connection.execute("UPDATE jobs SET next_at = next_at + 315360000")
    house.tick(-600)
    assert house.jobs.find("good").next_at == int(dt.datetime(2026, 7, 1, 13, tzinfo=dt.UTC).timestamp())


def test_what_an_earlier_scheduler_left_waiting_is_judged_anew(house: House) -> None:
    house.jobs.add(Plan("good", Rule("daily", "UTC", "13:00")), START)
    house.now += dt.timedelta(hours=1)
    house.desk.slots.claims.due(house.now, house.desk.catch_up)  # and then it was killed
    house.tick(13 * 3600)
    assert not house.events("started")
    assert "more than its grace" in house.events("missed")[0]
    assert house.jobs.find("good").missed == 1


def test_a_run_that_outlived_its_launcher_keeps_its_slot_until_it_is_known_how_it_ended(house: House) -> None:
    fates: dict[str, Outcome | None] = {"run-7": None}
    house.desk = replace(house.desk, fate=lambda run: fates[run])
    house.calls["t"] = good
    house.jobs.add(Plan("t", MINUTELY), house.now)
    house.tick(60)
    house.tick_until(lambda: house.finished("t") == ["succeeded"])
    slots, owner = house.desk.slots, '["another boot", 1, 0.0]'
    house.wishes.run_now(house.jobs.find("t"), house.now)
    [slot] = slots.queued()
    assert slots.start(slot, house.now)
    slots.note_run(slot, "run-7")
    with house.state.write() as connection:
        connection.execute("UPDATE slots SET owner = ? WHERE state = 'running'", (owner,))
    house.tick(60)
    assert [one.run for one in slots.running()] == ["run-7"]
    assert len(slots.queued()) == 1  # one of a tool at a time
    fates["run-7"] = Outcome("failed", "run-7", "exit code 3")
    house.tick(1)
    house.tick_until(lambda: len(house.finished("t")) == 3)
    assert house.finished("t") == ["succeeded", "failed", "succeeded"]
