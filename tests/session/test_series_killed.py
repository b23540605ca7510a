"""kill -9 in the middle of a history: what was counted is kept, and the next call finishes it."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

from tests.session.world import World, clean_environment

DAYS = 150


def tallies(path: Path) -> int:
    """How many are kept by now; none before the file is there."""
    if not path.exists():
        return 0
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
    try:
        return int(connection.execute("SELECT COUNT(*) FROM tallies").fetchone()[0])
    except sqlite3.OperationalError:  # its tables are being made
        return 0
    finally:
        connection.close()


def test_a_killed_history_is_finished_by_the_next_one(world: World) -> None:
    alice, directory = world.operator("alice"), world.root / "d"
    directory.mkdir()
    for day in range(DAYS):
        rows = "".join(f"{row},app {row},{day * row % 97}\n" for row in range(200 + day))
        (directory / f"apps-2{day:03}-01-01.csv").write_text("id,name,n\n" + rows)
    memory = alice.home / "state" / "series.sqlite"
    for wanted in (20, 50):
        process = subprocess.Popen(
            alice.command("--json", "dataset", "history", directory),
            env=clean_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + 30
        while tallies(memory) < wanted and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    kept = tallies(memory)
    assert 50 <= kept < DAYS
    found = alice.done("dataset", "history", directory)
    assert tallies(memory) == DAYS
    fresh = world.operator("bob").done("dataset", "history", directory)
    assert json.dumps(found) == json.dumps(fresh)
