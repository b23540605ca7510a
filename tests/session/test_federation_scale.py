"""A federation of 20,000 announcements: read once, in pages, and quick from then on.

bench/federation_scale.py measures 100,000 of them against the project's demands.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from roforlmao.registry.etcd import EtcdRegistry
from tests.contract.etcdcluster import config, running
from tests.contract.manyentries import Federation
from tests.session.world import Operator, World

LARGE = Federation(hubs=4, days=500, operators=10, tools=500, members=100)
GROWTH_KB = 50_000
FIRST_S, LATER_S = 5.0, 1.0  # those of 100,000 on an idle machine; two workers share this one


@pytest.fixture(scope="module")
def endpoints(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Three members with the large federation in them."""
    with running(tmp_path_factory.mktemp("etcd")) as cluster:
        registry = EtcdRegistry(config(*cluster.endpoints))
        with registry.session(600) as session:
            LARGE.populate(registry, session.lease)
            yield list(cluster.endpoints)
        registry.close()


Home = Callable[..., Operator]


@pytest.fixture
def home(world: World, endpoints: list[str]) -> Home:
    def make(name: str, namespace: str = "/mao/") -> Operator:
        operator = world.operator(name)
        (operator.home / "config.yaml").write_text(
            f"operator: {name}\n"
            f"registry: {{backend: etcd, namespace: {namespace}, etcd: {{endpoints: {endpoints}}}}}\n"
        )
        return operator

    return make


def timed(call: Callable[[], object]) -> float:
    began = time.monotonic()
    call()
    return time.monotonic() - began


def quickest(operator: Operator, words: Sequence[str]) -> float:
    """Of three times, the shortest: other tests run beside this one."""
    return min(timed(lambda: operator.done(*words)) for _ in range(3))


def peak_kb(operator: Operator, *words: str) -> int:
    """The most memory that a verb takes, as a process of its own."""
    process = subprocess.Popen(operator.command(*words), stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return int(used.ru_maxrss)


def test_what_a_federation_shows_is_quick_after_its_first_load(home: Home) -> None:
    ann = home("ann")
    assert timed(lambda: ann.done("hub", "list")) < FIRST_S
    for words in (
        ("hub", "list"),
        ("hub", "dates", "hub1"),
        ("hub", "operators", "hub1", LARGE.newest),
        ("hub", "calendar", "hub1", "--month", LARGE.newest[:7]),
        ("member", "list"),
        ("tool", "get"),
    ):
        ann.done(*words)  # what this page alone needs is read once, too
        assert quickest(ann, words) < LATER_S, words


def test_nothing_of_it_is_missing(home: Home) -> None:
    ann = home("ann")
    assert ann.done("hub", "list") == [f"hub{number}" for number in range(LARGE.hubs)]
    assert len(ann.done("hub", "dates", "hub2")) == LARGE.days
    assert len(ann.done("hub", "operators", "hub2", LARGE.newest)) == LARGE.operators
    calendar = ann.done("hub", "calendar", "hub2")
    assert sum(len(day["operators"]) for day in calendar) == LARGE.days * LARGE.operators
    assert len(ann.done("tool", "get")) == LARGE.tools
    assert sum(one["state"] == "here" for one in ann.done("member", "list")) == LARGE.members


def test_the_first_load_is_kept_out_of_memory(home: Home) -> None:
    nothing = peak_kb(home("bob", "/none/"), "hub", "list")
    assert peak_kb(home("ann"), "hub", "list") - nothing < GROWTH_KB
