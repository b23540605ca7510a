"""A simulated week of 10,000 runs: what the process takes, and whether it grows.

    .venv/bin/python bench/schedule_week.py [RUNS]

Scheduler, ledger, history, notices and logs are real, the clock is simulated, and a tool is a function
that writes a run with its log. Exit status 1 over 80 MB, or where the second half grew by more than 2 MB.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # runs without being installed

from roforlmao.models import Run, Sync
from roforlmao.notices import Notices
from roforlmao.runs.history import History, new_id
from roforlmao.schedule.desk import Desk
from roforlmao.schedule.jobs import Jobs, Plan
from roforlmao.schedule.pool import RunProgress
from roforlmao.schedule.rules import Rule
from roforlmao.schedule.scheduler import Scheduler
from roforlmao.schedule.slot import Outcome, Slot
from roforlmao.schedule.slots import Slots
from roforlmao.state import State

JOBS = 50
WEEK_S = 7 * 86400
BEGIN = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


class Week:
    """One home whose clock the benchmark moves."""

    def __init__(self, directory: Path, state: State, runs: int) -> None:
        self.now = BEGIN
        self.ran = 0
        self._logs, self._history = directory, History(state)
        self.every_s = WEEK_S * JOBS // runs
        for number in range(JOBS):
            Jobs(state).add(Plan(f"t{number}", Rule("every", "UTC", every_s=self.every_s)), BEGIN)
        self._slots = Slots(state)
        desk = Desk(
            self._slots,
            Notices(state),
            directory / "locks",
            directory / "errors.log",
            lambda: self.now,
            self.work,
            lambda: None,
            workers=4,
        )
        self.scheduler = Scheduler(desk, lambda _: None)
        assert self.scheduler.take()

    def work(self, slot: Slot, _progress: RunProgress) -> Outcome:
        run_id = new_id(self.now)
        log = self._logs / f"{run_id}.log"
        log.write_text("a line of output\n" * 100)
        tool, started = slot.job.plan.tool, self.now.isoformat()
        run = Run(run_id, tool, "script", "go", (), started, "succeeded", log=str(log), report="x" * 1000)
        self._history.save(run, finished=False)
        self._history.save(
            Run(**{**vars(run), "sync": Sync("pushed", "ab" * 20), "exit_code": 0}), finished=True
        )
        self._history.prune(1000)
        self.ran += 1
        return Outcome("succeeded", run_id)

    def _busy(self) -> bool:
        return bool(self._slots.running() or self._slots.startable(self.now))

    def live_until(self, runs: int) -> None:
        while self.ran < runs:
            self.scheduler.tick()
            if not self._busy():
                self.now += dt.timedelta(seconds=self.every_s / 4)
            else:
                self.now += dt.timedelta(milliseconds=10)
                time.sleep(0.0005)


def main() -> int:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    process, sizes = psutil.Process(), []
    with tempfile.TemporaryDirectory() as name, closing(State(Path(name) / "launcher.sqlite")) as state:
        with state.read() as connection:
            connection.execute("PRAGMA synchronous = OFF")  # memory is measured, not the disk
        week = Week(Path(name), state, runs)
        for step in range(1, 11):
            week.live_until(runs * step // 10)
            sizes.append(process.memory_info().rss / 1e6)
            days = (week.now - BEGIN).total_seconds() / 86400
            print(f"{week.ran:6,} runs, {days:4.1f} days: {sizes[-1]:.1f} MB", flush=True)
        kept = len(list(Path(name).glob("*.log")))
    print(f"logs kept: {kept:,}; growth over the second half: {sizes[-1] - sizes[4]:.1f} MB")
    return 1 if sizes[-1] > 80 or sizes[-1] - sizes[4] > 2 else 0


if __name__ == "__main__":
    sys.exit(main())
