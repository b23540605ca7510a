"""What is remembered of a cluster is exactly what the cluster would list, whatever happened meanwhile."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roforlmao.registry.base import Position, Put, Record
from roforlmao.registry.cache_file import CacheFile
from roforlmao.registry.etcd import EtcdRegistry
from roforlmao.registry.etcd_read import EVERYTHING, Page, Wanted
from roforlmao.registry.etcd_stubs import load
from roforlmao.registry.remembered import Remembered
from tests.contract.etcdcluster import Cluster, EtcdStore, config, running
from tests.contract.stores import end, program

ROOMS = ("", "a/", "a/1/", "a/2/", "b/")
KEYS = ("a/1/x", "a/1/y", "a/2/x", "b/x", "b/y")


class Counting(EtcdRegistry):
    """Counts what it fetches."""

    fetched = 0

    def pages(self, prefix: str, wanted: Wanted = EVERYTHING, page: int = 5000) -> Iterator[Page]:
        for one in super().pages(prefix, wanted, page):
            self.fetched += len(one.found)
            yield one


@pytest.fixture(scope="module")
def registry(etcd_cluster: Cluster) -> Iterator[Counting]:
    etcd_cluster.wipe()
    with_endpoints = Counting(config(*etcd_cluster.endpoints))
    yield with_endpoints
    with_endpoints.close()


@pytest.fixture
def root() -> str:
    """A namespace of the test's own."""
    return f"/{uuid.uuid4().hex}/"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache.sqlite"


def launcher(registry: EtcdRegistry, path: Path) -> Remembered:
    return Remembered(registry, CacheFile(path, ("cluster:2379",)))


steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from(KEYS), st.binary(max_size=3)),
        st.tuples(st.just("delete"), st.sampled_from(KEYS), st.just(b"")),
        st.tuples(st.just("compact"), st.just(""), st.just(b"")),
        st.tuples(st.sampled_from(["ann looks", "ben looks"]), st.sampled_from(ROOMS), st.just(b"")),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_two_launchers_of_one_home_list_what_there_is(
    registry: Counting, etcd_cluster: Cluster, steps: list[tuple[str, str, bytes]]
) -> None:
    root = f"/{uuid.uuid4().hex}/"
    with tempfile.TemporaryDirectory() as place:
        looks = {f"{name} looks": launcher(registry, Path(place) / "c.sqlite") for name in ("ann", "ben")}
        for do, where, value in [*steps, ("ann looks", "", b"")]:
            if do == "put":
                registry.put(root + where, value)
            elif do == "delete":
                registry.delete(root + where)
            elif do == "compact":
                etcd_cluster.compact(registry.put("/elsewhere", b""))
            else:
                expected = registry.list(root + where).records
                assert looks[do].list(root + where).records == expected
                assert list(looks[do].keys(root + where)) == [record.key for record in expected]


def test_only_what_changed_is_fetched(registry: Counting, root: str, path: Path) -> None:
    for start in range(0, 1000, 100):
        registry.transaction((), [Put(f"{root}{number:04}", b"x") for number in range(start, start + 100)])
    registry.put(f"{root}0500", b"x")
    ann, ben = launcher(registry, path), launcher(registry, path)
    assert len(ann.list(root).records) == 1000
    registry.fetched = 0
    assert len(ben.list(root).records) == 1000
    assert registry.fetched == 0
    registry.put(f"{root}new", b"y")
    found = ben.list(root).records
    assert (len(found), found[-1].value) == (1001, b"y")
    assert registry.fetched == 2  # the new one, and the newest that was known
    assert ann.list(f"{root}00").records == registry.list(f"{root}00").records


def test_a_first_load_comes_in_pages_of_one_revision(
    registry: Counting, etcd_cluster: Cluster, root: str, path: Path
) -> None:
    for start in range(0, 6000, 120):
        registry.transaction((), [Put(f"{root}{number:04}", b"old") for number in range(start, start + 120)])

    class Disturbed(Counting):
        """Somebody writes and deletes between two pages."""

        def pages(self, prefix: str, wanted: Wanted = EVERYTHING, page: int = 5000) -> Iterator[Page]:
            for one in super().pages(prefix, wanted, page):
                yield one
                if one.found:
                    self.put(f"{root}5999", b"new")
                    self.delete(f"{root}0000")

    disturbed = Disturbed(config(*etcd_cluster.endpoints))
    try:
        found = launcher(disturbed, path).list(root)
    finally:
        disturbed.close()
    assert len(found.records) == 6000
    assert {record.value for record in found.records} == {b"old"}
    assert launcher(registry, path).list(root).records == registry.list(root).records


class Interrupted(Counting):
    """While the first page is on its way, ``meanwhile`` happens, once."""

    meanwhile: Callable[[], object] | None = None

    def pages(self, prefix: str, wanted: Wanted = EVERYTHING, page: int = 5000) -> Iterator[Page]:
        for one in super().pages(prefix, wanted, page):
            if self.meanwhile is not None and one.found:
                happens, self.meanwhile = self.meanwhile, None
                happens()
            yield one


@pytest.mark.parametrize(
    ("other", "again"),
    [("b/", False), ("a/1/", True), ("a/", True), ("", True)],
    ids=["beside it", "a part of it", "the same", "all"],
)
def test_a_load_begins_anew_only_where_another_launcher_took_over_the_same(
    etcd_cluster: Cluster, root: str, path: Path, other: str, again: bool
) -> None:
    """A first load over a slow line takes a minute, in which other pages are opened."""
    slow, quick = (Interrupted(config(*etcd_cluster.endpoints)) for _ in range(2))
    for key in KEYS:
        slow.put(root + key, b"1")

    def meanwhile() -> None:
        for key in KEYS:
            quick.put(root + key, b"2")
        quick.delete(root + KEYS[0])
        assert launcher(quick, path).list(root + other).records == quick.list(root + other).records

    slow.meanwhile = meanwhile
    found = launcher(slow, path).list(f"{root}a/").records
    assert {record.value for record in found} == ({b"2"} if again else {b"1"})
    for room in ROOMS:
        assert launcher(quick, path).list(root + room).records == quick.list(root + room).records
    slow.close()
    quick.close()


def test_keys_that_no_launcher_writes_disturb_nobody(
    registry: Counting, etcd_cluster: Cluster, root: str, path: Path
) -> None:
    ann = launcher(registry, path)
    registry.put(f"{root}a", b"1")
    with etcd_cluster.channel(etcd_cluster.servers[0]) as channel:
        api = load()
        for name in (b"\x1b[2J", b"\xfe"):
            api.services.KVStub(channel).Put(api.messages.PutRequest(key=root.encode() + name, value=b"?"))
            assert ann.list(root) == registry.list(root)
            assert ann.list(root) == registry.list(root)
    assert list(ann.keys(root)) == [f"{root}\x1b[2J", f"{root}a"]
    registry.put(f"{root}b", b"2")
    registry.fetched = 0
    assert list(ann.keys(root)) == [f"{root}\x1b[2J", f"{root}a", f"{root}b"]
    assert registry.fetched == 2


def test_what_is_read_while_peers_write_is_of_one_revision(registry: Counting, root: str, path: Path) -> None:
    """Both keys are always written, or deleted, together."""
    stop = threading.Event()

    def write() -> None:
        for number in range(10_000):
            if stop.is_set():
                return
            value = str(number).encode()
            registry.transaction((), [Put(f"{root}a", value), Put(f"{root}b/c", value)])

    writer = threading.Thread(target=write)
    writer.start()
    torn: list[Any] = []

    def look(prefix: str) -> None:
        mine = launcher(registry, path)
        for _ in range(40):
            found = {record.key: record for record in mine.list(prefix).records}
            values = {record.value for record in found.values()}
            torn.extend([found] if len(values) > 1 else [])

    readers = [threading.Thread(target=look, args=(prefix,)) for prefix in (root, root, f"{root}b/")]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(60)
    stop.set()
    writer.join(20)
    assert torn == []
    assert launcher(registry, path).list(root).records == registry.list(root).records


READS = """
from pathlib import Path
from roforlmao.registry.cache_file import CacheFile
from roforlmao.registry.remembered import Remembered
memory = Remembered(registry, CacheFile(Path({path!r}), ("cluster:2379",)))
while True:
    memory.list({root!r})
    print("read", flush=True)
"""


def test_a_launcher_that_is_killed_while_it_reads_leaves_nothing_wrong(
    registry: Counting, etcd_cluster: Cluster, root: str, path: Path
) -> None:
    """Each round it has hundreds of changes to take over, and is killed at another moment of that."""
    store = EtcdStore(etcd_cluster)
    for attempt in range(6):
        process = program(store, READS.format(path=str(path), root=root))
        assert process.stdout is not None
        process.stdout.readline()
        for start in range(0, 600, 100):
            registry.transaction((), [Put(f"{root}{start + n}", str(attempt).encode()) for n in range(100)])
            registry.delete(f"{root}{attempt * 7}")
        end(process)
        assert launcher(registry, path).list(root).records == registry.list(root).records


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.write_bytes(b"no database at all" * 1000),
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
        lambda path: path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 8192),
        lambda path: path.write_bytes(b""),
        lambda path: sqlite3.connect(path).executescript("DROP TABLE records").close(),
        lambda path: sqlite3.connect(path).executescript("PRAGMA user_version = 99").close(),
        lambda path: (path.unlink(), path.mkdir()),
    ],
    ids=["no database", "cut", "overwritten", "empty", "a table less", "of a later version", "a directory"],
)
def test_a_file_that_is_no_use_costs_nobody_an_error(
    registry: Counting, root: str, path: Path, harm: Callable[[Path], object]
) -> None:
    for number in range(200):
        registry.put(f"{root}{number}", b"x" * 100)
    launcher(registry, path).list(root)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    harm(path)
    for _ in range(3):
        registry.put(f"{root}one more", b"")
        assert launcher(registry, path).list(root).records == registry.list(root).records


def test_another_cluster_s_file_is_made_anew(registry: Counting, root: str, path: Path) -> None:
    """Known by the cluster's id; and by the endpoints, while no cluster answers."""
    registry.put(f"{root}a", b"1")
    ann = launcher(registry, path)
    ann.list(root)
    with sqlite3.connect(path) as file:
        file.execute("UPDATE source SET cluster = '7'")
        file.execute("UPDATE records SET value = x'00'")
    file.close()
    assert ann.list(root).records == registry.list(root).records
    Remembered(registry, CacheFile(path, ("elsewhere:2379",))).list("/nothing/")
    with sqlite3.connect(path) as file:
        assert file.execute("SELECT count(*) FROM records").fetchone() == (0,)
    file.close()


class Restored:
    """One member, its data and a backup of it."""

    def __init__(self, place: Path, cluster: Cluster) -> None:
        self.cluster = cluster
        (self._server,) = cluster.servers
        self._data = next(place.glob("etcd-*/m0"))
        self._backup = place / "backup"

    def back_up(self) -> None:
        self._server.kill()
        shutil.copytree(self._data, self._backup)
        assert self.cluster.start()

    def restore(self) -> None:
        self._server.kill()
        shutil.rmtree(self._data)
        shutil.copytree(self._backup, self._data)
        assert self.cluster.start()


@pytest.fixture
def restored(tmp_path: Path) -> Iterator[Restored]:
    with running(tmp_path, size=1) as cluster:
        yield Restored(tmp_path, cluster)


@pytest.mark.parametrize("writes_after", [0, 3, 50])
def test_a_cluster_that_was_restored_from_a_backup_is_read_anew(
    restored: Restored, path: Path, writes_after: int
) -> None:
    """Also where it has written on since, so that its revision gives nothing away."""
    registry = EtcdRegistry(config(*restored.cluster.endpoints))
    for number in range(10):
        registry.put(f"/r/{number}", b"before")
    restored.back_up()
    registry.put("/r/3", b"lost")
    registry.put("/r/lost", b"lost")
    registry.delete("/r/9")
    ann = launcher(registry, path)
    assert [record.value for record in ann.list("/r/").records].count(b"lost") == 2
    restored.restore()
    for number in range(writes_after):
        registry.put(f"/elsewhere/{number}", b"")
    found: tuple[Record, ...] = ann.list("/r/").records
    assert [record.key for record in found] == [f"/r/{number}" for number in range(10)]
    assert found == registry.list("/r/").records
    registry.close()


def test_a_position_names_the_cluster_and_its_revision(registry: Counting, root: str) -> None:
    before = registry.position(root)
    revision = registry.put(f"{root}a", b"")
    assert registry.position(root) == Position(before.cluster, revision)
