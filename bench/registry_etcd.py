"""What our layer costs over a cluster: ours against the bare python-etcd3, in the same run.

For put and get the peer is ``etcd3.client`` 0.12.0 as its documentation uses it (one connection, no
deadline, no guard, no failover), and already made fast: on the same current protobuf as ours, with
the messages of ``roforlmao/registry/etcd_stubs.py``. For the 10,000-key prefix it is the stock one,
which imports with the pure-Python protobuf only; the fast one is shown, too. Rounds of all
alternate; the median of each counts.

    .venv/bin/python bench/registry_etcd.py [ROUNDS]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # runs from any directory, without being installed

from roforlmao.registry.etcd import EtcdRegistry  # noqa: E402  (after the path is set)
from roforlmao.registry.etcd_stubs import load  # noqa: E402  (as above)
from tests.contract.etcdcluster import config, running  # noqa: E402  (as above)

VALUE: Final = b"x" * 200
CALLS: Final = 400
KEYS: Final = 10_000
PREFIX: Final = "10,000-key prefix"
DEMANDS: Final = {"put": 0.8, "get": 0.8, PREFIX: 2.0}

Load = Callable[[str], int]
"""Does its work below a prefix and says how many times."""


def ours(registry: EtcdRegistry) -> dict[str, Load]:
    def put(prefix: str) -> int:
        for number in range(CALLS):
            registry.put(f"{prefix}{number}", VALUE)
        return CALLS

    def get(prefix: str) -> int:
        for number in range(CALLS):
            assert registry.get(f"{prefix}{number}")
        return CALLS

    def prefix_of_many(_: str) -> int:
        assert len(registry.list("/many/").records) == KEYS
        return 1

    return dict(zip(DEMANDS, (put, get, prefix_of_many), strict=True))


def bare(client: Any) -> dict[str, Load]:
    def put(prefix: str) -> int:
        for number in range(CALLS):
            client.put(f"{prefix}{number}", VALUE)
        return CALLS

    def get(prefix: str) -> int:
        for number in range(CALLS):
            assert client.get(f"{prefix}{number}")[0]
        return CALLS

    def prefix_of_many(_: str) -> int:
        assert len(list(client.get_prefix("/many/"))) == KEYS
        return 1

    return dict(zip(DEMANDS, (put, get, prefix_of_many), strict=True))


def rate(load_: Load, prefix: str) -> float:
    """How often a second."""
    began = time.perf_counter()
    return load_(prefix) / (time.perf_counter() - began)


def rated(load_: Load, place: str) -> Callable[[int], float]:
    """The rate in a turn: every other one writes new keys, the next ones write them again."""
    return lambda turn: rate(load_, f"{place}/{turn // 2}/")


class Stock:
    """The stock client in a process of its own: the switch for protobuf counts once in each."""

    def __init__(self, endpoint: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--stock", endpoint],
            env={**os.environ, "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def rate(self) -> float:
        """How often a second it reads the prefix."""
        assert self._process.stdin
        assert self._process.stdout
        print(file=self._process.stdin, flush=True)
        return float(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


def stock(endpoint: str) -> None:
    """Reads the prefix once for each line of standard input."""
    import etcd3

    host, _, port = endpoint.rpartition(":")
    loads = bare(etcd3.client(host, int(port)))
    for _ in sys.stdin:
        print(rate(loads[PREFIX], ""), flush=True)


def measure(endpoint: str, rounds: int) -> bool:
    peer = Stock(endpoint)
    load()  # the rebuilt messages, before the client of this process is imported
    import etcd3

    host, _, port = endpoint.rpartition(":")
    registry, client = EtcdRegistry(config(endpoint)), etcd3.client(host, int(port))
    for number in range(KEYS):
        client.put(f"/many/{number:05}", VALUE)
    mine, fast = ours(registry), bare(client)
    good = True
    for name in ("put", "get"):
        good &= compare(name, rounds, rated(mine[name], "/ours"), rated(fast[name], "/etcd3"))
    good &= compare(PREFIX, rounds, rated(mine[PREFIX], ""), lambda _: peer.rate())
    compare(f"{PREFIX} *", rounds, rated(mine[PREFIX], ""), rated(fast[PREFIX], ""))
    print("* with the rebuilt messages, which python-etcd3 itself does not have")
    peer.close()
    registry.close()
    client.close()
    return good


def compare(name: str, rounds: int, one: Callable[[int], float], other: Callable[[int], float]) -> bool:
    """Prints both rates and says whether the demand is kept."""
    found = [(one(turn), other(turn)) for turn in range(rounds)]
    mine, peer = (statistics.median(each) for each in zip(*found, strict=True))
    kept = name not in DEMANDS or mine / peer >= DEMANDS[name]
    demand = f"   demand {DEMANDS[name]:.1f}: {'kept' if kept else 'NOT KEPT'}" if name in DEMANDS else ""
    print(f"{name:20} ours {mine:7.1f}/s   etcd3 {peer:7.1f}/s   ratio {mine / peer:5.2f}{demand}")
    return kept


def main(rounds: int) -> int:
    with (
        tempfile.TemporaryDirectory(dir=ROOT / "bench", prefix=".etcd-") as place,
        running(Path(place)) as cluster,
    ):
        print(f"three members on loopback, 200-byte values, median of {rounds} rounds each")
        return 0 if measure(cluster.leader_last()[0], rounds) else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--stock"]:
        stock(sys.argv[2])
    else:
        sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 9))
