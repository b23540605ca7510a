"""Writers of a registry file are killed in mid-write: nothing acknowledged is lost."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from roforlmao.registry.sqlite import SqliteRegistry

ROOT: Final = Path(__file__).resolve().parent.parent.parent
KILLS: Final = 200
WRITERS: Final = 2
LIMIT_S: Final = 60.0

# Each line is an acknowledgement; a pair changes in one transaction.
WRITER: Final = """
import os, sys
from pathlib import Path
from roforlmao.registry.base import Put
from roforlmao.registry.sqlite import SqliteRegistry
registry = SqliteRegistry(Path(sys.argv[1]))
name = sys.argv[2]
for number in range(1_000_000):
    text = b"%d" % number
    registry.put(f"/{name}/each/{number:06}", text * 50)
    registry.transaction([], [Put(f"/{name}/pair/a", text), Put(f"/{name}/pair/b", text)])
    os.write(1, text + b"\\n")
"""


def write_until_killed(path: Path, name: str, after: int) -> int:
    """Kills the writer once it has acknowledged ``after`` rounds; how many it had, all in all."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), name],
        stdout=subprocess.PIPE,
        bufsize=0,  # `communicate` would not see what `readline` had read ahead
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout
    for _ in range(after):
        assert process.stdout.readline(), "the writer ended by itself"
    process.kill()
    rest, _ = process.communicate(timeout=20)
    return after + rest.count(b"\n")


def test_nothing_acknowledged_is_lost_in_two_hundred_kills(tmp_path: Path) -> None:
    path = tmp_path / "registry.sqlite"
    SqliteRegistry(path).put("/first", b"1")
    rounds = random.Random(20190325)
    kills = [(path, f"w{number}", rounds.randint(1, 30)) for number in range(KILLS)]
    began = time.monotonic()
    with ThreadPoolExecutor(WRITERS) as pool:  # the other one goes on writing while one is killed
        acknowledged = list(pool.map(lambda kill: write_until_killed(*kill), kills))
    took = time.monotonic() - began

    registry = SqliteRegistry(path)
    records = {record.key: record for record in registry.list("/").records}
    for (_, name, _), count in zip(kills, acknowledged, strict=True):
        for number in range(count):
            assert records[f"/{name}/each/{number:06}"].value == b"%d" % number * 50
        pair = records[f"/{name}/pair/a"], records[f"/{name}/pair/b"]
        assert pair[0].value == pair[1].value, "half a transaction was written"
        assert pair[0].revision == pair[1].revision
        assert int(pair[0].value) >= count - 1
    assert sum(acknowledged) >= KILLS
    assert registry.put("/last", b"1") == registry.list("/").revision
    registry.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    assert took < LIMIT_S, f"{KILLS} kills took {took:.0f} s"
