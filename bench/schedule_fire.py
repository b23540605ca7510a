"""The scheduler with 500 jobs: what it costs when idle, and how late it fires; beside `schedule` alone.

    .venv/bin/python bench/schedule_fire.py [SECONDS]

500 daily jobs that are hours away, and one that is due every second; then the same on a loaded machine.
Both sides fire an entry in a
list; ours also claims, starts and ends each slot in its ledger on disk (synchronous, FULL).
"""

from __future__ import annotations

import datetime as dt
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import schedule

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # runs without being installed

from roforlmao.notices import Notices
from roforlmao.schedule.desk import Desk
from roforlmao.schedule.jobs import Jobs, Plan
from roforlmao.schedule.pool import RunProgress
from roforlmao.schedule.rules import Rule
from roforlmao.schedule.scheduler import Scheduler
from roforlmao.schedule.slot import Outcome, Slot
from roforlmao.schedule.slots import Slots
from roforlmao.state import State

JOBS = 500
_STARTED_S = 2.0  # after so long the looks at the start are over


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def far() -> str:
    """A time of day that is twelve hours away."""
    return f"{now() + dt.timedelta(hours=12):%H:%M}"


def measured(seconds: float, fired: list[float]) -> str:
    """Sleeps, and tells what the process used and how late it fired."""
    time.sleep(_STARTED_S)
    fired.clear()
    process = psutil.Process()
    before, began = sum(process.cpu_times()[:2]), time.monotonic()
    time.sleep(seconds)
    share = (sum(process.cpu_times()[:2]) - before) / (time.monotonic() - began)
    memory = process.memory_info().rss / 1e6
    late = [at % 1 for at in fired]
    lateness = f", late by {statistics.median(late):.3f} s, at most {max(late):.3f} s" if late else ""
    return f"{share:6.2%} of a core, {memory:.0f} MB{lateness}"


def ours(directory: Path, seconds: float, *, due: bool) -> str:
    fired: list[float] = []

    def work(_slot: Slot, _progress: RunProgress) -> Outcome:
        fired.append(time.time())
        return Outcome("succeeded")

    def nothing() -> None: ...

    with closing(State(directory / "launcher.sqlite")) as state:
        jobs, rule = Jobs(state), Rule("daily", "UTC", far())
        for number in range(JOBS):
            jobs.add(Plan(f"t{number}", rule), now())
        if due:
            jobs.add(Plan("now", Rule("every", "UTC", every_s=1)), now())
        desk = Desk(
            Slots(state), Notices(state), directory / "locks", directory / "errors.log", now, work, nothing
        )
        scheduler = Scheduler(desk, lambda _: None)
        scheduler.start()
        try:
            return f"{measured(seconds, fired)}, {len(fired)} fired"
        finally:
            scheduler.stop()


def schedule_alone(seconds: float, *, due: bool) -> str:
    """Its documented loop: ``run_pending`` and a second of sleep."""
    fired: list[float] = []
    clock, end = schedule.Scheduler(), threading.Event()
    for _ in range(JOBS):
        clock.every().day.at(far()).do(lambda: None)
    if due:
        clock.every(1).seconds.do(lambda: fired.append(time.time()))

    def loop() -> None:
        while not end.is_set():
            clock.run_pending()
            time.sleep(1)

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        return f"{measured(seconds, [])}, {len(fired)} fired"  # its slots are not at full seconds
    finally:
        end.set()
        thread.join()


@contextmanager
def loaded(processes: int) -> Iterator[None]:
    """So many processes of others that never rest."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    load = 2 * (os.cpu_count() or 1)
    rounds = (("idle", False, 0), ("due", True, 0), ("loaded", True, load))
    words = {"idle": "idle", "due": "one due every second", "loaded": f"the same, {load} busy processes"}
    with tempfile.TemporaryDirectory() as name:
        for title, due, processes in rounds:
            what = f"{JOBS} jobs, {words[title]}"
            place = Path(name) / title
            place.mkdir()
            with loaded(processes):
                print(f"{what}: ours      {ours(place, seconds, due=due)}")
                print(f"{what}: schedule  {schedule_alone(seconds, due=due)}")


if __name__ == "__main__":
    main()
