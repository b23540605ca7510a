"""What an open watch and a member's lease cost while nothing happens, beside python-etcd3's own.

    .venv/bin/python bench/registry_watch.py [MINUTES]

Three etcd members on loopback, on which nobody works. Each of these runs in a process of its own for
so many minutes (60 by default): our attendance (watch over the namespace, lease of 30 s, heartbeat) on the
cluster and on a registry file; python-etcd3 0.12.0 with the rebuilt messages, which watches by its
``add_watch_prefix_callback`` and refreshes a lease as often; and the whole launcher, open at its menu. CPU
time counts from the tenth second on.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

import psutil

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # runs from any directory, without being installed

from tests.contract.etcdcluster import running  # noqa: E402  (after the path is set)
from tests.screens.terminal import Terminal  # noqa: E402  (as above)
from tests.session.world import clean_environment  # noqa: E402  (as above)

DEMAND: Final = 0.002  # of a core
SETTLING_S: Final = 10.0
TTL_S: Final = 30
LAUNCHER: Final = "the whole launcher at its menu"


def attend(home: str) -> None:
    """Our part: what every open launcher does, and nothing else of it."""
    from roforlmao.app import App
    from roforlmao.attending import attendance_of
    from roforlmao.paths import Home

    app = App(Home.locate(None, home, {}), {})
    attendance_of(app, lambda: None).start()
    threading.Event().wait()


def peer(endpoint: str) -> None:
    """The same with the library's own means: no failover, nothing is resumed."""
    from roforlmao.registry.etcd_stubs import load

    getattr(load().grpc, "_common").MAXIMUM_WAIT_TIMEOUT = 0.1  # noqa: B009 (gRPC's own, as it is without us)
    import etcd3

    host, _, port = endpoint.rpartition(":")
    client = etcd3.client(host, int(port))
    client.add_watch_prefix_callback("/mao/", lambda _: None)
    lease = client.lease(TTL_S)
    client.put("/mao/members/peer", "there", lease=lease)
    while True:
        time.sleep(TTL_S / 3)
        lease.refresh()


def home(place: Path, name: str, registry: str) -> Path:
    path = place / name
    path.mkdir()
    (path / "config.yaml").write_text(f"operator: {name}\nregistry: {{{registry}}}\n")
    return path


@contextmanager
def process(*words: str) -> Iterator[int]:
    child = subprocess.Popen([sys.executable, __file__, *words], env=clean_environment())
    try:
        yield child.pid
    finally:
        child.kill()
        child.wait(10)


@contextmanager
def menus(path: Path) -> Iterator[int]:
    """The launcher on a pseudo-terminal, whose output a thread of ours reads away."""
    command = [sys.executable, str(ROOT / "launcher.py"), "--home", str(path)]
    with Terminal(command, env=clean_environment(), cwd=ROOT) as terminal:
        terminal.wait_for("Quit")
        reader = threading.Thread(target=read_away, args=(terminal.descriptor,), daemon=True)
        reader.start()
        yield terminal.pid


def read_away(descriptor: int) -> None:
    with suppress(OSError):
        while os.read(descriptor, 65536):
            pass


def measured(pids: dict[str, int], seconds: float) -> dict[str, float]:
    """The share of a core that each took."""
    time.sleep(SETTLING_S)
    processes = {name: psutil.Process(pid) for name, pid in pids.items()}
    before, began = {name: used_s(one) for name, one in processes.items()}, time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    return {name: (used_s(one) - before[name]) / took for name, one in processes.items()}


def used_s(process: psutil.Process) -> float:
    """The CPU time that it took so far."""
    return float(sum(process.cpu_times()[:2]))


def main(minutes: float) -> int:
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (place / "etcd").mkdir()
        cluster = stack.enter_context(running(place / "etcd"))
        etcd = f"backend: etcd, etcd: {{endpoints: {json.dumps(cluster.endpoints)}}}"
        file = f"sqlite: {{path: {place / 'registry.sqlite'}}}"
        pids = {
            "ours, etcd": stack.enter_context(process("--attend", str(home(place, "ours", etcd)))),
            "ours, registry file": stack.enter_context(process("--attend", str(home(place, "file", file)))),
            "python-etcd3": stack.enter_context(process("--peer", cluster.endpoints[0])),
            LAUNCHER: stack.enter_context(menus(home(place, "whole", etcd))),
        }
        shares = measured(pids, minutes * 60)
    for name, share in shares.items():
        demanded = name.startswith("ours")
        verdict = f"   demand {DEMAND:.1%}: {'kept' if share < DEMAND else 'NOT KEPT'}" if demanded else ""
        print(f"{name:32} {share:7.3%} of a core{verdict}")
    ratio = shares["ours, etcd"] / max(shares["python-etcd3"], 1e-9)
    print(f"{minutes:g} idle minutes; ours on etcd to python-etcd3: {ratio:.2f}")
    return 0 if all(share < DEMAND for name, share in shares.items() if name.startswith("ours")) else 1


if __name__ == "__main__":
    match sys.argv[1:2]:
        case ["--attend"]:
            attend(sys.argv[2])
        case ["--peer"]:
            peer(sys.argv[2])
        case found:
            sys.exit(main(float(found[0]) if found else 60.0))
