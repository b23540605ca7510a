"""What stands in memory when the first menu shows, and what an idle menu costs."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import psutil

from tests.screens.terminal import Terminal
from tests.session.world import clean_environment
from tests.test_boundaries import HEAVY

PROJECT = Path(__file__).resolve().parents[2]

# The launcher itself, told to write down its modules when it would wait for the first key.
SPY = """
import sys
from prompt_toolkit.application import Application
run = Application.run
def spy(self, *args, **options):
    with open(sys.argv[1], "w") as handle:
        handle.write("\\n".join(sys.modules))
    return run(self, *args, **options)
Application.run = spy
from roforlmao.cli import main
sys.exit(main(["--home", sys.argv[2]]))
"""


def configured(home: Path) -> Path:
    home.mkdir()
    (home / "config.yaml").write_text("operator: alice\n")
    return home


def test_the_first_menu_needs_no_git_no_engine_no_numbers(tmp_path: Path) -> None:
    listing, home = tmp_path / "modules", configured(tmp_path / "home")
    command = [sys.executable, "-c", SPY, str(listing), str(home)]
    with Terminal(command, env=clean_environment(), cwd=PROJECT) as terminal:
        terminal.wait_for("Try it with a sample")
        loaded = set(listing.read_text().split())
    assert "roforlmao.ui.menu" in loaded
    assert not loaded & (HEAVY | {"rich", "subprocess_tee", "roforlmao.git.command"})


def test_an_idle_menu_takes_under_2_percent_of_a_core_and_60_mb(tmp_path: Path) -> None:
    home = configured(tmp_path / "home")
    command = [sys.executable, str(PROJECT / "launcher.py"), "--home", str(home)]
    with Terminal(command, env=clean_environment(), cwd=PROJECT) as terminal:
        terminal.wait_for("Try it with a sample")
        process = psutil.Process(terminal.pid)
        time.sleep(2)  # what starts after the first menu (the keeper's first look) is not idling
        before, began = sum(process.cpu_times()[:2]), time.monotonic()
        time.sleep(8)
        used = (sum(process.cpu_times()[:2]) - before) / (time.monotonic() - began)
        resident = process.memory_info().rss
    assert used < 0.02, f"{used:.1%} of a core"
    assert resident < 60e6, f"{resident / 1e6:.0f} MB"
