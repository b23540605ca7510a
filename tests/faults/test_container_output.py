"""What a container prints: all of it in the log, whatever it is, in little memory."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from roforlmao.runs.logs import read_log
from roforlmao.tools.records import Installed
from tests.faults.containertools import Bench, bench
from tests.faults.engines import Daemon
from tests.faults.watching import Watching

MEMORY_LIMIT_KB = 150_000  # promised
MEASURED = """
import json, sys
from pathlib import Path
from roforlmao.paths import Places
from roforlmao.tools import records
from tests.faults.containertools import Bench
from tests.faults.watching import Watching
from tests.faults.engines import Daemon
class Counting(Watching):
    longest = 0
    def log(self, line):
        self.longest = max(self.longest, len(line))
top = Path(sys.argv[1])
bench = Bench(Daemon(Path(sys.argv[2]), ""), Places(top / "state", top / "imports", top / "work"), "")
progress = Counting()
done = bench.shell(records.get_installed("plain", bench.places), sys.argv[3], progress=progress)
peak = next(int(x.split()[1]) for x in Path("/proc/self/status").open() if x.startswith("VmHWM"))
size = sum(p.stat().st_size for p in bench.places.logs.glob("*"))
print(json.dumps([done.state, size, peak, progress.longest]))
"""


@pytest.fixture
def place(daemon: Daemon, tmp_path: Path, home: Path) -> Bench:
    return bench(daemon, tmp_path)


@pytest.fixture
def tool(place: Bench) -> Installed:
    place.daemon.import_image("plain:1")
    return place.install("plain", "plain:1")


@pytest.mark.parametrize(
    ("script", "size"),
    [("head -c 200000000 /dev/zero", 200_000_000), (f"yes {'x' * 99} | head -c 300000000", 300_000_000)],
    ids=["200 MB without a newline", "300 MB of lines"],
)
def test_the_launcher_stays_small_and_the_log_whole(
    place: Bench, tool: Installed, tmp_path: Path, script: str, size: int
) -> None:
    if shutil.disk_usage(tmp_path).free < 4 * size:
        pytest.skip("the disk has no room for the log of this test")
    words = [sys.executable, "-c", MEASURED, str(tmp_path), str(place.daemon.place), script]
    done = subprocess.run(words, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == 0, done.stderr
    for part in place.places.logs.glob("*"):
        part.unlink()
    state, logged, peak_kb, longest = json.loads(done.stdout)
    assert (state, logged) == ("succeeded", size)
    assert peak_kb < MEMORY_LIMIT_KB
    assert longest <= 8192


def test_escape_sequences_stay_in_the_log_and_reach_no_terminal(place: Bench, tool: Installed) -> None:
    progress = Watching()
    place.shell(tool, r"printf '\033]0;title\007\033[2Jplain\033[31m\n'", progress=progress)
    assert "\x1b]0;title" in place.log()
    newest = next(iter(place.places.logs.glob("*.log")))
    assert read_log(newest) == "plain\n"


def test_both_streams_come_whole_line_by_line(place: Bench, tool: Installed) -> None:
    """Each stream in its own order, no line of one broken by the other, characters whole."""
    script = """
        i=0
        while [ $i -lt 300 ]; do
            printf 'out %s ' $i; printf 'err %s ' $i >&2
            printf 'ä€𝄞 end\\n'; printf 'ä€𝄞 end\\n' >&2
            i=$((i+1))
        done
    """
    lines = place.shell(tool, script).tail and place.log().splitlines()
    assert sorted(lines) == sorted(f"{s} {i} ä€𝄞 end" for s in ("out", "err") for i in range(300))
    assert [line for line in lines if line.startswith("out")] == [f"out {i} ä€𝄞 end" for i in range(300)]


def test_the_last_line_needs_no_end(place: Bench, tool: Installed) -> None:
    progress = Watching()
    assert place.shell(tool, "printf 'no newline'", progress=progress).tail == "no newline"
    assert progress.lines == ["no newline"]


def test_a_program_that_closes_its_output_is_still_waited_for(place: Bench, tool: Installed) -> None:
    script = "exec >&- 2>&-; sleep 0.5; echo 5 > /usr/src/app/data/late.csv"
    assert place.shell(tool, script).state == "succeeded"
    assert tool.data_path is not None
    assert (tool.data_path / "late.csv").read_text() == "5\n"


def test_a_log_that_cannot_be_written_stops_it(place: Bench, tool: Installed) -> None:
    from tests.faults.containertools import mounted_small

    mounted_small(place.places.logs, "51m")
    try:
        done = place.shell(tool, f"yes {'x' * 500}")
    finally:
        subprocess.run(["umount", "--lazy", place.places.logs], check=True)
    assert done.state == "failed"
    assert done.reason.startswith("It was stopped because its log failed")
    assert place.left_over() == []
