"""Two large CSV files compared, beside duckdb, datacompy and csv-diff, and cmp where they are the same.

Command: .venv/bin/python bench/compare_large.py [--rows N] [--rounds N] [--large]

Each is a process of its own from start to end, its start and imports included: CPU seconds of user
and system, and peak memory, medians of five rounds in which they take turns. All give the same
answer: numbers of rows added, removed and changed, of changed cells in each column, and the first
1,000 rows of each list; ours finds the key by itself. The peers live in an
environment of their own in the user's cache directory (some 300 MB, made once), where all keep their
compiled modules too. ``--large`` adds 10,000,000 rows a side (needs 5 GB of disk), and such files that
are the same. Exits with 1 if a demand is missed. Two real days: ``compare_small.py``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

PROJECT = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "roforlmao-bench"
PEERS = ("duckdb==2.0.0", "csv-diff==1.2", "datacompy==1.1.0", "polars==1.44.2")
HEAD = "id,name,city,kind,owner,stars,forks,score,size,url\n"
BLOCK = 100_000  # rows that are made at a time

OURS = """
import sys
from pathlib import Path
from roforlmao.compare.engine import compare
from roforlmao.compare.options import Options
from roforlmao.progress import Progress
found = compare(Path(sys.argv[1]), Path(sys.argv[2]), Options(), Progress()).comparison(1000)
counts = found.counts
print(counts.added, counts.removed, counts.changed)
"""
DUCKDB = """
import sys
import duckdb
base = duckdb.connect()
base.execute("SET threads=2")
base.execute("SET enable_progress_bar=false")
base.execute("SET memory_limit='1GB'")
base.execute(f"SET temp_directory='{sys.argv[1]}.spill'")
for name, path in zip("on", sys.argv[1:]):
    base.execute(f"CREATE VIEW {name} AS SELECT * FROM read_csv('{path}', all_varchar=true, header=true)")
names = [row[0] for row in base.execute("DESCRIBE o").fetchall()]
differ = " OR ".join(f'o."{name}" IS DISTINCT FROM n."{name}"' for name in names)
both = ", ".join(f'o."{name}" AS "o_{name}", n."{name}" AS "n_{name}"' for name in names)
base.execute(f"CREATE TABLE d AS SELECT {both} FROM o FULL JOIN n ON o.id=n.id WHERE {differ}")
kinds = ("o_id IS NULL", "n_id IS NULL", "o_id=n_id")
cells = [f'count(*) FILTER (o_id=n_id AND "o_{name}" IS DISTINCT FROM "n_{name}")' for name in names]
counts = [f"count(*) FILTER ({kind})" for kind in kinds]
print(*base.execute("SELECT " + ", ".join(counts + cells) + " FROM d").fetchall()[0][:3])
for kind in kinds:
    base.execute(f"SELECT * FROM d WHERE {kind} LIMIT 1000").fetchall()
"""
DATACOMPY = """
import sys
import polars
from datacompy import PolarsCompare
old, new = (polars.read_csv(path, infer_schema=False) for path in sys.argv[1:])
found = PolarsCompare(old, new, join_columns="id")
print(len(found.df2_unq_rows), len(found.df1_unq_rows), len(found.all_mismatch()))
"""
CSV_DIFF = """
import sys
from csv_diff import compare, load_csv
old, new = (load_csv(open(path, newline="", encoding="utf-8"), key="id") for path in sys.argv[1:])
found = compare(old, new)
print(len(found["added"]), len(found["removed"]), len(found["changed"]))
"""


class Used(NamedTuple):
    """CPU seconds, and megabytes at the peak."""

    seconds: float
    memory: float


class Work(NamedTuple):
    """Who takes part, and the demands: a share of each peer's seconds, and megabytes of ours."""

    title: str
    files: tuple[Path, Path]
    shares: Mapping[str, float]
    memory: int


def mixed(values: npt.NDArray[np.uint64], salt: int) -> npt.NDArray[np.uint64]:
    """Numbers that look random, the same for the same values (the finaliser of SplitMix64)."""
    found = values * np.uint64(0x9E3779B97F4A7C15) + np.uint64(salt)
    found = (found ^ (found >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return found ^ (found >> np.uint64(31))


def rows(numbers: npt.NDArray[np.uint64], changed: int, words: Sequence[str]) -> Iterator[str]:
    """Of about a hundred bytes; the stars of ``changed`` in a hundred of them are one more."""
    first, second, third, fourth = (
        (mixed(numbers, salt) % np.uint64(len(words))).tolist() for salt in range(4)
    )
    bounds = (1_000_000, 5_000, 10_000_000, 999, 100)
    stars, forks, score, size, turn = (
        (mixed(numbers, 10 + place) % np.uint64(bound)).tolist() for place, bound in enumerate(bounds)
    )
    for at, number in enumerate(numbers.tolist()):
        name = words[first[at]]
        yield (
            f"app-{number:08d},{name} {words[second[at]]},{words[second[at]]},{words[third[at]]},"
            f"{words[fourth[at]]},{stars[at] + (turn[at] < changed)},{forks[at]},{score[at] / 1000},"
            f"{size[at]},https://x.org/{name}/{forks[at]}\n"
        )


def write(path: Path, numbers: npt.NDArray[np.uint64], changed: int) -> None:
    random = np.random.default_rng(7)
    words = ["".join(chr(97 + letter) for letter in word) for word in random.integers(0, 26, (4_096, 8))]
    with path.open("w", encoding="ascii") as handle:
        handle.write(HEAD)
        for start in range(0, len(numbers), BLOCK):
            handle.write("".join(rows(numbers[start : start + BLOCK], changed, words)))


def make_files(top: Path, count: int) -> tuple[Path, Path, Path]:
    """Old; new, shuffled, half a percent added, as many removed, one percent changed; all of it changed."""
    old, sparse, dense = top / f"old{count}.csv", top / f"sparse{count}.csv", top / f"dense{count}.csv"
    numbers = np.arange(count, dtype=np.uint64)
    write(old, numbers, 0)
    shuffled = numbers + np.uint64(max(1, count // 200))
    np.random.default_rng(1).shuffle(shuffled)
    write(sparse, shuffled, 1)
    write(dense, shuffled, 100)
    return old, sparse, dense


def peers(name: str, packages: Sequence[str]) -> Path:
    """The interpreter of their environment."""
    home = CACHE / name
    ready = home / "ready"
    if not ready.exists() or ready.read_text() != " ".join(packages):
        venv.create(home, clear=True, with_pip=True)
        subprocess.run([home / "bin" / "python", "-m", "pip", "install", "--quiet", *packages], check=True)
        ready.write_text(" ".join(packages))
    return home / "bin" / "python"


def run(command: Sequence[str | Path]) -> tuple[Used, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment = {**own, "PYTHONPYCACHEPREFIX": str(CACHE / "compiled")}
    process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    said = process.stdout.read().strip()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Used(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024), said


def commands(files: tuple[Path, Path], python: Path) -> Mapping[str, Sequence[str | Path]]:
    return {
        "ours": (sys.executable, "-c", OURS, *files),
        "duckdb": (python, "-c", DUCKDB, *files),
        "datacompy": (python, "-c", DATACOMPY, *files),
        "csv-diff": (python, "-c", CSV_DIFF, *files),
        "cmp": ("cmp", *files),
    }


def measure(work: Work, rounds: int, python: Path) -> bool:
    """Whether the demands are met; prints the table."""
    print(f"\n{work.title}: CPU seconds, peak MB, our share (at most)")
    every = {
        name: words for name, words in commands(work.files, python).items() if name in ("ours", *work.shares)
    }
    taken: dict[str, list[Used]] = {name: [] for name in every}
    answers: dict[str, str] = {}
    for _ in range(rounds):
        for name, command in every.items():
            used, answers[name] = run(command)
            taken[name].append(used)
    assert len({answer for answer in answers.values() if answer}) == 1 or "cmp" in answers, answers
    median = {
        name: Used(*(statistics.median(values) for values in zip(*found, strict=True)))
        for name, found in taken.items()
    }
    ours = median["ours"]
    print(f"  {'ours':10} {ours.seconds:8.2f} {ours.memory:7.0f}         (memory at most {work.memory})")
    met = ours.memory <= work.memory
    for name, share in work.shares.items():
        found = ours.seconds / median[name].seconds
        met = met and found <= share
        print(
            f"  {name:10} {median[name].seconds:8.2f} {median[name].memory:7.0f} {found:6.2f}  ({share:.2f})"
        )
    return met


def works(top: Path, count: int) -> Iterator[Work]:
    """Those of so many rows."""
    old, sparse, dense = make_files(top, count)
    title = f"{count:,} x 10"
    few = count <= 2_000_000
    shares = {"duckdb": 0.5, "datacompy": 0.25, "csv-diff": 0.1} if few else {"duckdb": 0.25}
    yield Work(f"{title}, shuffled, 2 % differ", (old, sparse), shares, 400 if few else 800)
    yield Work(f"{title}, every row changed", (old, dense), {"duckdb": 1.0}, 2_500)
    if few:
        return
    with sparse.open("wb") as copy, old.open("rb") as handle:
        while part := handle.read(1 << 24):
            copy.write(part)
    yield Work(f"{title}, identical", (old, sparse), {"cmp": 3.0}, 400)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compares large files beside named peers.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--large", action="store_true", help="10,000,000 rows too")
    given = parser.parse_args()
    python = peers("compare-peers", PEERS)
    met = True
    for count in [given.rows, *([10_000_000] if given.large else [])]:
        with tempfile.TemporaryDirectory() as top:
            for work in works(Path(top), count):
                met = measure(work, given.rounds, python) and met
    sys.exit(not met)


if __name__ == "__main__":
    main()
