"""Comparing from the menu: two files are chosen from a list, the verb that repeats it is printed."""

from __future__ import annotations

import os

import pytest

from tests.session.test_menus import choose, launcher
from tests.session.world import World


@pytest.mark.parametrize("cols", [80, 60])
def test_two_files_are_chosen_and_compared(world: World, cols: int) -> None:
    alice = world.operator("alice")
    work = alice.home / "work"
    work.mkdir()
    for age, (name, rows) in enumerate({"new": "1,Kyber,6\n3,Aave,1\n", "old": "1,Kyber,5\n"}.items()):
        path = work / f"{name}.csv"
        path.write_text(f"id,name,stars\n{rows}")
        os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
    with launcher(world, alice.home, cols=cols) as terminal:
        choose(terminal, "Compare two snapshots")
        terminal.wait_for("the earlier file")
        choose(terminal, "work/old.csv")
        terminal.wait_for("the later file")
        terminal.press("enter")  # the other one is the only one left
        terminal.wait_for("1 added, 0 removed, 1 changed")
        terminal.wait_for("1: stars 5 -> 6")
        terminal.wait_for("Again: python launcher.py")


def test_without_any_table_the_menu_says_so_and_stays(world: World) -> None:
    alice = world.operator("alice")
    with launcher(world, alice.home) as terminal:
        choose(terminal, "Compare two snapshots")
        terminal.wait_for("nothing to choose from")
        choose(terminal, "Quit")
        assert terminal.wait_end() == 0
