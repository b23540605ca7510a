"""An audit of twenty operators with 100,000 rows each, beside 190 pairwise joins with polars.

Command: .venv/bin/python bench/audit.py [OPERATORS ROWS]

Every operator's snapshot differs from every other's: 1 % of the cells drift, 0.5 % of the rows are
lost and 0.2 % added, by another seed each, shuffled. Files are on disk as after fetching. Each is a
process of its own; seconds from start to end, and peak memory. The peer does what an audit without
hashes would do: for each pair of operators a keyed join with a count of differing cells, and the
rows that either lacks; on all cores, and without saying what differs. Exits
with 1 if the audit takes over 60 s or 1 GB, or gets a number wrong.
"""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
COLUMNS = ("id", "name", "author", "stars", "forks", "labels", "description", "licence", "url", "updated")

AUDIT = """
import json, sys
from pathlib import Path
from roforlmao.audit.conduct import conduct
from roforlmao.audit.fetching import Snapshot
from roforlmao.progress import Progress
files = sorted(Path(sys.argv[1]).glob("*.csv"))
snapshots = [Snapshot(path.stem, "", {"s": path}) for path in files]
found = conduct("hub", "2019-03-25", snapshots, 100, Progress())
print(json.dumps({one.operator: [one.rows, one.score] for one in found.audit.operators}))
"""
JOINS = """
import sys
from itertools import combinations
from pathlib import Path
import polars as pl
tables = [pl.read_csv(path, infer_schema=False) for path in sorted(Path(sys.argv[1]).glob("*.csv"))]
columns = tables[0].columns[1:]
total = 0
for one, other in combinations(tables, 2):
    joined = one.join(other, on="id", how="inner", suffix="_2")
    total += sum(joined.select((pl.col(c) != pl.col(f"{c}_2")).sum() for c in columns).row(0))
    total += one.join(other, on="id", how="anti").height + other.join(one, on="id", how="anti").height
print(total)
"""


def make(place: Path, operators: int, rows: int) -> None:
    """The day as it is, and each operator's snapshot of it."""
    chance = random.Random(1)
    day = [
        [
            f"app-{n}", f"name {chance.random()}", f"author-{chance.randrange(9999)}",
            str(chance.randrange(10_000)), str(chance.randrange(500)), "a;b;c", f"Does {chance.random()}",
            "MIT", f"https://example.org/{n}", "2019-03-25",
        ]
        for n in range(rows)
    ]  # fmt: skip
    for number in range(operators):
        chance = random.Random(number)
        kept = [list(row) for row in day if chance.random() >= 0.005]
        kept += [[f"own-{number}-{n}", *day[n][1:]] for n in range(rows // 500)]
        for _ in range(rows * len(COLUMNS) // 100):
            row = chance.choice(kept)
            row[chance.randrange(1, len(COLUMNS))] = f"drifted {number} {chance.random()}"
        chance.shuffle(kept)
        with (place / f"op{number:02}.csv").open("w", newline="") as handle:
            csv.writer(handle, lineterminator="\n").writerows([COLUMNS, *kept])


def run(program: str, place: Path) -> tuple[str, float, float]:
    """What it printed, seconds, and megabytes."""
    began = time.perf_counter()
    done = subprocess.run(
        ["/usr/bin/env", "python3", "-c", WATCH, sys.executable, program, str(place)],
        capture_output=True, text=True, check=True, cwd=PROJECT,
    )  # fmt: skip
    return done.stdout, time.perf_counter() - began, float(done.stderr.split()[-1])


WATCH = """
import resource, subprocess, sys
done = subprocess.run([sys.argv[1], "-c", *sys.argv[2:]], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, file=sys.stderr)
"""


def main() -> int:
    operators, rows = (int(word) for word in sys.argv[1:3]) if len(sys.argv) > 2 else (20, 100_000)
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        make(place, operators, rows)
        size = sum(path.stat().st_size for path in place.iterdir()) / 1e6
        out, seconds, memory = run(AUDIT, place)
        joined, peer_seconds, peer_memory = run(JOINS, place)
    found = json.loads(out)
    own = rows // 500
    right = len(found) == operators and all(score >= own for _, score in found.values())
    print(f"{operators} operators, {rows:,} rows x {len(COLUMNS)}, {size:.0f} MB in all")
    print(f"audit            {seconds:6.1f} s  {memory:6.0f} MB  every standing and the first differences")
    print(f"polars, {operators * (operators - 1) // 2} joins {peer_seconds:6.1f} s  {peer_memory:6.0f} MB  "
          f"{int(joined):,} differences")  # fmt: skip
    print(f"ratio {peer_seconds / seconds:.1f}")
    return 0 if right and seconds < 60 and memory < 1000 else 1


if __name__ == "__main__":
    sys.exit(main())
