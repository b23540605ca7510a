"""Comparing from the menus: what is offered, the screen, and what is taken along."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.screens.terminal import Terminal
from tests.session.test_menus import choose, launcher, leave
from tests.session.world import DATA, Operator, World, days

ABSENT = pytest.mark.skipif(not days(), reason=f"the recorded days are not at {DATA}")
DAPPS = DATA.parent.parent / "dapps"


def written(alice: Operator, **contents: str) -> None:
    """Tables in the work directory, the last one the newest."""
    for age, (name, rows) in enumerate(reversed(contents.items())):
        path = alice.home / "work" / f"{name}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"id,name,stars\n{rows}")
        os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))


def open_comparison(terminal: Terminal, way: str) -> None:
    choose(terminal, "Compare two snapshots", way)
    terminal.wait_for("the later one")


@pytest.mark.parametrize("cols", [80, 60])
def test_the_newest_file_is_compared_with_the_one_chosen(world: World, cols: int) -> None:
    alice = world.operator("alice")
    written(alice, old="1,Kyber,5\n", new="1,Kyber,6\n3,Aave,1\n")
    with launcher(world, alice.home, cols=cols) as terminal:
        open_comparison(terminal, "Two files")
        terminal.press("enter")
        terminal.wait_for("the earlier one")
        terminal.press("enter")
        terminal.wait_for("1 changed, 1 added, 0 removed")
        terminal.send("\t")
        wanted = ("[Changed 1]", "5 → 6  +20.0 %", "Esc")
        terminal.wait_until(lambda: all(text in terminal.screen() for text in wanted))
        terminal.resize(50, 16)
        terminal.wait_until(lambda: all(text in terminal.screen() for text in wanted))
        assert len(terminal.screen().splitlines()) <= 16
        terminal.press("escape")
        terminal.wait_for("Again: python launcher.py")
        assert b"1 added, 0 removed, 1 changed" in terminal.raw, "the summary was told before the screen"
        assert b"stars 5 -> 6" not in terminal.raw, "the lists are the screen's"


def test_the_day_before_of_the_same_stream_is_offered_first(world: World) -> None:
    alice = world.operator("alice")
    dated = {f"stars-2019-11-{day:02}": f"1,Kyber,{day}\n" for day in (3, 5, 4)}
    written(alice, **dated, other="9,Maker,1\n")
    with launcher(world, alice.home) as terminal:
        open_comparison(terminal, "Two files")
        choose(terminal, "work/stars-2019-11-05.csv")
        screen = terminal.wait_for("the earlier one")
        offered = [line for line in screen.splitlines() if "work/" in line and "snapshots" not in line]
        assert "» work/stars-2019-11-04.csv" in offered[0]
        assert ["2019-11-03" in offered[1], "other" in offered[2]] == [True, True]
        terminal.press("enter")
        terminal.wait_for("1 changed, 0 added, 0 removed")


def test_without_any_table_the_menu_says_so_and_stays(world: World) -> None:
    alice = world.operator("alice")
    with launcher(world, alice.home) as terminal:
        choose(terminal, "Compare two snapshots", "Two files")
        terminal.wait_for("There is no table (.csv, .tsv) below")
        choose(terminal, "Quit")
        assert terminal.wait_end() == 0


def test_options_are_tried_without_leaving_and_rows_are_taken_along(world: World) -> None:
    alice = world.operator("alice")
    written(alice, old="1,Kyber,5\n2,Maker,7\n", new="1,Kyber,6\n2,Maker,7.5\n3,Aave,1\n")
    with launcher(world, alice.home) as terminal:
        open_comparison(terminal, "Two files")
        terminal.press("enter", "enter")
        terminal.wait_for("2 changed, 1 added")
        terminal.send("t")
        terminal.wait_for("no further apart")
        terminal.send("-1\r")
        terminal.wait_for("is not a tolerance")
        terminal.send("\x15.5\r")
        terminal.wait_for("Tolerance: 0.5.")
        terminal.wait_for("1 changed, 1 added")
        terminal.send("i")
        terminal.wait_for("Ignored: stars.")
        terminal.wait_for("0 changed, 1 added")
        terminal.send("e")
        choose(terminal, "The added rows")
        terminal.wait_for("update.csv")
        terminal.press("enter")
        terminal.wait_for("Wrote 1 added row")
        terminal.send("e")
        choose(terminal, "The added rows")
        terminal.wait_for("Write to")
        terminal.press("enter")
        terminal.wait_for("Write over")
        terminal.send("n")
        terminal.wait_for("Nothing was written")
        terminal.press("escape")
        terminal.wait_for("Again: python launcher.py")
        again = terminal.screen().replace("\n", "").split("Again: ")[1]
        assert "--ignore stars --tolerance 0.5" in again, "the verb repeats what was tried last"
    assert (alice.home / "work" / "update.csv").read_text() == "id,name,stars\n3,Aave,1\n"


def real(alice: Operator, top: Path, *names: str) -> None:
    work = alice.home / "work"
    work.mkdir()
    for age, name in enumerate(reversed(names)):
        shutil.copyfile(top / name, work / name)
        os.utime(work / name, (1_700_000_000 - age, 1_700_000_000 - age))


@ABSENT
@pytest.mark.parametrize("cols", [80, 60])
def test_two_real_days_without_a_header(world: World, cols: int) -> None:
    alice = world.operator("alice")
    real(alice, DATA, "autocontents-2018-07-15.csv", "autocontents-2018-07-16.csv")
    with launcher(world, alice.home, cols=cols) as terminal:
        choose(terminal, "Compare two snapshots", "Two days")
        choose(terminal, "work/autocontents-*.csv")
        terminal.wait_for("the later one")
        terminal.press("enter", "enter")
        terminal.wait_for("25 changed, 0 added, 0 removed, 276 unchanged")
        terminal.wait_for("Key: 2 (unique)")
        terminal.press("enter")
        terminal.wait_for("[Changed 25 by 4]")
        terminal.send("/triviaskill\r")
        terminal.wait_for("3 of 25")
        terminal.press("enter")
        screen = terminal.wait_for("+6 (+1.1 %)")
        assert "alexa-skills-kit-nodejs-triviaskill" in screen
        terminal.press("escape")
        terminal.wait_for("c columns")
        terminal.press("escape")
        terminal.wait_for("Again: python launcher.py")
        leave(terminal)


@ABSENT
def test_two_real_days_with_a_header_end_as_a_page(world: World) -> None:
    alice = world.operator("alice")
    real(alice, DAPPS, "DappRadar-2019-11-03.csv", "DappRadar-2019-11-04.csv")
    with launcher(world, alice.home) as terminal:
        open_comparison(terminal, "Two files")
        terminal.press("enter", "enter")
        terminal.wait_for("49 changed, 1 added, 1 removed")
        terminal.wait_for("Txn24          46     94 %")
        terminal.send("\t\t")
        terminal.wait_for("Kyber")
        terminal.send("\t")
        terminal.wait_for("Dozerbird")
        terminal.send("e")
        choose(terminal, "A page for a browser")
        terminal.wait_for("comparison.html")
        terminal.press("enter")
        terminal.wait_for("Wrote the comparison")
    page = (alice.home / "work" / "comparison.html").read_text()
    assert "<del>3600</del> → <ins>3200</ins> <small>-400 (-11.1 %)</small>" in page
