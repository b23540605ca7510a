"""The screen of an audit at two widths: the standings, the differences, and what its keys lead to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from roforlmao.actions.auditing import AuditView
from roforlmao.audit.contrast import Difference
from roforlmao.models import Audit, Standing
from roforlmao.ui.auditing import open_screen
from roforlmao.ui.prompter import Interrupt
from roforlmao.ui.questions import Questions
from roforlmao.ui.screens import Stage
from tests.screens.glass import Script, glass

DOWN = "\x1b[B"
STANDINGS = (
    Standing("ann", "same", 708, 0),
    Standing("ben", "drifted", 708, 22, differing=22, columns={"deployments": 22}),
    Standing("cat", "subset", 591, 0, missing=117, notes=("retracted: half a \x1b[31mcrawl",)),
    Standing("dan", "rewritten", notes=("Commit 0123abcd is not in https://example.org/d.git",)),
)
AUDIT = Audit("aws-sar", "2019-07-23", STANDINGS, ("ann",), True, "1 of 3 is it.", "ann")
SHOWN = AuditView(
    AUDIT,
    (
        Difference(("ben",), "differing", "x-*.csv", ("arn:1",), "deployments", "12", "\x1b[2J13"),
        Difference(("cat",), "missing", "x-*.csv", ("arn:2",), "", "arn:2 | [red]name", None),
    ),
    {"ann": {"x": Path("/a.csv")}, "ben": {"x": Path("/b.csv")}},
)

AT_80 = """\
 aws-sar of 2019-07-23                                                   1 of 4
 1 of 3 is it.
   operator  state      rows  misses  more  cells  alone  notes
 » ann       same        708       0     0      0      0
   ben       drifted     708       0     0     22     22  differs in deploymen…
   cat       subset      591     117     0      0      0  retracted: half a cr…
   dan       rewritten                                    Commit 0123abcd is n…
 Enter record · d differences · a all of them · p compare files · v vote for
 it · / search · c columns · Esc back"""
DIFFERENCES_80 = """\
 All against ann: 2 differences                                          1 of 2
   key    who  what    column       ann                theirs
 » arn:1  ben  cell    deployments  12                 13
   arn:2  cat  misses               arn:2 | [red]name  (none)
 Enter record · / search · c columns · Esc back"""


def walked(cols: int, steps: list[tuple[str, str]]) -> tuple[list[str], list[Any]]:
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
        with pytest.raises(Interrupt):
            open_screen(SHOWN, stage(ask, lambda *words: done.append(words)))
    return seen, done


def stage(ask: Questions, do: Callable[..., None]) -> Stage:
    nothing: Any = None
    return Stage(nothing, ask, {}, nothing, do, nothing)


def test_the_standings_and_the_differences_at_80_columns() -> None:
    seen, _ = walked(80, [("Esc back", "a"), ("All against", "\x1b"), ("1 of 3 is it", "\x03")])
    assert seen == [AT_80, DIFFERENCES_80, AT_80]


def test_at_60_columns_the_operator_stays_and_the_rest_is_scrolled_to() -> None:
    seen, _ = walked(60, [("Esc back", "\x1b[C" * 6), ("notes", "\x03")])
    assert all(len(line) <= 60 for text in seen for line in text.splitlines())
    assert "ann" in seen[1]
    assert "\x1b" not in "".join(seen)


def test_keys_lead_to_one_operators_differences_to_a_vote_and_to_the_comparison() -> None:
    seen, done = walked(
        80,
        [
            ("Esc back", DOWN + "d"),
            ("ben against ann: 1 difference", "\x1b"),
            ("» ben", "v"),
            ("» ben", "p"),
            ("» ben", DOWN + DOWN + "p"),
            ("nothing to compare the snapshot of dan", "\x03"),
        ],
    )
    assert "deployments" in seen[1]
    assert done == [
        ("", "vote", {"hub": "aws-sar", "date": "2019-07-23", "operator": "ben"}),
        ("", "compare", {"old": Path("/a.csv"), "new": Path("/b.csv")}),
    ]


def test_a_difference_opens_as_a_card_with_both_values() -> None:
    seen, _ = walked(80, [("Esc back", "a"), ("All against", "\r"), ("in x-*.csv", "\x03")])
    assert "12" in seen[2]
    assert "13" in seen[2]
