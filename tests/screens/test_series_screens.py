"""The screens of a back-test and of a stream's history: whole pictures at two widths, and their keys."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from roforlmao.actions.backtesting import Backtest
from roforlmao.actions.base import Answers, Report
from roforlmao.actions.streamhistory import StreamHistory
from roforlmao.actions.streamwords import charts
from roforlmao.actions.verdictchart import draw_verdicts
from roforlmao.anomaly.judging import replay
from roforlmao.anomaly.readings import Reading
from roforlmao.anomaly.scatter import Sensitivity
from roforlmao.errors import BadInput
from roforlmao.schema import SpikeMethod
from roforlmao.series.history import Day
from roforlmao.ui import backtest, streamhistory
from roforlmao.ui.prompter import Interrupt
from roforlmao.ui.screens import Stage
from tests.screens.glass import Script, glass

START = dt.date(2026, 1, 1)
TODAY = dt.date(2026, 11, 22)
VALUES = [1000.0 + 7 * (run * 5 % 9) for run in range(40)] + [900.0, 1000.0, 0.0, 1010.0]


def judged(
    method: SpikeMethod = "default", sensitivity: Sensitivity = "normal", column: str | None = None
) -> Backtest:
    readings = [
        Reading(f"control-{START + dt.timedelta(run)}.csv", START + dt.timedelta(run), {"": value})
        for run, value in enumerate(VALUES)
    ]
    found = replay(readings, method, TODAY, sensitivity)
    chart = draw_verdicts("apps", found)
    alarms = sum(verdict.state == "anomaly" for _, verdict in found)
    return Backtest(f"{alarms} alarms in 44 runs", found, method, sensitivity, column, ["a", "b"], chart)


def story() -> StreamHistory:
    days = [
        Day(START + dt.timedelta(run), 100 + run, 1, run % 3, 40, "counted", START, f"apps-{run}.csv")
        for run in range(30)
    ]
    days[12] = dataclasses.replace(days[12], rows=0, added=None, removed=None, changed=None, state="empty")
    days[20] = Day(days[20].date, None, None, None, None, "unreadable", reason="\x1b[31mapps is binary")
    days[25:] = [dataclasses.replace(day, date=day.date + dt.timedelta(4)) for day in days[25:]]
    days[25] = dataclasses.replace(days[25], missing=4)
    title = "History of apps-*.csv: 30 versions"
    return StreamHistory(title, "rows", days, charts("apps-*.csv", days), Path("/data"))


def walked(
    shown: Backtest | StreamHistory,
    steps: list[tuple[str, str]],
    *,
    again: Callable[[Answers], Report] | None = None,
    do: Callable[..., None] | None = None,
    **terminal: Any,
) -> list[str]:
    """What stood on the screen before each step (a text to wait for, keys); the last one is Ctrl-C."""
    seen: list[str] = []
    nothing: Any = None
    show: Any = backtest.open_screen if isinstance(shown, Backtest) else streamhistory.open_screen
    with ExitStack() as stack:
        ask, screen = stack.enter_context(glass(**{"color": False, **terminal}))

        def script() -> Script:
            for wait, keys in steps:
                yield wait
                seen.append(screen.text)
                screen.press(keys)

        screen.follow(script())
        with pytest.raises(Interrupt):
            show(shown, Stage(nothing, ask, {}, again or nothing, do or nothing, nothing))
    return seen


BACKTEST_80 = """\
 2 alarms in 44 runs (default, sensitivity normal)                       1 of 2
 1,320 │░░      ░░░░░░░░░░░░░░ ░░░░░░░░░░░░░░ ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░
       │⠤⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠢⠤⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠤⠔⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠤⠔⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠢⠤⠒⠒⠒⠒⠢X⡠⡄░░⢰
   660 │░░                                                                 ⢱  ⡇
       │░░                                                                 ⠈⡆⢀⠇
       │                                                                    ⢱⢸
     0 │                                                                    ⠈X
        2026-01-01                   2026-01-22                      2026-02-13
 ⣀ value   ░ usual range   X alarm (2)
   run         value  expected      low     high  reason
 » 2026-02-10    900   1014.19  912.478  1141.33  900 is 11 % under the expect…
   2026-02-12      0    993.47  894.534  1117.14  0 means that nothing was col…
 Enter record · a all runs · m method · s sensitivity · t metric · / search ·
 c columns · Esc back
"""
BACKTEST_60 = """\
 2 alarms in 44 runs (default, sensitivity normal)   1 of 2
 1,320 │░░    ░░░░░░░░░░ ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░
       │⠤⠒⠒⠒⠒⠒⠒⠒⠒⠒⠢⠔⠒⠒⠒⠒⠒⠒⠒⠒⠒⠤⠒⠒⠒⠒⠒⠒⠒⠒⠒⠢⠔⠒⠒⠒⠒⠒⠒⠒⠒⠒⠤⠔⠒⠒⠢X⡄░⢰
   660 │░░                                              ⢱ ⡜
       │░░                                              ⠸⡀⡇
       │                                                 ⣇⠇
     0 │                                                 X
        2026-01-01         2026-01-22            2026-02-13
 ⣀ value   ░ usual range   X alarm (2)
   run         value  expected      low     high  reason
 » 2026-02-10    900   1014.19  912.478  1141.33  900 is 1…
   2026-02-12      0    993.47  894.534  1117.14  0 means …
 Enter record · a all runs · m method · s sensitivity · t
 metric · / search · c columns · Esc back
"""
HISTORY_80 = """\
 History of apps-*.csv: 30 versions                                    30 of 30
  129 │                     ⣀⣀⣀⡀   ⣀⣀⣀⣀⠤⠤⠤⠤⠤⠤⠤⠤⠤⠄   ⠐⠒⠒⠒⠒⠒⠒⠂          ⠒⠒⠒⠊⠉⠉⠉⠉⠉
      │⠒⠒⠒⠒⠒⠒⠒⠒⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉
 64.5 │
      │
      │
    0 │                          X                O
       2026-01-01                   2026-01-17                       2026-02-03
 ⣀ rows   X empty (1)   O unreadable (1)
   date        rows  added  removed  changed  note
   2026-01-21                                 unreadable: apps is binary
   2026-01-22   121      1        0       40
   2026-01-23   122      1        1       40
   2026-01-24   123      1        2       40
   2026-01-25   124      1        0       40
   2026-01-30   125      1        1       40  4 missing before
   2026-01-31   126      1        2       40
   2026-02-01   127      1        0       40
   2026-02-02   128      1        1       40
 » 2026-02-03   129      1        2       40
 Enter record · g draw changes · k count names · o compare with the one before
 · / search · c columns · Esc back
"""
HISTORY_60 = """\
 History of apps-*.csv: 30 versions                30 of 30
  129 │               ⣀⣀⡀  ⢀⣀⣀⠤⠤⠤⠤⠤⠤⠤   ⠒⠒⠒⠒⠒       ⠐⠒⠒⠉⠉⠉⠉
      │⠒⠒⠒⠒⠒⠊⠉⠉⠉⠉⠉⠉⠉⠉⠉
 64.5 │
      │
      │
    0 │                  X            O
       2026-01-01          2026-01-17            2026-02-03
 ⣀ rows   X empty (1)   O unreadable (1)
   date        rows  added  removed  changed  note
   2026-01-21                                 unreadable: …
   2026-01-22   121      1        0       40
   2026-01-23   122      1        1       40
   2026-01-24   123      1        2       40
   2026-01-25   124      1        0       40
   2026-01-30   125      1        1       40  4 missing be…
   2026-01-31   126      1        2       40
   2026-02-01   127      1        0       40
   2026-02-02   128      1        1       40
 » 2026-02-03   129      1        2       40
 Enter record · g draw changes · k count names · o compare
 with the one before · / search · c columns · Esc back
"""


def test_a_back_test_at_80_and_60_columns() -> None:
    assert walked(judged(), [("Esc back", "\x03")])[0] == BACKTEST_80.rstrip("\n")
    assert walked(judged(), [("Esc back", "\x03")], cols=60)[0] == BACKTEST_60.rstrip("\n")


def test_a_history_at_80_and_60_columns() -> None:
    assert walked(story(), [("Esc back", "\x03")])[0] == HISTORY_80.rstrip("\n")
    assert walked(story(), [("Esc back", "\x03")], cols=60)[0] == HISTORY_60.rstrip("\n")


def test_choices_judge_anew_and_keep_the_others() -> None:
    asked: list[Answers] = []

    def again(changed: Answers) -> Report:
        asked.append(changed)
        return Report([], view=judged(changed["method"], changed["sensitivity"], changed["column"]))

    seen = walked(
        judged(),
        [
            ("Esc back", "s"), ("Sensitivity", "low\r"), ("sensitivity low)", "m"), ("Method", "classic\r"),
            ("(classic)", "t"), ("Metric", "b\r"), ("of b (classic)", "a"), ("alarms only", "\x03"),
        ],
        again=again,
    )  # fmt: skip
    assert asked == [
        {"method": "default", "sensitivity": "low", "column": None},
        {"method": "classic", "sensitivity": "low", "column": None},
        {"method": "classic", "sensitivity": "low", "column": "b"},
    ]
    assert "s sensitivity" not in seen[-1]
    assert "insufficient-data" in seen[-1]


def test_what_goes_wrong_is_said_and_the_screen_stays() -> None:
    def again(_: Answers) -> Report:
        raise BadInput("The series is gone.")

    seen = walked(
        judged(), [("Esc back", "m"), ("Method", "\r"), ("The series is gone.", "\x03")], again=again
    )
    assert "2 alarms in 44 runs" in seen[-1]
    steps = [("Esc back", "k"), ("The series is gone.", "\x03")]
    assert "30 versions" in walked(story(), steps, again=again)[-1]


def test_a_question_that_is_left_with_esc_changes_nothing() -> None:
    seen = walked(judged(), [("Esc back", "m"), ("Method", "\x1b"), ("s sensitivity", "\x03")])
    assert seen[0] == seen[2][-len(seen[0]) :]


def test_a_day_is_compared_with_the_one_it_was_counted_against() -> None:
    done: list[Any] = []
    walked(
        story(),
        [("Esc back", "o"), ("30 of 30", "\x1b[H"), ("1 of 30", "\x1b[5~g"), ("draw rows", "\x03")],
        do=lambda *words: done.append(words),
    )
    files = {"old": Path("/data/apps-0.csv"), "new": Path("/data/apps-29.csv")}
    assert done == [("", "compare", files)]


@pytest.mark.parametrize("rows", [8, 12, 15])
def test_a_low_terminal_keeps_the_table(rows: int) -> None:
    seen = walked(judged(), [("2026-02-10", "\x03")], rows=rows)
    assert "2 alarms in 44 runs" in seen[0]


def test_a_hostile_reason_is_harmless() -> None:
    seen = walked(
        story(), [("Esc back", "/binary"), ("» 2026-01-21", "\r"), ("» 2026-01-21", "\x03")], color=True
    )
    assert "unreadable: apps is binary" in seen[-1]
