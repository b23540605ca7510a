"""How rules are written and jobs told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from roforlmao.errors import BadInput
from roforlmao.schedule.brief import brief
from roforlmao.schedule.due import CatchUp
from roforlmao.schedule.jobs import Jobs, Plan
from roforlmao.schedule.rules import Rule
from roforlmao.schedule.slots import Slots
from roforlmao.schedule.wording import make_rule, parse_at, parse_on
from roforlmao.state import State

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)  # a Monday


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with closing(State(tmp_path / "launcher.sqlite")) as opened:
        yield opened


@pytest.mark.parametrize(("text", "expected"), [("07:30", "07:30"), ("7:05", "07:05"), ("23:59", "23:59")])
def test_a_time_of_day_is_read(text: str, expected: str) -> None:
    assert parse_at(text) == expected


@pytest.mark.parametrize(
    "text",
    ["24:00", "25:00", "9", "", "07:60", "07:5", "-1:00", "07:30:00", "\u0660\u0667:\u0663\u0660", "7.30"],
)
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is not a time of day"):
        parse_at(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("mon", "mon"), ("Monday", "mon"), ("SUN", "sun"), ("1", "1"), ("31", "31"), ("07", "7")],
)
def test_a_day_is_read(text: str, expected: str) -> None:
    assert parse_on(text) == expected


@pytest.mark.parametrize("text", ["0", "32", "mo", "monkey", "", "1.5", "-1", "mon,tue", "²"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is not a day"):
        parse_on(text)


def test_rules_have_defaults() -> None:
    assert make_rule("UTC", "daily") == Rule("daily", "UTC", "00:00")
    assert make_rule("UTC", "weekly") == Rule("weekly", "UTC", "00:00", 0)
    assert make_rule("UTC", "monthly", "7:30") == Rule("monthly", "UTC", "07:30", 1)
    assert make_rule("UTC", cron=" 0  0 * * *") == Rule("cron", "UTC", cron="0 0 * * *")
    assert make_rule("UTC", every_s=90.0) == Rule("every", "UTC", every_s=90)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Rule("daily", "UTC", "18:00"), "next t 18:00"),
        (Rule("daily", "UTC", "07:30"), "next t Tue 07:30"),
        (Rule("monthly", "UTC", "07:30", 31), "next t 2026-06-30 07:30"),
        (Rule("when-hub", "UTC", every_s=300, source="h"), "1 job listening"),
    ],
)
def test_the_status_line_says_what_comes_next(state: State, rule: Rule, words: str) -> None:
    jobs = Jobs(state)
    assert brief(jobs, 0, NOW) == "no jobs"
    jobs.add(Plan("t", rule), NOW)
    assert brief(jobs, 0, NOW) == words
    assert brief(jobs, 3, NOW, asking=1) == f"{words}, 1 to answer, 3 to push"
    assert brief(jobs, 3, NOW, unannounced=2) == f"2 to announce, {words}, 3 to push"
    assert brief(jobs, 3, NOW, "process 7 on host") == f"{words}, 3 to push, fired by process 7 on host"


def test_the_status_line_says_that_jobs_are_paused_and_does_not_count_stopped_ones(state: State) -> None:
    jobs = Jobs(state)
    for _ in range(2):
        jobs.pause(jobs.add(Plan("t", Rule("daily", "UTC", "18:00")), NOW))
    assert brief(jobs, 0, NOW) == "2 jobs paused"
    for job in jobs.all():
        jobs.stop(job)
    assert brief(jobs, 0, NOW, "process 7 on host") == "no jobs"


def test_the_status_line_says_what_runs(state: State) -> None:
    jobs, slots = Jobs(state), Slots(state)
    for tool in ("a", "b"):
        jobs.add(Plan(tool, Rule("every", "UTC", every_s=60)), NOW)
    later = NOW + dt.timedelta(seconds=60)
    slots.claims.due(later, CatchUp())
    for slot in slots.startable(later):
        slots.start(slot, later)
    assert brief(jobs, 0, later) == "running a, b"
