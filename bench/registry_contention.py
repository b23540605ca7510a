"""Compare-and-swap increments of one key by 2 processes x 2 threads: ours against plain ``sqlite3``.

The peer does the same increments as one would write them at first: a plain connection per thread
with the default journal, ``BEGIN IMMEDIATE`` and SQLite's own waiting, no lock beside it.

    .venv/bin/python bench/registry_contention.py [SECONDS]
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # runs from any directory, without being installed

from roforlmao.errors import Conflict  # noqa: E402  (after the path is set)
from roforlmao.registry.sqlite import SqliteRegistry  # noqa: E402  (as above)

PROCESSES: Final = 2
THREADS: Final = 2
DEMAND: Final = 300
PLACE: Final = ROOT / "bench"  # a real disk: /tmp may be memory
KEY: Final = "/counter"

Increment = Callable[[], bool]
"""One attempt; false where another was first."""


@dataclass(frozen=True)
class Outcome:
    """What all workers did together; a wait is from the first attempt to the success, in seconds."""

    name: str
    acknowledged: int
    found: int
    seconds: float
    worst_wait: float

    @property
    def per_second(self) -> float:
        return self.acknowledged / self.seconds


def ours(path: Path) -> Increment:
    """Get, then put if the revision is still the same."""
    registry = SqliteRegistry(path)

    def increment() -> bool:
        record = registry.get(KEY)
        assert record is not None
        try:
            registry.put(KEY, b"%d" % (int(record.value) + 1), expect=record.revision)
        except Conflict:
            return False
        return True

    return increment


def plain(path: Path) -> Increment:
    """Read, then update if the value is still the same."""
    connection = sqlite3.connect(path, timeout=5, isolation_level=None)

    def increment() -> bool:
        (old,) = connection.execute("SELECT value FROM kv WHERE key = ?", (KEY,)).fetchone()
        connection.execute("BEGIN IMMEDIATE")
        changed = connection.execute(
            "UPDATE kv SET value = ? WHERE key = ? AND value = ?", (old + 1, KEY, old)
        ).rowcount
        connection.execute("COMMIT")
        return changed == 1

    def patient() -> bool:
        try:
            return increment()
        except sqlite3.OperationalError:  # "database is locked", after 5 s or at once
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            return False

    return patient


CONTENDERS: Final = {"ours": ours, "plain sqlite3": plain}


def begin(name: str, path: Path) -> None:
    """A counter of 0."""
    if name == "ours":
        registry = SqliteRegistry(path)
        registry.put(KEY, b"0")
        registry.close()
        return
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE kv (key TEXT PRIMARY KEY, value INTEGER)")
    connection.execute("INSERT INTO kv VALUES (?, 0)", (KEY,))
    connection.commit()
    connection.close()


def count(name: str, path: Path) -> int:
    """What the counter says in the end."""
    if name == "ours":
        registry = SqliteRegistry(path)
        record = registry.get(KEY)
        registry.close()
        return int(record.value) if record else 0
    connection = sqlite3.connect(path)
    (found,) = connection.execute("SELECT value FROM kv").fetchone()
    connection.close()
    return int(found)


def work(name: str, path: Path, until: float) -> tuple[int, float]:
    """Increments until that time; how many, and the worst wait."""
    increment, done, worst = CONTENDERS[name](path), 0, 0.0
    while time.time() < until:
        began = time.monotonic()
        while not increment():
            pass
        done += 1
        worst = max(worst, time.monotonic() - began)
    return done, worst


def worker(name: str, path: Path, until: float) -> None:
    """One process: its threads' results as JSON on standard output."""
    results: list[tuple[int, float]] = []
    threads = [
        threading.Thread(target=lambda: results.append(work(name, path, until))) for _ in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(results))


def contend(name: str, seconds: float) -> Outcome:
    """Runs all workers over one fresh file."""
    with tempfile.TemporaryDirectory(dir=PLACE, prefix=".contention-") as directory:
        path = Path(directory) / "registry.sqlite"
        begin(name, path)
        until = time.time() + seconds + 0.5  # so that all have started by then
        workers = [
            subprocess.Popen(
                [sys.executable, __file__, "--worker", name, str(path), str(until)], stdout=subprocess.PIPE
            )
            for _ in range(PROCESSES)
        ]
        results = [tuple(pair) for each in workers for pair in json.loads(each.communicate()[0])]
        acknowledged = sum(done for done, _ in results)
        worst = max(wait for _, wait in results)
        return Outcome(name, acknowledged, count(name, path), seconds + 0.5, worst)


def main(seconds: float) -> int:
    mine, peer = (contend(name, seconds) for name in CONTENDERS)
    print(f"{PROCESSES} processes x {THREADS} threads increment one key for {seconds:.0f} s each, on {PLACE}")
    for each in (mine, peer):
        lost = each.acknowledged - each.found
        wait = f"worst wait {each.worst_wait * 1000:7.1f} ms"
        print(f"{each.name:14} {each.per_second:7.0f}/s   {wait}   {lost} of {each.acknowledged:,} lost")
    print(
        f"ratio          {mine.per_second / peer.per_second:7.2f} times as many,"
        f" {peer.worst_wait / mine.worst_wait:.0f} times shorter worst wait"
    )
    good = mine.acknowledged == mine.found and mine.per_second >= DEMAND
    print(f"demand: at least {DEMAND}/s and 0 lost: {'kept' if good else 'NOT KEPT'}")
    return 0 if good else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        worker(sys.argv[2], Path(sys.argv[3]), float(sys.argv[4]))
    else:
        sys.exit(main(float(sys.argv[1]) if sys.argv[1:] else 10.0))
