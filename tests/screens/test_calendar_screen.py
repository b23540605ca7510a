"""The calendar's screen: marks at two widths without colour, the card of a day, a year of twenty at once."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import pytest

from roforlmao.actions.calendar import CalendarView
from roforlmao.models import Announcement, Retraction
from roforlmao.series.calendar import Calendar, calendar
from roforlmao.ui.calendar import open_screen
from roforlmao.ui.prompter import Interrupt
from roforlmao.ui.screens import Stage
from tests.screens.glass import Script, glass

END = "\x1b[F"


def entry(operator: str, date: str, **fields: Any) -> Announcement:
    return Announcement("helm", date, operator, "https://example.org/x.git", **{"rows": 708} | fields)


SMALL = calendar(
    "helm",
    [
        entry("ann", "2019-07-23"),
        entry("ben", "2019-07-23", retracted=Retraction("half a \x1b[31mcrawl")),
        entry("ann", "2019-07-22", rows=0),
        entry("cat", "2019-07-22", verdict="anomaly", origin="ben"),
        entry("ann", "2019-07-21"),
        entry("ann", "2019-07-18"),
    ],
    [],
)
AT_80 = """\
 Who has helm                                                            1 of 4
 A ann, B ben, C cat
 + present, 0 empty, ! anomaly, x disagreement, r retracted, . absent
   date        A B C  notes
 » 2019-07-23  + r .  ben retracted
   2019-07-22  0 . !  ann empty, cat anomaly
   2019-07-21  + . .  before it 2 days missing
   2019-07-18  + . .
 Enter record · a audit · v vote · r retrieve · f fill a gap · / search · c
 columns · Esc back"""
AT_60 = """\
 Who has helm                                        1 of 4
 A ann, B ben, C cat
 + present, 0 empty, ! anomaly, x disagreement, r
 retracted, . absent
   date        A B C  notes
 » 2019-07-23  + r .  ben retracted
   2019-07-22  0 . !  ann empty, cat anomaly
   2019-07-21  + . .  before it 2 days missing
   2019-07-18  + . .
 Enter record · a audit · v vote · r retrieve · f fill a
 gap · / search · c columns · Esc back"""


def year(operators: int = 20) -> Calendar:
    first = dt.date(2019, 1, 1)
    days = [(first + dt.timedelta(number)).isoformat() for number in range(365)]
    return calendar("helm", [entry(f"op{n:02}", day) for day in days for n in range(operators)], [])


def walked(shown: Calendar, cols: int, steps: list[tuple[str, str]]) -> tuple[list[str], list[Any]]:
    """What was shown before each step (a text to wait for, keys), and what other actions were asked for."""
    seen: list[str] = []
    done: list[Any] = []
    with glass(cols=cols, color=False) as (ask, screen):

        def script() -> Script:
            for wait, keys in steps:
                yield wait
                seen.append(screen.text)
                screen.press(keys)

        screen.follow(script())
        nothing: Any = None
        stage = Stage(nothing, ask, {}, nothing, lambda *words: done.append(words), nothing)
        with pytest.raises(Interrupt):
            open_screen(CalendarView(shown), stage)
    return seen, done


@pytest.mark.parametrize(("cols", "expected"), [(80, AT_80), (60, AT_60)])
def test_a_mark_for_each_operator_and_words_for_what_is_wrong(cols: int, expected: str) -> None:
    seen, _ = walked(SMALL, cols, [("Esc back", "\x03")])
    assert seen == [expected]


def test_a_days_card_tells_each_operator_in_words() -> None:
    seen, _ = walked(SMALL, 80, [("Esc back", "\r"), ("retracted: half a crawl; 708 rows", "\x03")])
    assert "absent" in seen[1]
    assert "\x1b" not in seen[1]


@pytest.mark.parametrize(
    ("key", "verb"),
    [("a", ("", "audit")), ("v", ("", "vote")), ("r", ("hub", "retrieve")), ("f", ("dataset", "fill"))],
)
def test_keys_lead_on_with_the_hub_and_day(key: str, verb: tuple[str, str]) -> None:
    _, done = walked(SMALL, 80, [("Esc back", "\x1b[B" + key), ("» 2019-07-22", "\x03")])
    assert done == [(*verb, {"hub": "helm", "date": "2019-07-22"})]


@pytest.mark.parametrize("cols", [80, 60])
def test_a_year_of_twenty_operators_is_drawn_at_once_and_paged_through(cols: int) -> None:
    shown = year()
    began = time.process_time()
    seen, _ = walked(shown, cols, [("1 of 365", END), ("365 of 365", "/2019-07-2"), ("2019-07-2", "\x03")])
    assert time.process_time() - began < 1.0
    assert "2019-12-31  " + " ".join(["+++++"] * 4) in seen[0]
    assert all(len(line) <= cols for text in seen for line in text.splitlines())
