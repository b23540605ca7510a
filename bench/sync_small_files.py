"""A sync of 1,000 small new files against plain ``git add``, ``commit``, ``push`` of the same.

Run: ``python bench/sync_small_files.py [--rounds 9] [--files 1000] [--http]``. Both sides take turns in
one run; each round starts from fresh clones of a fresh remote. Prints the medians and their ratio.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(_ROOT))

from roforlmao.git.clone import clone  # noqa: E402
from roforlmao.git.sync import commit, prepare, publish  # noqa: E402
from tests.faults.gitservers import http_server  # noqa: E402 - the path is set above

LIMIT = 1.25
# Without the collection in the background that plain git begins after many files: it would go on
# while the next round runs.
GIT_CONFIGURATION = "[user]\n name = bench\n email = bench@example.org\n[gc]\n auto = 0\n"


def ours(place: Path) -> None:
    prepared = prepare(place)
    commit(prepared, "sync 2024-05-01\n", operator="bench")
    publish(place, "bench")


def plain(place: Path) -> None:
    for arguments in (
        ["add", "-A"],
        ["commit", "-q", "-m", "sync 2024-05-01"],
        ["push", "-q", "origin", "main"],
    ):
        subprocess.run(["git", *arguments], cwd=place, check=True, capture_output=True)


def timed(work: Callable[[Path], None], top: Path, base: str, files: int) -> float:
    """Seconds that the work takes on a fresh clone of a fresh remote."""
    remote = top / "served" / "r.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(remote)], check=True)
    place = top / "clone"
    clone(base + "/r.git", place, local=True)
    for number in range(files):
        directory = place / f"{number % 20:02}"
        directory.mkdir(exist_ok=True)
        (directory / f"{number}.csv").write_text(f"name,value\nrow,{number}\n" * 5)
    started = time.perf_counter()
    work(place)
    took = time.perf_counter() - started
    shutil.rmtree(place)
    shutil.rmtree(remote)
    return took


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--http", action="store_true", help="a smart-http remote instead of one on disk")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        (top / "served").mkdir()
        os.environ |= {"HOME": name, "GIT_CONFIG_NOSYSTEM": "1"}
        (top / ".gitconfig").write_text(GIT_CONFIGURATION)
        server = http_server(top / "served") if chosen.http else nullcontext(str(top / "served"))
        with server as base:
            took: dict[Callable[[Path], None], list[float]] = {ours: [], plain: []}
            for number in range(chosen.rounds + 1):
                for work in (ours, plain) if number % 2 else (plain, ours):
                    seconds = timed(work, top, base, chosen.files)
                    if number:  # the first round warms the caches
                        took[work].append(seconds)
    median = {work.__name__: statistics.median(times) for work, times in took.items()}
    ratio = median["ours"] / median["plain"]
    where = "smart http" if chosen.http else "disk"
    print(
        f"sync of {chosen.files} files to {where}: ours {median['ours']:.3f} s, "
        f"plain git {median['plain']:.3f} s, ratio {ratio:.2f} (at most {LIMIT}), median of {chosen.rounds}"
    )
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
