"""A real launcher, left open in a terminal with jobs every minute: does each fire once, and on time?

    .venv/bin/python bench/schedule_hour.py [MINUTES] [JOBS]

The menus run on a pseudo-terminal (80x24, read by an emulator), a text is typed into an open question,
and real tools run every minute in a home of their own. At the end the ledger is asked which slots
there are, how late each run began, and whether the typed text still stands there.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # runs without being installed

from tests.screens.terminal import Terminal
from tests.session.test_menus import choose, launcher, leave
from tests.session.world import Operator, World

TYPED = "half-typed"
NEVER = "a text that is never shown"
LOOK_S = 5.0


def furnished(world: World, jobs: int) -> Operator:
    """A home with that many tools, each with a data repository and a job every minute."""
    alice = world.operator("alice")
    for number in range(jobs):
        name = f"tool{number}"
        world.script(alice, name, data=True)
        alice.done("tool", "schedule", name, "--cron", "* * * * *", "--timezone", "UTC")
    return alice


def watched(terminal: Terminal, seconds: float) -> tuple[list[float], float]:
    """Resident memory in MB at each look, and the share of a core that the launcher took."""
    process, memory = psutil.Process(terminal.pid), []
    before, began = sum(process.cpu_times()[:2]), time.monotonic()
    while time.monotonic() - began < seconds:
        with contextlib.suppress(AssertionError):  # nothing else has to come; what does is read
            terminal.wait_for(NEVER, timeout=LOOK_S)
        memory.append(process.memory_info().rss / 1e6)
    return memory, (sum(process.cpu_times()[:2]) - before) / (time.monotonic() - began)


def ledger(alice: Operator, since: int, until: int) -> list[tuple[int, int, str, int | None]]:
    with closing(sqlite3.connect(alice.home / "state" / "launcher.sqlite")) as database:
        return database.execute(
            "SELECT job, scheduled_for, state, started FROM slots WHERE scheduled_for BETWEEN ? AND ?",
            (since, until),
        ).fetchall()


def began_late(alice: Operator) -> list[float]:
    """Seconds after the full minute at which the tools wrote, by their own clock."""
    found = alice.home.glob("imports/data/*/tick-*.csv")
    return [int(path.read_text()) / 1e9 % 60 for path in found]


def main() -> None:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    jobs = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    with tempfile.TemporaryDirectory() as directory:
        top = Path(directory)
        (top / "login").mkdir()
        os.environ["HOME"] = str(top / "login")
        world = World(top / "world")
        alice = furnished(world, jobs)
        with launcher(world, alice.home) as terminal:
            choose(terminal, "Tools", "Register a tool")
            terminal.wait_for("name of the tool")
            terminal.send(TYPED)
            terminal.wait_for("next tool", timeout=60)
            begin = (int(time.time()) // 60 + 1) * 60
            memory, share = watched(terminal, begin + minutes * 60 - 30 - time.time())
            end = int(time.time())
            stands = TYPED in terminal.screen()
            terminal.press("escape", "escape")
            leave(terminal)
        slots = ledger(alice, begin, end)
        expected = {(job, at) for job in range(1, jobs + 1) for at in range(begin, end, 60)}
        seen = [(job, at) for job, at, _, _ in slots]
        states = {state: sum(one[2] == state for one in slots) for state in {one[2] for one in slots}}
        late = began_late(alice)
    print(f"{minutes:g} minutes, {jobs} jobs every minute: {len(expected)} slots were due")
    print(f"missing {len(expected - set(seen))}, twice {len(seen) - len(set(seen))}, ended as {states}")
    delays = [started - at for _, at, _, started in slots if started is not None]
    at_once = sum(delay == 0 for delay in delays)
    print(f"{at_once} of {len(delays)} slots were started within their second, by two workers; the last of")
    print(f"a minute's {jobs} at most {max(delays)} s after it (whole seconds)")
    print(f"tools began {statistics.median(late):.2f} s after the minute, at most {max(late):.2f} s")
    print(f"memory {memory[0]:.0f} MB at first, {memory[-1]:.0f} MB at last, at most {max(memory):.0f} MB")
    print(f"{share:.2%} of a core; the typed text {'stands there' if stands else 'IS GONE'}")


if __name__ == "__main__":
    main()
