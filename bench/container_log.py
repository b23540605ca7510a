"""A container that prints 1 GB, through our runner and through ``docker run`` with its output to a file.

Run: ``python bench/container_log.py [--bytes 1000000000] [--width 100]`` as root, with dockerd installed:
it starts an engine of its own. Same log driver on both sides. Lines are counted; the launcher's peak
memory is that of a process of its own (VmHWM). Prints both times and their ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(_ROOT))

from bench.container_noop import docker_run  # noqa: E402 - the path is set above
from tests.faults.containertools import bench  # noqa: E402
from tests.faults.engines import running  # noqa: E402

LIMIT = 1.5
MEMORY_KB = 150_000
OURS = """
import json, sys, time
from pathlib import Path
from roforlmao.paths import Places
from roforlmao.tools import records
from tests.faults.containertools import Bench, Watching
from tests.faults.engines import Daemon
top = Path(sys.argv[1])
place = Bench(Daemon(Path(sys.argv[2]), ""), Places(top / "state", top / "imports", top / "work"), "")
tool = records.get_installed("plain", place.places)
class Silent(Watching):
    def log(self, line):
        pass
started = time.perf_counter()
done = place.shell(tool, sys.argv[3], progress=Silent(), timeout=600.0)
took = time.perf_counter() - started
peak = next(int(line.split()[1]) for line in Path("/proc/self/status").open() if line.startswith("VmHWM"))
print(json.dumps([done.state, took, peak]))
"""


def lines_in(paths: list[Path]) -> int:
    count = 0
    for path in paths:
        with path.open("rb") as handle:
            while piece := handle.read(1 << 20):
                count += piece.count(b"\n")
    return count


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bytes", type=int, default=1_000_000_000)
    parser.add_argument("--width", type=int, default=100, help="bytes of a line")
    chosen = parser.parse_args()
    script = f"yes {'x' * (chosen.width - 1)} | head -c {chosen.bytes}"
    with tempfile.TemporaryDirectory() as name, running() as daemon:
        os.environ |= {"HOME": name, "GIT_CONFIG_NOSYSTEM": "1"}
        (Path(name) / ".gitconfig").write_text("[user]\n name = bench\n email = bench@example.org\n")
        place = bench(daemon, Path(name))
        daemon.import_image("plain:1")
        tool = place.install("plain", "plain:1")
        words = [sys.executable, "-c", OURS, name, str(daemon.place), script]
        done = subprocess.run(words, cwd=_ROOT, capture_output=True, text=True, check=True)
        state, ours, peak_kb = json.loads(done.stdout)
        lines = lines_in(list(place.places.logs.glob("*")))
        started = time.perf_counter()
        with (Path(name) / "out").open("wb") as out:
            subprocess.run(docker_run(place, tool, "sh", "-c", script), stdout=out, check=True)
        peer = time.perf_counter() - started
        expected = lines_in([Path(name) / "out"])
    ratio = ours / peer
    whole = state == "succeeded" and lines == expected == chosen.bytes // chosen.width
    print(
        f"{chosen.bytes:,} bytes in lines of {chosen.width}: ours {ours:.1f} s, docker run {peer:.1f} s, "
        f"ratio {ratio:.2f} (at most {LIMIT}); {lines:,} of {expected:,} lines; peak {peak_kb / 1000:.0f} MB "
        f"(at most {MEMORY_KB / 1000:.0f})"
    )
    return 0 if ratio <= LIMIT and whole and peak_kb < MEMORY_KB else 1


if __name__ == "__main__":
    sys.exit(main())
