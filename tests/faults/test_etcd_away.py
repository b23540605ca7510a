"""A launcher whose registry is away: what was last known, at once, with its age; nothing is written on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from roforlmao.errors import AlreadyExists, Denied, NotFound, Unavailable
from roforlmao.models import Announcement, Tool
from roforlmao.registry.base import Health
from roforlmao.registry.cache_file import CacheFile
from roforlmao.registry.catalog import Catalog
from roforlmao.registry.etcd import EtcdRegistry
from roforlmao.registry.etcd_read import Page
from roforlmao.registry.recall import recalling
from roforlmao.registry.remembered import Remembered
from tests.contract.etcdcluster import Cluster, config, running, wait_for

DEADLINE_S = 5.5
AT_ONCE_S = 1.0
TOOL = Tool("sar", code_repo="https://example.org/sar.git")
ENTRY = Announcement("hub", "2026-11-20", "ann", "https://example.org/data.git", "a" * 40, 5)


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running(tmp_path_factory.mktemp("etcd")) as cluster:
        yield cluster


@pytest.fixture
def cluster(members: Cluster) -> Iterator[Cluster]:
    """Three members that are well, and empty; what a test breaks is mended after it."""
    members.wipe()
    yield members
    members.heal()


class Launcher:
    """What one launcher opens; ``restart`` does so anew, on the same files."""

    def __init__(self, cluster: Cluster, home: Path, operator: str) -> None:
        self._cluster, self._home, self._operator = cluster, home, operator
        self.restart()

    def restart(self) -> None:
        self.registry = EtcdRegistry(config(*self._cluster.endpoints))
        file = CacheFile(self._home / "cache.sqlite", self._cluster.endpoints)
        self.memory = Remembered(self.registry, file, ("/mao/tools/", "/mao/hubs/"))
        self.catalog = Catalog(self.memory, "/mao/", self._operator, allow_local=False)


@pytest.fixture
def ann(cluster: Cluster, tmp_path: Path) -> Iterator[Launcher]:
    """Has registered a tool, announced a day, and looked at both."""
    ann = Launcher(cluster, tmp_path, "ann")
    ann.catalog.add_tool(TOOL)
    ann.catalog.announce(ENTRY)
    ann.memory.learn()
    yield ann
    ann.registry.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives the registry up after a second, where the time that it takes is not what is tested."""
    for module in ("etcd_call", "etcd_write"):
        monkeypatch.setattr(f"roforlmao.registry.{module}.DEADLINE_S", 1.0)


def kill_all(cluster: Cluster) -> None:
    for server in cluster.servers:
        server.kill()


def hang_all(cluster: Cluster) -> None:
    for server in cluster.servers:
        server.pause()


def lose_quorum(cluster: Cluster) -> None:
    for server in cluster.servers[1:]:
        server.kill()


def timed(call: Callable[[], object]) -> float:
    began = time.monotonic()
    call()
    return time.monotonic() - began


@pytest.mark.parametrize("away", [kill_all, hang_all, lose_quorum])
def test_what_was_known_is_shown_and_waited_for_once(
    cluster: Cluster, ann: Launcher, away: Callable[[Cluster], None]
) -> None:
    known = time.time()
    away(cluster)
    ann.restart()
    with recalling() as recall:
        assert timed(ann.catalog.tools) < DEADLINE_S
        began = time.monotonic()
        assert [tool.name for tool in ann.catalog.tools().good] == ["sar"]
        assert ann.catalog.tool("sar").code_repo == TOOL.code_repo
        assert ann.catalog.hubs() == ["hub"]
        assert ann.catalog.dates("hub") == ["2026-11-20"]
        assert ann.catalog.announcements("hub").good == (ENTRY,)
        with pytest.raises(NotFound, match="'nothing'"):
            ann.catalog.tool("nothing")
        with pytest.raises(Unavailable):
            ann.catalog.datasets()  # never looked at
        assert time.monotonic() - began < AT_ONCE_S
    assert recall.known_at == pytest.approx(known, abs=10)


@pytest.mark.usefixtures("impatient")
def test_only_what_is_shown_to_a_person_is_answered_from_memory(cluster: Cluster, ann: Launcher) -> None:
    kill_all(cluster)
    with pytest.raises(Unavailable):
        ann.catalog.tools()
    with recalling():
        assert ann.catalog.tools().good
    with pytest.raises(Unavailable):
        ann.catalog.tool("sar")


def test_nothing_is_remembered_where_the_registry_answers(ann: Launcher) -> None:
    with recalling() as recall:
        assert ann.catalog.tools().good
        assert ann.catalog.announcements("hub").good
    assert recall.known_at is None


@pytest.mark.usefixtures("impatient")
def test_the_first_answer_after_it_is_back_is_that_of_now(
    cluster: Cluster, ann: Launcher, tmp_path: Path
) -> None:
    hang_all(cluster)
    with recalling():
        assert ann.catalog.hubs() == ["hub"]
    assert not ann.memory.health().ok
    cluster.heal()
    ben = Launcher(cluster, tmp_path / "ben", "ben")
    ben.catalog.announce(Announcement("new", "2026-11-21", "ben", "https://example.org/ben.git"))
    assert wait_for(lambda: ann.memory.health().ok)
    with recalling() as recall:
        assert ann.catalog.hubs() == ["hub", "new"]
    assert recall.known_at is None
    ben.registry.close()


@pytest.mark.usefixtures("impatient")
def test_health_says_when_what_is_known_was_read(cluster: Cluster, ann: Launcher) -> None:
    known = time.time()
    assert ann.memory.health().known_at is None
    kill_all(cluster)
    health = ann.memory.health()
    assert (health.ok, health.away) == (False, True)
    assert health.known_at == pytest.approx(known, abs=10)
    with recalling():  # found away by that look: nobody waits again
        assert timed(ann.catalog.hubs) < AT_ONCE_S


def test_a_registry_that_refuses_is_not_away(ann: Launcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ann.registry, "health", lambda: Health(False, "Wrong password."))
    assert ann.memory.health().known_at is None
    with recalling() as recall:
        assert ann.catalog.hubs() == ["hub"]
    assert recall.known_at is None


@pytest.mark.usefixtures("impatient")
def test_whoever_reads_beside_others_waits_no_longer_than_they_do(cluster: Cluster, ann: Launcher) -> None:
    """A listener waits for the hanging cluster already when an operator opens a page."""
    hang_all(cluster)
    with ThreadPoolExecutor(2) as pool:
        listener = pool.submit(ann.catalog.hubs)
        assert wait_for(lambda: any(lock.locked() for lock in ann.memory._reading.values()))

        def page() -> tuple[float, list[str]]:
            began = time.monotonic()
            with recalling():
                found = ann.catalog.hubs()
            return time.monotonic() - began, found

        waited, found = pool.submit(page).result()
        assert isinstance(listener.exception(), Unavailable)
    assert found == ["hub"]
    assert waited < 1.8  # a second is the most that one of them may take


@pytest.mark.usefixtures("impatient")
def test_no_write_is_based_on_what_was_known(cluster: Cluster, ann: Launcher, tmp_path: Path) -> None:
    """The registry is back, with a peer's entries in it, and nobody has noticed yet."""
    hang_all(cluster)
    with recalling():
        assert ann.catalog.hubs() == ["hub"]
    cluster.heal()
    ben = Launcher(cluster, tmp_path / "ben", "ben")
    ben.catalog.add_tool(Tool("new", code_repo="https://example.org/ben.git"))
    ben.catalog.remove_tool("sar")
    with recalling() as recall:
        assert [tool.name for tool in ann.catalog.tools().good] == ["sar"]  # not noticed
        with pytest.raises(AlreadyExists):
            ann.catalog.add_tool(Tool("new", code_repo="https://example.org/ann.git"))
        with pytest.raises(NotFound):
            ann.catalog.remove_tool("sar")
    assert recall.known_at is not None
    assert ben.catalog.tool("new").registered_by == "ben"
    ben.registry.close()


@pytest.mark.usefixtures("impatient")
def test_a_write_while_it_is_away_is_refused(cluster: Cluster, ann: Launcher) -> None:
    kill_all(cluster)
    with recalling():
        assert ann.catalog.tools().good
        for write in (
            lambda: ann.catalog.add_tool(TOOL, replace=True),
            lambda: ann.catalog.remove_tool("sar"),
            lambda: ann.catalog.announce(ENTRY),
            lambda: ann.catalog.retract("hub", "2026-11-20", "ann", None),
        ):
            with pytest.raises(Unavailable):
                write()


def test_what_may_not_be_read_keeps_nobody_from_learning_the_rest(
    ann: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a role that covers a part of the namespace."""
    pages = ann.registry.pages
    ann.catalog.announce(Announcement("new", "2026-11-21", "ann", "https://example.org/data.git"))

    def of_a_role(prefix: str, *wanted: Any) -> Iterator[Page]:
        if prefix == "/mao/tools/":
            raise Denied("The cluster does not allow you that.")
        return pages(prefix, *wanted)

    monkeypatch.setattr(ann.registry, "pages", of_a_role)
    ann.memory.learn()
    ann.registry.close()
    with recalling():
        assert ann.catalog.hubs() == ["hub", "new"]


def test_without_room_for_it_the_registry_is_read_all_the_same(cluster: Cluster, small_disk: Path) -> None:
    registry = EtcdRegistry(config(*cluster.endpoints))
    for number in range(30):
        registry.put(f"/mao/tools/t{number}", b'{"code_repo": "https://example.org/t.git"}' + b" " * 900_000)
    full = Remembered(registry, CacheFile(small_disk / "cache.sqlite", cluster.endpoints))
    for _ in range(2):
        assert full.list("/mao/tools/").records == registry.list("/mao/tools/").records
    assert full.list("/mao/data/").records == ()
    registry.close()
