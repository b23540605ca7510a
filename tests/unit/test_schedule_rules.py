"""The next occurrence against an oracle: the C library's clocks, in quarter hours."""

from __future__ import annotations

import bisect
import calendar
import datetime as dt
import functools
import os
import time
from collections.abc import Iterator
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roforlmao.errors import BadInput
from roforlmao.schedule.rules import Rule, check_cron, describe, label, next_after
from roforlmao.schedule.zones import check_zone, machine_zone

ZONES = ("Europe/Zurich", "America/New_York", "Australia/Lord_Howe")
FIRST, LAST = dt.date(2023, 1, 1), dt.date(2028, 12, 31)
STEP = 900  # seconds; all changes of the clocks in these zones fall on it
TIMES = ("00:00", "01:45", "02:00", "02:15", "02:30", "02:45", "03:00", "07:30", "23:45")


class Clocks:
    """What the clocks of a zone show: every wall time that exists, with its first instant."""

    def __init__(self, zone: str) -> None:
        before = os.environ.get("TZ")
        os.environ["TZ"] = f":{files('tzdata') / 'zoneinfo' / zone}"
        time.tzset()
        try:
            self.first: dict[str, int] = {}
            start = calendar.timegm(FIRST.timetuple()) - 2 * 86400
            for at in range(start, calendar.timegm(LAST.timetuple()) + 3 * 86400, STEP):
                self.first.setdefault(time.strftime("%Y-%m-%d %H:%M", time.localtime(at)), at)
        finally:
            os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
            time.tzset()
        self.walls = sorted(self.first)

    def instant(self, day: dt.date, at: str) -> int:
        """The first that is not before that wall time."""
        return self.first[self.walls[bisect.bisect_left(self.walls, f"{day} {at}")]]


@functools.cache
def clocks_of(zone: str) -> Clocks:
    return Clocks(zone)


def days() -> Iterator[dt.date]:
    return (FIRST + dt.timedelta(n) for n in range((LAST - FIRST).days + 1))


def wanted(rule: Rule, day: dt.date) -> bool:
    if rule.kind == "weekly":
        return day.weekday() == rule.on
    last = (day.replace(day=28) + dt.timedelta(4)).replace(day=1) - dt.timedelta(1)
    shorter = day.month != (day + dt.timedelta(1)).month and last.day < rule.on
    return rule.kind == "daily" or day.day == rule.on or shorter


def oracle(rule: Rule) -> list[int]:
    clocks = clocks_of(rule.timezone)
    return sorted({clocks.instant(day, rule.at) for day in days() if wanted(rule, day)})


def utc(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def slots(rule: Rule, since: int, until: int) -> list[int]:
    found, at = [], utc(since)
    while (slot := next_after(rule, at)) is not None and slot.timestamp() <= until:
        found.append(int(slot.timestamp()))
        at = slot
    return found


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", TIMES)
def test_six_years_of_days_weeks_and_months_are_those_of_the_oracle(zone: str, at: str) -> None:
    for rule in (Rule("daily", zone, at), Rule("weekly", zone, at, 6), Rule("monthly", zone, at, 31)):
        expected = oracle(rule)
        assert slots(rule, expected[0] - 1, expected[-1]) == expected


RULES = st.one_of(
    st.builds(Rule, st.just("daily"), st.sampled_from(ZONES), st.sampled_from(TIMES)),
    st.builds(Rule, st.just("weekly"), st.sampled_from(ZONES), st.sampled_from(TIMES), st.integers(0, 6)),
    st.builds(Rule, st.just("monthly"), st.sampled_from(ZONES), st.sampled_from(TIMES), st.integers(1, 31)),
)
INSTANTS = st.integers(calendar.timegm((2023, 2, 1, 0, 0, 0)), calendar.timegm((2028, 10, 1, 0, 0, 0)))


@settings(deadline=None, max_examples=150)
@given(RULES, INSTANTS)
def test_the_next_slot_after_any_instant_is_that_of_the_oracle(rule: Rule, instant: int) -> None:
    expected = oracle(rule)
    found = next_after(rule, utc(instant))
    assert found is not None
    assert found.timestamp() == expected[bisect.bisect_right(expected, instant)]


@pytest.mark.parametrize("zone", ZONES)
def test_a_cron_expression_for_each_quarter_hour_takes_every_wall_time_once(zone: str) -> None:
    clocks = clocks_of(zone)
    first, last = clocks.instant(FIRST, "00:00"), clocks.instant(FIRST + dt.timedelta(365), "00:00")
    expected = sorted(at for at in clocks.first.values() if first <= at <= last)
    assert slots(Rule("cron", zone, cron="*/15 * * * *"), first - 1, last) == expected


@pytest.mark.parametrize(
    ("rule", "since", "expected"),
    [
        (Rule("daily", "Europe/Zurich", "02:30"), "2026-03-28T12:00+01:00", "2026-03-29T03:00+02:00"),
        (Rule("daily", "Europe/Zurich", "02:30"), "2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00"),
        (Rule("daily", "Europe/Zurich", "02:30"), "2026-10-24T12:00+02:00", "2026-10-25T02:30+02:00"),
        (Rule("daily", "Europe/Zurich", "02:30"), "2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"),
        (Rule("daily", "Australia/Lord_Howe", "02:15"), "2026-10-03T12:00Z", "2026-10-03T15:30Z"),
        (Rule("daily", "Pacific/Apia", "02:00"), "2011-12-29T13:00Z", "2011-12-30T10:00Z"),
        (Rule("monthly", "UTC", "07:30", 31), "2027-02-01T00:00Z", "2027-02-28T07:30Z"),
        (Rule("monthly", "UTC", "07:30", 30), "2028-02-01T00:00Z", "2028-02-29T07:30Z"),
        (Rule("cron", "UTC", cron="0 0 29 2 *"), "2026-01-01T00:00Z", "2028-02-29T00:00Z"),
        (Rule("every", "UTC", every_s=900), "2026-01-01T00:00Z", "2026-01-01T00:15Z"),
        (Rule("every", "UTC", every_s=1), "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:01Z"),
    ],
)
def test_the_cases_that_are_told_in_the_documents(rule: Rule, since: str, expected: str) -> None:
    found = next_after(rule, dt.datetime.fromisoformat(since))
    assert found == dt.datetime.fromisoformat(expected)


@given(RULES, INSTANTS)
@settings(deadline=None, max_examples=100)
def test_slots_grow_and_never_come_twice(rule: Rule, since: int) -> None:
    found = slots(rule, since, since + 100 * 86400)
    assert all(a < b for a, b in pairwise(found))


@pytest.mark.parametrize(
    "text",
    [
        "* * * *",
        "0 * * * * *",
        "",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "*/0 * * * *",
        "0 0 31 2 *",
        "0 0 30 feb *",
        "0 0 31 4,6 *",
        "a b c d e",
        "* * * * \x1b[2J",
        "*," * 200 + "* * * * *",
    ],
)
def test_a_wrong_cron_expression_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(BadInput, match=r"cron expression|never fires") as told:
        check_cron(text)
    assert "\x1b" not in told.value.message
    assert told.value.hint


@settings(deadline=None, max_examples=300)
@given(st.text(st.sampled_from("0123456789*,-/#LWmonfeb  ²"), max_size=25))
def test_any_text_is_a_cron_expression_that_fires_or_is_refused(text: str) -> None:
    try:
        rule = Rule("cron", "Europe/Zurich", cron=check_cron(text))
    except BadInput:
        return
    assert next_after(rule, utc(1_800_000_000)) is not None


def test_a_rule_is_told_in_words() -> None:
    monthly = Rule("monthly", "Europe/Zurich", "07:30", 31)
    assert describe(monthly) == (
        "monthly on 31 (the last day where the month is shorter) at 07:30, Europe/Zurich"
    )
    assert describe(Rule("weekly", "UTC", "00:00", 6)) == "weekly on sun at 00:00, UTC"
    assert label(Rule("cron", "UTC", cron="5 4 * * *")) == "cron 5 4 * * *"
    assert describe(Rule("every", "UTC", every_s=60)) == "every 60 s"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Europe/Zurch", "Europe/Zurich"),
        ("\x1b[2J%", "Such as"),
        ("../../etc/passwd", ""),
        ("Europe", ""),
        ("", ""),
    ],
)
def test_an_unknown_time_zone_is_refused_and_the_nearest_offered(name: str, hint: str) -> None:
    with pytest.raises(BadInput, match="is not a time zone") as told:
        check_zone(name)
    assert hint in told.value.hint


def test_the_machine_s_zone_has_a_name_or_is_asked_for(tmp_path: Path) -> None:
    etc = tmp_path
    assert machine_zone({"TZ": ":Asia/Tokyo"}, etc) == "Asia/Tokyo"
    assert machine_zone({}, etc) == "UTC"
    (etc / "timezone").write_text("Europe/Rome\n")
    assert machine_zone({}, etc) == "Europe/Rome"
    real = etc / "share" / "zoneinfo" / "Europe" / "Oslo"
    real.parent.mkdir(parents=True)
    real.touch()
    (etc / "localtime").symlink_to(real)
    assert machine_zone({}, etc) == "Europe/Oslo"
    with pytest.raises(BadInput, match="does not say"):
        machine_zone({"TZ": "CET-1CEST,M3.5.0,M10.5.0/3"}, etc)
