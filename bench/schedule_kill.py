"""kill -9 at random moments while jobs fire every second: no slot twice, none lost without a record.

    .venv/bin/python bench/schedule_kill.py [KILLS]

Real launchers (`scheduler run`) with two tools that run as real processes. After all kills the ledger,
the history and what the tools themselves wrote down are compared; exit status 1 where they disagree.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # runs without being installed

from tests.session.running import scheduler
from tests.session.world import Operator, World

SEED = 20261122
TOOLS = ("one", "two")
GO = "echo run >> begun.txt; sleep 0.2\n"


def prepared(root: Path) -> Operator:
    (root / "login").mkdir()
    os.environ["HOME"] = str(root / "login")
    world = World(root / "world")
    alice = world.operator("alice")
    for name in TOOLS:
        world.script(alice, name, GO)
        alice.done("tool", "schedule", name, "--every", "1s")
    return alice


def kill_often(alice: Operator, kills: int) -> Counter[str]:
    """Starts and kills a launcher; what it had told last says where the kill hit."""
    dice, hits = random.Random(SEED), Counter[str]()
    for _ in range(kills):
        with scheduler(alice) as running:
            running.wait_for("firing", 30)
            time.sleep(dice.uniform(0.0, 1.5))
            running.process.send_signal(signal.SIGKILL)
            running.process.wait(10)
            hits[running.drain()[-1]["event"]] += 1
    return hits


def faults(alice: Operator) -> list[str]:
    """What the ledger and the tools disagree on."""
    found = []
    with closing(sqlite3.connect(alice.home / "state" / "launcher.sqlite")) as database:
        for job, name in enumerate(TOOLS, start=1):
            slots = database.execute(
                "SELECT scheduled_for, state, started, reason FROM slots WHERE job = ? ORDER BY 1", (job,)
            ).fetchall()
            times = [slot[0] for slot in slots]
            if times != list(range(times[0], times[-1] + 1)):
                found.append(f"{name}: a slot is without a record, or there twice")
            if unsaid := [slot for slot in slots if slot[1] in ("missed", "skipped", "lost") and not slot[3]]:
                found.append(f"{name}: {len(unsaid)} slots did not run and do not say why")
            begun = (alice.home / "imports" / "tools" / name / "begun.txt").read_text().count("run")
            started = sum(slot[2] is not None for slot in slots)
            succeeded = sum(slot[1] == "succeeded" for slot in slots)
            if not succeeded <= begun <= started:
                found.append(f"{name}: {started} slots started, the tool ran {begun} times")
            print(f"{name}: {len(slots)} slots, {begun} runs, {dict(Counter(slot[1] for slot in slots))}")
    if [run for run in alice.done("run", "list", "--limit", "100000") if run["state"] == "running"]:
        found.append("a run is called running for ever")
    return found


def main() -> int:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as name:
        alice = prepared(Path(name))
        config = alice.home / "config.yaml"
        config.write_text(config.read_text() + "schedule: {keep_runs: 1000000}\n")
        began = time.monotonic()
        hits = kill_often(alice, kills)
        alice.verb("scheduler", "run", "--for", "2.5s")
        print(f"{kills} kills in {time.monotonic() - began:.0f} s, after: {dict(hits)}")
        found = faults(alice)
    print("\n".join(found) or "no slot twice, none lost without a record")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
