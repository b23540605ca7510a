"""Writes whose answer got lost: done once, or said to be unknown."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from roforlmao.errors import BadInput, Conflict, OutcomeUnknown, Unavailable
from roforlmao.registry.base import ABSENT, Compare, Delete, Put, Registry
from roforlmao.registry.etcd import EtcdRegistry
from roforlmao.registry.etcd_outcome import operation_id
from tests.contract.etcdcluster import Cluster, config, running
from tests.faults.etcdclients import Wire, wire


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running(tmp_path_factory.mktemp("etcd"), size=1) as cluster:
        yield cluster


@dataclass
class Bench:
    """A client whose first way to the cluster may lose answers, and one that sees all."""

    wire: Wire
    registry: Registry
    witness: Registry

    def lose(self) -> None:
        """From now on the first way loses answers; the second one works."""
        self.registry.get("/any")
        self.wire.deaf = True


@pytest.fixture
def bench(cluster: Cluster) -> Iterator[Bench]:
    cluster.wipe()
    endpoint = cluster.endpoints[0]
    with wire(endpoint) as relay:
        registry = EtcdRegistry(config(relay.endpoint, endpoint))
        witness = EtcdRegistry(config(endpoint))
        yield Bench(relay, registry, witness)
        registry.close()
        witness.close()


def test_a_plain_write_is_done_once(bench: Bench) -> None:
    bench.registry.put("/a", b"1")
    bench.lose()
    revision = bench.registry.put("/a", b"2")
    found = bench.witness.get("/a")
    assert found is not None
    assert (found.value, found.version, found.revision) == (b"2", 2, revision)


@pytest.mark.parametrize("known", [True, False])
def test_a_write_with_an_operation_id_is_known_although_others_wrote_after_it(
    bench: Bench, known: bool
) -> None:
    """The answer is lost, and while the client waits for it others go on writing the key."""
    bench.lose()
    value = operation_id().encode() if known else b"1"
    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(bench.registry.put, "/a", value)
        while (first := bench.witness.get("/a")) is None:
            assert not written.done()
        for number in range(3):
            bench.witness.put("/a", b"%d" % number)
        error = written.exception(10)
    found = bench.witness.get("/a")
    assert found is not None
    assert (found.value, found.version) == (b"2", 4)
    if known:
        assert written.result() == first.revision
    else:
        assert isinstance(error, OutcomeUnknown)


@pytest.mark.parametrize("deletes", [False, True])
def test_a_write_that_guessed_the_revision_wrong_is_done_all_the_same(bench: Bench, deletes: bool) -> None:
    """Others wrote the key, once even just what we write; the lost attempt was void, and is repeated."""
    for value in (b"2", b"3"):
        theirs = bench.witness.put("/a", value)
    bench.lose()
    if deletes:
        assert bench.registry.delete("/a") is True
        assert bench.witness.get("/a") is None
        return
    assert bench.registry.put("/a", b"1") == theirs + 1
    found = bench.witness.get("/a")
    assert found is not None
    assert (found.value, found.version) == (b"1", 3)


def test_a_write_of_a_key_that_was_deleted_meanwhile_has_an_unknown_outcome(bench: Bench) -> None:
    old = bench.registry.put("/a", b"1")
    bench.lose()
    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(bench.registry.put, "/a", b"2", old)
        while (found := bench.witness.get("/a")) is None or found.value != b"2":
            assert not written.done()
        bench.witness.delete("/a")
        assert isinstance(written.exception(10), OutcomeUnknown)
    assert bench.witness.get("/a") is None


@pytest.mark.parametrize("there", [False, True])
def test_a_guarded_write_with_an_operation_id_is_known_to_be_done(bench: Bench, there: bool) -> None:
    old = bench.registry.put("/a", b"1") if there else ABSENT
    value = f'{{"operation": "{operation_id()}"}}'.encode()
    bench.lose()
    revision = bench.registry.put("/a", value, expect=old)
    found = bench.witness.get("/a")
    assert found is not None
    assert (found.value, found.version, found.revision) == (value, 1 + there, revision)


def test_a_guarded_write_under_a_lease_is_known_to_be_done(bench: Bench) -> None:
    with bench.registry.session(30) as session:
        bench.lose()
        lock = bench.registry.lock("/locks/x", session)
        revision = bench.registry.transaction([lock.guard], [Put("/a", b"1"), Put("/b", b"2")])
        found = bench.witness.list("/").records
        assert {record.key: record.version for record in found} == {"/a": 1, "/b": 1, lock.key: 1}
        assert {record.revision for record in found if record.key != lock.key} == {revision}


def test_a_guarded_write_that_anybody_could_have_made_has_an_unknown_outcome(bench: Bench) -> None:
    """A counter: taking the same value of somebody else for ours would lose an increment."""
    old = bench.registry.put("/a", b"1")
    bench.lose()
    with pytest.raises(OutcomeUnknown, match="'/a'") as caught:
        bench.registry.put("/a", b"2", expect=old)
    assert "before you repeat it" in caught.value.hint
    found = bench.witness.get("/a")
    assert found is not None
    assert found.version == 2


def test_a_transaction_whose_answer_is_lost_is_done_once(bench: Bench) -> None:
    bench.registry.put("/old", b"1")
    bench.lose()
    revision = bench.registry.transaction([], [Delete("/old"), Put("/a", b"1"), Put("/b", b"1")])
    found = bench.witness.list("/").records
    assert [(record.key, record.version, record.revision) for record in found] == [
        ("/a", 1, revision),
        ("/b", 1, revision),
    ]


def test_a_deletion_is_done_once(bench: Bench) -> None:
    bench.registry.put("/a", b"1")
    bench.lose()
    assert bench.registry.delete("/a") is True
    assert bench.witness.get("/a") is None


def test_a_guarded_deletion_has_an_unknown_outcome(bench: Bench) -> None:
    old = bench.registry.put("/a", b"1")
    bench.lose()
    with pytest.raises(OutcomeUnknown):
        bench.registry.delete("/a", expect=old)
    assert bench.witness.get("/a") is None


def test_a_conflict_is_still_a_conflict(bench: Bench) -> None:
    old = bench.registry.put("/a", b"1")
    bench.witness.put("/a", b"theirs")
    bench.lose()
    with pytest.raises(Conflict, match="changed meanwhile; nothing was written"):
        bench.registry.put("/a", b"2", expect=old)
    found = bench.witness.get("/a")
    assert found is not None
    assert found.value == b"theirs"


def test_a_comparison_alone_writes_nothing_and_is_simply_asked_again(bench: Bench) -> None:
    revision = bench.registry.put("/a", b"1")
    bench.lose()
    assert bench.registry.transaction([Compare("/a", revision)], []) == revision


def test_a_session_begun_twice_is_one(bench: Bench) -> None:
    bench.lose()
    with bench.registry.session(30) as session:
        bench.registry.put("/a", b"1", lease=session.lease)
        found = bench.witness.get("/a")
    assert found is not None
    assert found.lease == session.lease
    assert bench.witness.get("/a") is None


@pytest.mark.parametrize("proven", [False, True])
def test_a_write_that_nobody_acknowledges_is_unknown_only_where_it_was_sent(
    bench: Bench, proven: bool
) -> None:
    registry = EtcdRegistry(config(bench.wire.endpoint))
    if proven:
        registry.get("/a")
    bench.wire.deaf = True
    began = time.monotonic()
    with pytest.raises(OutcomeUnknown if proven else Unavailable):
        registry.put("/a", b"1")
    assert time.monotonic() - began < 5.5
    assert (bench.witness.get("/a") is not None) == proven
    registry.close()


def test_a_transaction_of_too_many_operations_is_refused(bench: Bench) -> None:
    with pytest.raises(BadInput, match="129 operations") as caught:
        bench.registry.transaction([], [Put(f"/{number}", b"") for number in range(129)])
    assert "128" in caught.value.hint
    bench.registry.transaction([], [Put(f"/{number}", b"") for number in range(128)])
    assert len(bench.witness.list("/").records) == 128
