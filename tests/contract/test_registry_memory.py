"""What is remembered of a cluster is exactly what the cluster would list, whatever happened meanwhile."""

from __future__ import annotations

import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roforlmao.registry.base import Position, Put
from roforlmao.registry.etcd_read import EVERYTHING, Page, Wanted
from roforlmao.registry.etcd_stubs import load
from tests.contract.etcdcluster import Cluster, config
from tests.contract.memories import Counting, launcher

ROOMS = ("", "a/", "a/1/", "a/2/", "b/")
KEYS = ("a/1/x", "a/1/y", "a/2/x", "b/x", "b/y")

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
    counting: Counting, etcd_cluster: Cluster, steps: list[tuple[str, str, bytes]]
) -> None:
    root = f"/{uuid.uuid4().hex}/"
    with tempfile.TemporaryDirectory() as place:
        looks = {f"{name} looks": launcher(counting, Path(place) / "c.sqlite") for name in ("ann", "ben")}
        for do, where, value in [*steps, ("ann looks", "", b"")]:
            if do == "put":
                counting.put(root + where, value)
            elif do == "delete":
                counting.delete(root + where)
            elif do == "compact":
                etcd_cluster.compact(counting.put("/elsewhere", b""))
            else:
                expected = counting.list(root + where).records
                assert looks[do].list(root + where).records == expected
                assert list(looks[do].keys(root + where)) == [record.key for record in expected]


def test_only_what_changed_is_fetched(counting: Counting, root: str, path: Path) -> None:
    for start in range(0, 1000, 100):
        counting.transaction((), [Put(f"{root}{number:04}", b"x") for number in range(start, start + 100)])
    counting.put(f"{root}0500", b"x")
    ann, ben = launcher(counting, path), launcher(counting, path)
    assert len(ann.list(root).records) == 1000
    counting.fetched = 0
    assert len(ben.list(root).records) == 1000
    assert counting.fetched == 0
    counting.put(f"{root}new", b"y")
    found = ben.list(root).records
    assert (len(found), found[-1].value) == (1001, b"y")
    assert counting.fetched == 2  # the new one, and the newest that was known
    assert ann.list(f"{root}00").records == counting.list(f"{root}00").records


def test_a_first_load_comes_in_pages_of_one_revision(
    counting: Counting, etcd_cluster: Cluster, root: str, path: Path
) -> None:
    for start in range(0, 6000, 120):
        counting.transaction((), [Put(f"{root}{number:04}", b"old") for number in range(start, start + 120)])

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
    assert launcher(counting, path).list(root).records == counting.list(root).records


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
    counting: Counting, etcd_cluster: Cluster, root: str, path: Path
) -> None:
    ann = launcher(counting, path)
    counting.put(f"{root}a", b"1")
    with etcd_cluster.channel(etcd_cluster.servers[0]) as channel:
        api = load()
        for name in (b"\x1b[2J", b"\xfe"):
            api.services.KVStub(channel).Put(api.messages.PutRequest(key=root.encode() + name, value=b"?"))
            assert ann.list(root) == counting.list(root)
            assert ann.list(root) == counting.list(root)
    assert list(ann.keys(root)) == [f"{root}\x1b[2J", f"{root}a"]
    counting.put(f"{root}b", b"2")
    counting.fetched = 0
    assert list(ann.keys(root)) == [f"{root}\x1b[2J", f"{root}a", f"{root}b"]
    assert counting.fetched == 2


def test_what_is_read_while_peers_write_is_of_one_revision(counting: Counting, root: str, path: Path) -> None:
    """Both keys are always written, or deleted, together."""
    stop = threading.Event()

    def write() -> None:
        for number in range(10_000):
            if stop.is_set():
                return
            value = str(number).encode()
            counting.transaction((), [Put(f"{root}a", value), Put(f"{root}b/c", value)])

    writer = threading.Thread(target=write)
    writer.start()
    torn: list[Any] = []

    def look(prefix: str) -> None:
        mine = launcher(counting, path)
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
    assert launcher(counting, path).list(root).records == counting.list(root).records


def test_a_position_names_the_cluster_and_its_revision(counting: Counting, root: str) -> None:
    before = counting.position(root)
    revision = counting.put(f"{root}a", b"")
    assert counting.position(root) == Position(before.cluster, revision)
