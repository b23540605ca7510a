"""Two real daily snapshots compared as a verb, beside csv-diff and the csv module with a dictionary.

Command: .venv/bin/python bench/compare_small.py [OLD NEW]

Each is a process of its own from start to end, CPU seconds of user and system, medians of 21. Of
the verb, the launcher's own start is taken off (the same words, but the action does nothing), which
is measured just before; of the others, the bare interpreter's. csv-diff is put into an environment
of its own in the user's cache directory, as it would load numpy from a shared one; it needs a header
and a key, so all get copies with one. Exits with 1 if the verb takes more than a third of csv-diff.
All keep their compiled modules in one cache of the benchmark's own.
"""

from __future__ import annotations

import csv
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from bench.compare_large import peers  # noqa: E402 - the path is set above

DAYS = PROJECT.parent / "shared" / "data" / "aws-sar" / "autostats"
TIMES = 21
COLUMNS = ("name", "arn", "author", "deployments", "labels", "description", "capabilities", "repository")

DICTIONARY = """
import csv, sys
def read(path):
    with open(path, newline="", encoding="utf-8") as handle:
        return {row["arn"]: row for row in csv.DictReader(handle)}
old, new = map(read, sys.argv[1:])
added = [new[key] for key in new.keys() - old.keys()]
removed = [old[key] for key in old.keys() - new.keys()]
changed = [key for key in old.keys() & new.keys() if old[key] != new[key]]
print(len(added), len(removed), len(changed))
"""
NOTHING = """
import sys
from roforlmao.actions import comparing
from roforlmao.actions.base import Report
from roforlmao.cli import main
object.__setattr__(comparing.ACTIONS[0], "run", lambda *_, **__: Report({}))
sys.exit(main(sys.argv[1:]))
"""
CSV_DIFF = """
import sys
from csv_diff import compare, load_csv
old, new = (load_csv(open(path, newline="", encoding="utf-8"), key="arn") for path in sys.argv[1:])
found = compare(old, new)
print(len(found["added"]), len(found["removed"]), len(found["changed"]))
"""


def cpu_seconds(cache: str, command: Sequence[object]) -> float:
    """What the command took, its start included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = [str(word) for word in command]
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment = {**own, "PYTHONPYCACHEPREFIX": cache}
    subprocess.run(words, check=False, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def beyond(cache: str, start: Sequence[object], command: Sequence[object]) -> tuple[float, float]:
    """Medians of the start, and of what the command took more than the start just before it."""
    starts, rests = [], []
    for _ in range(TIMES):
        starts.append(cpu_seconds(cache, start))
        rests.append(cpu_seconds(cache, command) - starts[-1])
    return statistics.median(starts), statistics.median(rests)


def with_header(path: Path, top: str) -> Path:
    """A copy whose first row names the columns."""
    with path.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.reader(handle))
    copy = Path(top, path.name)
    with copy.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerows([COLUMNS[: len(rows[0])], *rows])
    return copy


def main() -> None:
    given = [Path(word) for word in sys.argv[1:]]
    pair = given or [DAYS / f"autocontents-2019-07-{day}.csv" for day in (25, 26)]
    if not all(path.exists() for path in pair):
        print(f"skipped: no recorded days at {DAYS}; give two files: compare_small.py OLD NEW")
        return
    with tempfile.TemporaryDirectory() as top:
        files = [path.absolute() for path in pair] if given else [with_header(path, top) for path in pair]
        sizes = " and ".join(f"{path.stat().st_size:,}" for path in files)
        print(f"two files of {sizes} bytes; CPU seconds, median of {TIMES}")
        words = ("--home", top, "--json", "compare", *files)
        nothing = (sys.executable, "-c", NOTHING, *words)
        start, verb = beyond(top, nothing, (sys.executable, "launcher.py", *words))
        print(f"compare      {verb:.4f}  without the launcher's start of {start:.4f}")
        bare, plain = beyond(top, (sys.executable, "-c", ""), (sys.executable, "-c", DICTIONARY, *files))
        print(f"csv, dict    {plain:.4f}  without Python's start of {bare:.4f}; ratio {verb / plain:.2f}")
        python = peers("csv-diff", ["csv-diff==1.2"])
        _, peer = beyond(top, (python, "-c", ""), (python, "-c", CSV_DIFF, *files))
        print(f"csv-diff     {peer:.4f}  without Python's start; ratio {verb / peer:.2f} (at most 0.33)")
    sys.exit(verb > peer / 3)


if __name__ == "__main__":
    main()
