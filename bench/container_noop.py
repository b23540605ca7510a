"""A run that does nothing through our runner, against ``docker run --rm`` with the same mounts and limits.

Run: ``python bench/container_noop.py [--rounds 15]`` as root, with dockerd installed: it starts an
engine of its own. Both sides take turns. Ours is a run inside a launcher that is up already, as jobs and
menus do it: connect, create, attach, start, wait, look, take over, remove. Prints the medians and their
ratio.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(_ROOT))

from roforlmao.tools.records import Installed  # noqa: E402 - the path is set above
from tests.faults.containertools import LIMITS, Bench, bench  # noqa: E402
from tests.faults.engines import running  # noqa: E402

LIMIT = 1.25


def docker_run(place: Bench, tool: Installed, *words: str) -> list[str]:
    """The words of ``docker run`` that ask for what our runner asks for."""
    data = f"type=bind,source={tool.data_path},target=/usr/src/app/data"
    mask = "type=tmpfs,target=/usr/src/app/data/.git,readonly,tmpfs-size=4096,tmpfs-mode=0555"
    hardened = ["--cap-drop=ALL", "--security-opt=no-new-privileges", "--read-only", "--init"]
    limits = [f"--memory={LIMITS.memory}", f"--memory-swap={LIMITS.memory}", f"--cpus={LIMITS.cpus}"]
    logs = ["--log-driver=local", "--log-opt=max-size=100m", "--log-opt=max-file=2"]
    rest = [f"--pids-limit={LIMITS.pids}", "--network=none", f"--user={os.getuid()}:{os.getgid()}"]
    tmp = f"--tmpfs=/tmp:rw,exec,nosuid,nodev,mode=1777,size={LIMITS.memory}"
    mounts = [f"--mount={data}", f"--mount={mask}", tmp, "--env=HOME=/tmp"]
    start = ["docker", "--host", place.daemon.host, "run", "--rm"]
    return [*start, *hardened, *limits, *logs, *rest, *mounts, tool.pinned, *words]


def seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name, running() as daemon:
        os.environ |= {"HOME": name, "GIT_CONFIG_NOSYSTEM": "1"}
        (Path(name) / ".gitconfig").write_text("[user]\n name = bench\n email = bench@example.org\n")
        place = bench(daemon, Path(name))
        daemon.import_image("plain:1")
        tool = place.install("plain", "plain:1")

        def ours() -> None:
            assert place.run(tool, "true").state == "succeeded"

        def peer() -> None:
            subprocess.run(docker_run(place, tool, "true"), check=True)

        took: dict[Callable[[], None], list[float]] = {ours: [], peer: []}
        for number in range(rounds + 1):
            for work in (ours, peer) if number % 2 else (peer, ours):
                once = seconds(work)
                if number:  # the first round warms the caches
                    took[work].append(once)
    median = {work.__name__: statistics.median(times) for work, times in took.items()}
    ratio = median["ours"] / median["peer"]
    print(
        f"no-op container: ours {median['ours']:.3f} s, docker run --rm {median['peer']:.3f} s, "
        f"ratio {ratio:.2f} (at most {LIMIT}), median of {rounds}"
    )
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
