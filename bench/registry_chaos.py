"""Chaos over three etcd members: kill -9, SIGSTOP and SIGTERM of one after the other, under load.

Four writers (two bare, two by compare-and-swap), two watches and a lease of ours, as in
``tests/faults/chaos.py``; beside them python-etcd3 0.12.0 as its documentation uses it (one
connection, here with a timeout of 5 s, on our rebuilt messages) writes to the same cluster. Ends
with status 1 where a demand is missed.

    .venv/bin/python bench/registry_chaos.py [--minutes N] [--seed N]
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # runs from any directory, without being installed

from roforlmao.registry.etcd_stubs import load  # noqa: E402  (after the path is set)
from tests.contract.etcdcluster import Cluster, running  # noqa: E402  (as above)
from tests.faults import chaos  # noqa: E402  (as above)
from tests.faults.chaosload import Worker  # noqa: E402  (as above)

SLOWEST_S: Final = 5.0
PACE_S: Final = 0.03


class Peer(Worker):
    """python-etcd3, which writes as one of our bare writers does."""

    def __init__(self, endpoint: str) -> None:
        super().__init__("etcd3")
        self.written = self.failed = 0
        self.slowest_s = 0.0
        load()  # the rebuilt messages, before the client is imported
        import etcd3

        host, _, port = endpoint.rpartition(":")
        self._client: Any = etcd3.client(host, int(port), timeout=5)

    def work(self) -> None:
        number = 0
        while not self.stopped.wait(PACE_S):
            number += 1
            begun = time.monotonic()
            try:
                self._client.put(f"/peer/{number % 20}", f"{number} {'x' * 160}")
                self.written += 1
            except Exception:  # noqa: BLE001 (whatever it raises, it did not acknowledge)
                self.failed += 1
            self.slowest_s = max(self.slowest_s, time.monotonic() - begun)


def measure(cluster: Cluster, seconds: float, seed: int) -> tuple[chaos.Outcome, Peer]:
    peer = Peer(cluster.endpoints[0])
    peer.start()
    try:
        return chaos.run(cluster, seconds, seed, PACE_S), peer
    finally:
        peer.stop()


def show(outcome: chaos.Outcome, peer: Peer) -> None:
    faults = ", ".join(f"{count} {name}" for name, count in sorted(outcome.faults.items()))
    print(f"{sum(outcome.faults.values())} faults: {faults}; {outcome.leaders} times the leader")
    print(
        f"ours   acknowledged {outcome.acknowledged:,}, unknown {outcome.unknown}, lost {len(outcome.lost)}, "
        f"twice {len(outcome.twice)}, slowest call {outcome.slowest_s:.2f} s"
    )
    print(
        f"       told by each watch {outcome.told:,}, gaps {len(outcome.gaps)}, "
        f"longest silence {outcome.longest_silence_s:.2f} s; lease kept: {not outcome.lease}"
    )
    for text, count in outcome.said.most_common(5):
        print(f"       {count} times: {text}")
    print(
        f"etcd3  acknowledged {peer.written:,}, failed {peer.failed:,}, slowest call {peer.slowest_s:.2f} s"
    )


def main(minutes: float, seed: int) -> int:
    with (
        tempfile.TemporaryDirectory(dir=ROOT / "bench", prefix=".chaos-") as place,
        running(Path(place)) as cluster,
    ):
        print(f"three members on loopback, {minutes:g} minutes of chaos, seed {seed}", flush=True)
        outcome, peer = measure(cluster, minutes * 60, seed)
    show(outcome, peer)
    broken = [*outcome.broken]
    broken += [f"a call took {outcome.slowest_s:.2f} s"] if outcome.slowest_s >= SLOWEST_S else []
    for each in broken[:20]:
        print(f"NOT KEPT: {each}")
    kept = "NOT KEPT" if broken else "kept"
    print(f"demand: 0 lost, none twice, no gap, slowest call under {SLOWEST_S:.0f} s: {kept}")
    return 1 if broken else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    options = parser.parse_args()
    sys.exit(main(options.minutes, options.seed))
