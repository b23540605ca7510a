"""Much output, slow screens and full disks: bounded memory, a whole log, a reason."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from roforlmao.models import Execution
from roforlmao.progress import Progress
from roforlmao.tools.script import run
from roforlmao.tools.variables import minimal
from roforlmao.transcript.lines import SKIPPED
from roforlmao.transcript.transcript import TAIL_BYTES

GIGABYTE = 1_000_000_000
MEMORY_LIMIT_KB = 150_000  # promised
MEASURED = """
import json, sys
from pathlib import Path
from roforlmao.progress import Progress
from roforlmao.tools import script, variables
class Counting(Progress):
    longest = 0
    def log(self, line):
        self.longest = max(self.longest, len(line))
progress = Counting()
top = Path(sys.argv[1])
done = script.run(sys.argv[2:], cwd=top, env=variables.minimal(), log=top / "log", progress=progress)
# not ru_maxrss: that one is inherited from the process that started this one
peak = next(int(x.split()[1]) for x in Path("/proc/self/status").open() if x.startswith("VmHWM"))
print(json.dumps([done.state, sum(p.stat().st_size for p in top.glob("log*")), peak, progress.longest]))
"""


def shell(top: Path, text: str, progress: Progress, log: Path | None = None) -> Execution:
    return run(["sh", "-c", text], cwd=top, env=minimal(), log=log or top / "log", progress=progress)


@pytest.mark.parametrize(
    ("text", "size"),
    [(f"yes | head -c {GIGABYTE}", GIGABYTE), ("head -c 200000000 /dev/zero", 200_000_000)],
    ids=["1 GB of short lines", "one line of 200 MB"],
)
def test_the_launcher_stays_small_and_the_log_whole(tmp_path: Path, text: str, size: int) -> None:
    if shutil.disk_usage(tmp_path).free < 3 * size:
        pytest.skip("the disk has no room for the log of this test")
    words = [sys.executable, "-c", MEASURED, str(tmp_path), "sh", "-c", text]
    done = subprocess.run(words, capture_output=True, check=True, cwd=Path(__file__).parents[2], timeout=120)
    for part in tmp_path.glob("log*"):
        part.unlink()
    state, logged, peak_kb, longest = json.loads(done.stdout)
    assert (state, logged) == ("succeeded", size)
    assert peak_kb < MEMORY_LIMIT_KB
    assert longest <= 8192


def test_a_screen_that_stands_still_does_not_hold_the_tool(tmp_path: Path) -> None:
    released = threading.Event()
    lines: list[str] = []

    class Stuck(Progress):
        def log(self, line: str) -> None:
            released.wait(60)
            lines.append(line)

    size = 20_000_000
    worker = threading.Thread(target=shell, args=(tmp_path, f"yes | head -c {size}", Stuck()))
    worker.start()
    deadline = time.monotonic() + 30
    log = tmp_path / "log"
    while (not log.exists() or log.stat().st_size < size) and time.monotonic() < deadline:
        time.sleep(0.02)  # a file has no event
    written = log.stat().st_size
    released.set()
    worker.join(30)
    assert written == size
    assert SKIPPED in lines
    assert lines[-1] == "y"


def test_the_tail_is_the_end_and_bounded(tmp_path: Path) -> None:
    done = shell(tmp_path, "seq 1 100000; echo the end", Progress())
    assert done.tail.endswith("100000\nthe end\n")
    assert len(done.tail) == TAIL_BYTES


def test_a_full_disk_ends_the_tool_with_a_reason(tmp_path: Path) -> None:
    began = time.monotonic()
    done = shell(tmp_path, "yes", Progress(), Path("/dev/full"))
    assert done.state == "failed"
    assert done.reason == (
        "It was stopped because its log failed: Cannot write /dev/full: No space left on device."
    )
    assert time.monotonic() - began < 5


def test_a_small_file_system_that_fills_up_ends_the_tool(tmp_path: Path) -> None:
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], check=False)
    if os.geteuid() != 0 or mounted.returncode != 0:
        pytest.skip("only root can mount a small file system here")
    try:
        done = shell(tmp_path, "head -c 5000000 /dev/zero; sleep 300", Progress(), place / "log")
        size = (place / "log").stat().st_size
    finally:
        subprocess.run(["umount", place], check=True)
    assert done.state == "failed"
    assert "No space left" in done.reason
    assert 0 < size <= 1 << 20
