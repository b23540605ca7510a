"""A memory whose file, launcher or cluster was lost, damaged or put back: it is made anew, never an error."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from roforlmao.registry.base import Put, Record
from roforlmao.registry.cache_file import CacheFile
from roforlmao.registry.etcd import EtcdRegistry
from roforlmao.registry.remembered import Remembered
from tests.contract.etcdcluster import Cluster, EtcdStore, config, running
from tests.contract.memories import Counting, launcher
from tests.contract.stores import end, program

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
    counting: Counting, etcd_cluster: Cluster, root: str, path: Path
) -> None:
    """Each round it has hundreds of changes to take over, and is killed at another moment of that."""
    store = EtcdStore(etcd_cluster)
    for attempt in range(6):
        process = program(store, READS.format(path=str(path), root=root))
        assert process.stdout is not None
        process.stdout.readline()
        for start in range(0, 600, 100):
            counting.transaction((), [Put(f"{root}{start + n}", str(attempt).encode()) for n in range(100)])
            counting.delete(f"{root}{attempt * 7}")
        end(process)
        assert launcher(counting, path).list(root).records == counting.list(root).records


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
    counting: Counting, root: str, path: Path, harm: Callable[[Path], object]
) -> None:
    for number in range(200):
        counting.put(f"{root}{number}", b"x" * 100)
    launcher(counting, path).list(root)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    harm(path)
    for _ in range(3):
        counting.put(f"{root}one more", b"")
        assert launcher(counting, path).list(root).records == counting.list(root).records


def test_another_cluster_s_file_is_made_anew(counting: Counting, root: str, path: Path) -> None:
    """Known by the cluster's id; and by the endpoints, while no cluster answers."""
    counting.put(f"{root}a", b"1")
    ann = launcher(counting, path)
    ann.list(root)
    with sqlite3.connect(path) as file:
        file.execute("UPDATE source SET cluster = '7'")
        file.execute("UPDATE records SET value = x'00'")
    file.close()
    assert ann.list(root).records == counting.list(root).records
    Remembered(counting, CacheFile(path, ("elsewhere:2379",))).list("/nothing/")
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
