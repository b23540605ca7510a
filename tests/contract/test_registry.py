"""The registry's contract: keys and values, guarded writes, transactions, sizes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from roforlmao.errors import BadInput, Conflict, LeaseLost, TooLarge
from roforlmao.registry.base import ABSENT, MAX_VALUE, Compare, Delete, Expect, Put, Record, Registry
from tests.contract.stores import Store, program


def values(registry: Registry, prefix: str) -> dict[str, bytes]:
    return {record.key: record.value for record in registry.list(prefix).records}


def test_a_key_that_nobody_wrote_is_absent(registry: Registry) -> None:
    assert registry.get("/a") is None
    assert registry.list("/").records == ()
    assert registry.delete("/a") is False


def test_another_client_reads_what_was_written_at_once(registry: Registry, other: Registry) -> None:
    for number in range(50):
        revision = registry.put("/a", b"%d" % number)
        found = other.get("/a")
        assert found is not None
        assert (found.value, found.revision) == (b"%d" % number, revision)


def test_a_record_tells_when_it_was_made_and_how_often_changed(registry: Registry) -> None:
    first = registry.put("/a", b"1")
    registry.put("/other", b"")
    second = registry.put("/a", b"2")
    assert registry.get("/a") == Record("/a", b"2", second, first, 2)
    registry.delete("/a")
    third = registry.put("/a", b"3")
    assert registry.get("/a") == Record("/a", b"3", third, third, 1)


def test_revisions_grow_with_every_change_and_only_then(registry: Registry) -> None:
    first = registry.put("/a", b"1")
    assert registry.delete("/absent") is False
    assert registry.list("/").revision == first
    assert registry.delete("/a") is True
    assert registry.list("/").revision > first
    assert registry.put("/a", b"1") > first + 1


@pytest.mark.parametrize("value", [b"", b"\x00\xff\n", "ü€😀".encode(), b"x" * MAX_VALUE])
def test_values_come_back_byte_for_byte(registry: Registry, value: bytes) -> None:
    registry.put("/a", value)
    found = registry.get("/a")
    assert found is not None
    assert found.value == value


@pytest.mark.parametrize(
    "key", ["a", "/mao/tools/a b", "/ü/€/😀", "x" * 1000, "%_[*?", "'; DROP TABLE records; --"]
)
def test_printable_keys_are_taken_as_they_are(registry: Registry, key: str) -> None:
    registry.put(key, b"1")
    assert values(registry, key) == {key: b"1"}
    assert registry.delete(key) is True


@pytest.mark.parametrize("key", ["", "a\nb", "\x1b[31m", "\x00", "x" * 1001, "\ud800", "\u202egnp"])
def test_other_keys_are_refused_with_a_sentence(registry: Registry, key: str) -> None:
    calls: tuple[Callable[[], object], ...] = (
        lambda: registry.get(key),
        lambda: registry.put(key, b"1"),
        lambda: registry.delete(key),
        lambda: registry.transaction([Compare(key, ABSENT)], []),
        lambda: registry.transaction([], [Delete(key)]),
    )
    for call in calls:
        with pytest.raises(BadInput, match="registry key") as caught:
            call()
        assert caught.value.hint
    assert registry.list("").records == ()


def test_a_listing_holds_the_keys_below_its_prefix_in_order(registry: Registry) -> None:
    for key in ("/b/2", "/b/1", "/b", "/ba", "/c", "/b/ü", "/b/10", "/B/1"):
        registry.put(key, key.encode())
    assert list(values(registry, "/b/")) == ["/b/1", "/b/10", "/b/2", "/b/ü"]
    assert list(values(registry, "/b")) == ["/b", "/b/1", "/b/10", "/b/2", "/b/ü", "/ba"]
    assert len(values(registry, "")) == 8


@pytest.mark.parametrize("page", [1, 7, 25, 5000])
def test_a_listing_is_whole_with_any_page(registry: Registry, page: int) -> None:
    keys = [f"/k/{number:03}" for number in range(25)]
    registry.transaction([], [Put(key, b"1") for key in keys])
    assert list(values(registry, "/k/")) == keys
    assert [record.key for record in registry.list("/k/", page).records] == keys


def test_a_page_of_nothing_is_refused(registry: Registry) -> None:
    with pytest.raises(BadInput, match="page"):
        registry.list("/", 0)


def test_a_listing_is_of_one_revision_while_others_write(registry: Registry, other: Registry) -> None:
    """Two keys always change together, so a listing that shows them apart mixes revisions."""
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            other.transaction([], [Put("/k/a", b"%d" % number), Put("/k/z", b"%d" % number)])

    registry.transaction([], [Put(f"/k/m{number:03}", b"") for number in range(100)])
    writer = threading.Thread(target=write)
    writer.start()
    try:
        seen: set[int] = set()
        while len(seen) < 30:
            listing = registry.list("/k/", page=10)
            found = {record.key: record for record in listing.records}
            if "/k/a" in found:
                assert found["/k/a"].value == found["/k/z"].value
                assert found["/k/a"].revision == listing.revision
                seen.add(listing.revision)
    finally:
        stop.set()
        writer.join(20)


@pytest.mark.parametrize(
    ("expect", "there", "passes"),
    [
        (None, False, True),
        (None, True, True),
        (ABSENT, False, True),
        (ABSENT, True, False),
        ("its revision", True, True),
        ("an older revision", True, False),
        (7_000_000, False, False),
        (7_000_000, True, False),
    ],
)
@pytest.mark.parametrize("deletes", [False, True])
def test_a_guarded_write_happens_only_as_expected(
    registry: Registry, expect: Expect | str, there: bool, passes: bool, deletes: bool
) -> None:
    older = registry.put("/a", b"0")
    newest = registry.put("/a", b"1")
    if not there:
        registry.delete("/a")
    wanted: Expect = {"its revision": newest, "an older revision": older}.get(str(expect), expect)  # type: ignore[arg-type]
    before = registry.list("/")

    def write() -> object:
        return registry.delete("/a", wanted) if deletes else registry.put("/a", b"2", wanted)

    if passes:
        write()
        assert values(registry, "/a") == ({} if deletes else {"/a": b"2"})
    else:
        with pytest.raises(Conflict, match="nothing was written") as caught:
            write()
        assert caught.value.hint
        assert registry.list("/") == before


def test_a_transaction_is_one_revision(registry: Registry) -> None:
    old = registry.put("/old", b"1")
    revision = registry.transaction(
        [Compare("/old", old), Compare("/a", ABSENT)], [Put("/a", b"1"), Put("/b", b"2"), Delete("/old")]
    )
    listing = registry.list("/")
    assert [(record.key, record.revision) for record in listing.records] == [
        ("/a", revision),
        ("/b", revision),
    ]
    assert listing.revision == revision


def test_a_transaction_happens_wholly_or_not(registry: Registry) -> None:
    revision = registry.put("/a", b"1")
    with pytest.raises(Conflict):
        registry.transaction([Compare("/a", revision), Compare("/b", 5)], [Put("/c", b"1"), Delete("/a")])
    with pytest.raises(TooLarge):
        registry.transaction([], [Put("/c", b"1"), Put("/d", b"x" * (MAX_VALUE + 1))])
    with pytest.raises(LeaseLost):
        registry.transaction([], [Put("/c", b"1"), Put("/d", b"1", lease=12345)])
    assert values(registry, "/") == {"/a": b"1"}
    assert registry.list("/").revision == revision


def test_a_transaction_that_only_compares_changes_nothing(registry: Registry) -> None:
    revision = registry.put("/a", b"1")
    assert registry.transaction([Compare("/a", revision)], []) == revision
    assert registry.transaction([], [Delete("/absent")]) == revision
    with pytest.raises(Conflict):
        registry.transaction([Compare("/a", ABSENT)], [])


def test_a_comparison_by_creation_survives_changes_but_not_a_new_beginning(registry: Registry) -> None:
    made = registry.put("/a", b"1")
    registry.put("/a", b"2")
    guard = Compare("/a", made, by_creation=True)
    registry.transaction([guard], [Put("/b", b"1")])
    registry.delete("/a")
    registry.put("/a", b"3")
    with pytest.raises(Conflict):
        registry.transaction([guard], [Put("/b", b"2")])
    assert values(registry, "/b") == {"/b": b"1"}


def test_one_key_twice_in_a_transaction_is_refused(registry: Registry) -> None:
    with pytest.raises(BadInput, match="twice"):
        registry.transaction([], [Put("/a", b"1"), Delete("/a")])


@pytest.mark.parametrize("surplus", [1, 600_000])
def test_a_value_that_is_too_large_is_refused_with_its_size(registry: Registry, surplus: int) -> None:
    size = MAX_VALUE + surplus
    with pytest.raises(TooLarge, match=f"{size:,} bytes; nothing was written") as caught:
        registry.put("/a", b"x" * size)
    assert "1,000,000" in caught.value.hint
    assert registry.get("/a") is None


def increment(registry: Registry, key: str) -> None:
    while True:
        record = registry.get(key)
        try:
            registry.put(
                key, b"%d" % (int(record.value) + 1 if record else 1), record.revision if record else ABSENT
            )
        except Conflict:
            continue
        return


def test_no_increment_of_many_threads_and_clients_is_lost(
    registry_factory: Store, registry: Registry
) -> None:
    clients = [registry_factory.client() for _ in range(2)]

    def work(number: int) -> None:
        for _ in range(25):
            increment(clients[number % 2], "/counter")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    found = registry.get("/counter")
    assert found is not None
    assert (found.value, found.version) == (b"100", 100)


def test_no_increment_of_two_processes_is_lost(registry_factory: Store, registry: Registry) -> None:
    text = """
from roforlmao.errors import Conflict
for _ in range(50):
    while True:
        record = registry.get("/counter")
        try:
            registry.put("/counter", b"%d" % (int(record.value) + 1), record.revision)
        except Conflict:
            continue
        break
registry.close()
"""
    registry.put("/counter", b"0")
    for process in [program(registry_factory, text) for _ in range(2)]:
        process.communicate(timeout=60)
        assert process.returncode == 0
    found = registry.get("/counter")
    assert found is not None
    assert found.value == b"100"


def test_two_who_create_one_key_learn_who_was_first(registry: Registry, other: Registry) -> None:
    start = threading.Barrier(2)

    def create(client: Registry) -> bool:
        start.wait(10)
        try:
            client.put("/a", b"1", ABSENT)
        except Conflict:
            return False
        return True

    for _ in range(20):
        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(create, (registry, other))) == [False, True]
        registry.delete("/a")


def test_health_and_members_speak_of_the_store(registry: Registry) -> None:
    registry.put("/a", b"1")
    assert registry.health().ok
    assert registry.health().detail
    assert [member.healthy for member in registry.members()]
    assert sum(member.leader for member in registry.members()) == 1


def test_the_keys_alone_are_those_of_the_listing(registry: Registry) -> None:
    with registry.session(10) as session:
        for key, lease in (("/a/1", 0), ("/a/2", session.lease), ("/ab", 0), ("/b", 0)):
            registry.put(key, b"x", lease=lease)
        assert list(registry.keys("/a/")) == ["/a/1", "/a/2"]
        assert list(registry.keys("/a")) == [record.key for record in registry.list("/a").records]
    assert list(registry.keys("/a/")) == ["/a/1"]
    assert list(registry.keys("/none")) == []


def test_the_position_is_the_revision_of_the_last_change(registry: Registry) -> None:
    revision = registry.put("/a/1", b"x")
    assert registry.position("/a/").revision == revision
    assert registry.position("/none/").cluster == registry.position("/a/").cluster
