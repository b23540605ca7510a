"""The scheduler's screen: what stands on its pages at two widths, and that it follows what happens."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from roforlmao.schedule.jobs import Job, LastRun, Plan
from roforlmao.schedule.overview import Overview
from roforlmao.schedule.routine import Noted
from roforlmao.schedule.rules import Rule
from roforlmao.schedule.slot import Slot, Try
from roforlmao.ui.overviewsheets import PAGES
from roforlmao.ui.prompter import Back, Interrupt
from roforlmao.ui.sheet import Place, Sheet
from roforlmao.ui.viewer import view
from tests.screens.glass import Glass, Script, glass

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
AT = int(NOW.timestamp())
STATS = Job(1, Plan("autostats", Rule("daily", "Europe/Zurich", "07:30"), "go"), "active", 0, AT + 63000)
CHARTS = Job(
    2, Plan("charts", Rule("monthly", "UTC", "09:00", 31), retries=2, hub="helm"), "paused", 0, None, 1, 4
)
RUNNING = Slot(STATS, AT - 30, "running", started=AT - 29)
ASKING = Slot(CHARTS, AT - 900, "asking", reason="15 min late; it is for you to say whether it runs")
LATER = Slot(
    CHARTS, AT - 60, "queued", AT + 90, cause="now", earlier=(Try(AT - 60, "failed", "r1", "no network"),)
)
FAILED = Slot(CHARTS, AT - 90000, "failed", run="r0", reason="exit code 7", started=AT - 89999)
SHOWN = Overview(
    "process 4711 on observatory",
    3,
    ((STATS, LastRun(AT - 29, "running")), (CHARTS, LastRun(AT - 89999, "failed"))),
    (ASKING, LATER, RUNNING),
    (
        FAILED,
        replace(FAILED, state="missed", started=None, scheduled_for=AT - 180000, reason="too \x1b[2Jlate"),
    ),
    (Noted("clean-up", AT + 55800, AT - 30600, "forgot 2 runs, 0 notices, 2 logs, 0 slots"),),
)


def drawn(page: int, cols: int, keys: str = "", shown: Overview = SHOWN, until: str = "Esc back") -> str:
    """The screen of a page, once it shows ``until``."""
    seen: list[str] = []
    with glass(cols=cols, color=False) as (ask, screen):

        def script() -> Script:
            yield until
            seen.append(screen.text)
            screen.press("\x03")

        screen.press(keys)
        screen.follow(script())
        with pytest.raises(Interrupt):
            view(ask.frame, PAGES[page].sheet(shown, PAGES[page].title, NOW), PAGES[page].keys)
    return seen[0]


JOBS_80 = """\
 Jobs                                                  1 of 2, columns 2-5 of 6
 fired by process 4711 on observatory, running autostats, 1 slot to answer
 for, 3 to push
   job           next run  last     at                rule
 » j1 autostats  running   running  11:59:31          daily at 07:30, Europe/Z…
   j2 charts     paused    failed   2026-05-31 11:00  monthly on 31 (the last …
 Enter record · r run now · p pause · e edit · x end · w answer · d stop · Tab
 more · / search · c columns · Esc back"""
QUEUE_80 = """\
 Queue: what runs, waits and asks                      1 of 3, columns 2-5 of 6
 fired by process 4711 on observatory, running autostats, 1 slot to answer
 for, 3 to push
   job           state                 slot      started   reason
 » j2 charts     asking                11:45:00            15 min late; it is …
   j2 charts     waits until 12:01:30  11:59:00
   j1 autostats  running               11:59:30  11:59:31
 Enter record · l live log · x end · w answer · Tab more · / search · c
 columns · Esc back"""


@pytest.mark.parametrize(("page", "expected"), [(0, JOBS_80), (1, QUEUE_80)])
def test_a_page_at_80_columns(page: int, expected: str) -> None:
    assert drawn(page, 80, until="columns 2-5 of 6") == expected


@pytest.mark.parametrize("page", range(len(PAGES)))
@pytest.mark.parametrize("cols", [60, 40])
def test_every_page_fits_a_narrow_screen_and_says_how_to_leave(page: int, cols: int) -> None:
    text = drawn(page, cols, until=PAGES[page].columns[0])
    assert all(len(line) < cols for line in text.splitlines())
    assert cols < 60 or "Esc back" in " ".join(text.split())


def test_the_card_of_a_job_says_all_of_its_manners() -> None:
    text = drawn(0, 80, "\x1b[B\r", until="time limit")
    said = " ".join(text.split())
    for words in ("state paused", "tried again 2 times, first after 60 s", "missed 4"):
        assert words in said
    assert "commits, does not push" in text


def test_the_card_of_a_slot_says_what_was_tried_before() -> None:
    text = drawn(1, 80, "\x1b[B\r", until="try 1")
    assert "failed r1 no network" in text
    assert "called for by  you" in text


def test_foreign_text_does_not_reach_the_terminal() -> None:
    assert "late" in drawn(2, 80)
    assert "\x1b[2J" not in drawn(2, 80, "\x1b[B\r", until="Record 2")


def test_an_empty_home_says_how_to_begin() -> None:
    empty = Overview("", 0, (), (), (), ())
    assert "`tool schedule` makes one" in drawn(0, 80, shown=empty)
    assert "no launcher fires" in drawn(1, 80, shown=empty)


def test_the_page_follows_what_happens_and_the_pointer_stays() -> None:
    shown, place = [SHOWN], Place()

    def live() -> Sheet:
        return PAGES[0].sheet(shown[0], "Jobs", NOW)

    with glass(color=False) as (ask, screen):
        screen.press("\x1b[B")
        screen.follow(_watched(screen, shown))
        with pytest.raises(Back):
            view(ask.frame, live(), PAGES[0].keys, place, live=live)
    assert place.row == 1


def _watched(screen: Glass, shown: list[Overview]) -> Script:
    yield "» j2 charts"
    assert "running autostats" in screen.text
    shown[0] = replace(
        SHOWN, open=(), to_push=7, to_announce=2, jobs=((STATS, LastRun(AT - 29, "succeeded")), SHOWN.jobs[1])
    )
    yield "7 to push, 2 to announce"
    assert "succeeded" in screen.text
    assert "» j2 charts" in screen.text
    screen.press("\x1b")
