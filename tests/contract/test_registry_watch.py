"""The registry's contract: watches miss nothing, repeat nothing, and say when to list again."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from roforlmao.errors import Compacted
from roforlmao.registry.base import Delete, Event, Put, Registry, Watch
from tests.contract.stores import Store, end, program

WAIT_S = 10.0


def take(watch: Watch, number: int) -> list[Event]:
    """The next events, each awaited."""
    found: list[Event] = []
    for _ in range(number):
        event = watch.next_event(WAIT_S)
        assert event is not None, f"only {len(found)} of {number} events came: {found}"
        found.append(event)
    return found


def test_a_watch_tells_of_each_change_below_its_prefix_in_order(registry: Registry, other: Registry) -> None:
    registry.put("/k/before", b"0")
    with registry.watch("/k/") as watch:
        assert watch.next_event(0) is None
        first = other.put("/k/a", b"1")
        other.put("/elsewhere", b"1")
        second = registry.put("/k/a", b"2")
        third = registry.transaction([], [Delete("/k/a"), Put("/k/b", b"3"), Put("/ka", b"4")])
        events = take(watch, 4)
        assert watch.next_event(0) is None
    assert [(event.kind, event.key, event.revision) for event in events] == [
        ("put", "/k/a", first),
        ("put", "/k/a", second),
        ("delete", "/k/a", third),
        ("put", "/k/b", third),
    ]
    assert [event.record.value if event.record else None for event in events] == [b"1", b"2", None, b"3"]
    assert events[1].record
    assert (events[1].record.create_revision, events[1].record.version) == (first, 2)


def test_a_watch_from_a_revision_begins_with_it(registry: Registry) -> None:
    revisions = [registry.put(f"/k/{number}", b"") for number in range(5)]
    with registry.watch("/k/", revisions[2]) as watch:
        assert [event.revision for event in take(watch, 3)] == revisions[2:]
        assert watch.next_event(0) is None


def test_a_watch_from_a_revision_to_come_waits_for_it(registry: Registry) -> None:
    now = registry.put("/k/a", b"1")
    with registry.watch("/k/", now + 2) as watch:
        registry.put("/k/b", b"1")
        assert watch.next_event(0.3) is None
        registry.put("/k/c", b"1")
        assert [(event.key, event.revision) for event in take(watch, 1)] == [("/k/c", now + 2)]


def test_list_and_watch_from_the_next_revision_together_miss_nothing(
    registry: Registry, other: Registry
) -> None:
    writer = ThreadPoolExecutor(1)
    written = writer.submit(lambda: [other.put(f"/k/{number:03}", b"") for number in range(300)])
    while not registry.list("/k/").records:
        pass
    listing = registry.list("/k/")
    with registry.watch("/k/", listing.revision + 1) as watch:
        events = take(watch, 300 - len(listing.records))
    writer.shutdown()
    assert [record.revision for record in listing.records] + [
        event.revision for event in events
    ] == written.result()


def test_writers_of_several_processes_are_told_without_gap_or_repeat(
    registry_factory: Store, registry: Registry
) -> None:
    text = """
import sys
for number in range(100):
    print(registry.put(f"/k/{sys.argv[1] if sys.argv[1:] else id(registry)}/{number}", b""))
registry.close()
"""
    with registry.watch("/k/") as watch:
        processes = [program(registry_factory, text) for _ in range(2)]
        events = take(watch, 200)
        written = [int(line) for process in processes for line in process.communicate(timeout=30)[0].split()]
        assert watch.next_event(0) is None
    assert [event.revision for event in events] == sorted(written)
    assert len(set(written)) == 200


def test_two_watches_tell_the_same(registry: Registry, other: Registry) -> None:
    with registry.watch("/k/") as one, other.watch("/k/") as two, registry.watch("/k/b") as narrow:
        for number in range(20):
            registry.put(f"/k/{'ab'[number % 2]}", b"%d" % number)
        events = take(one, 20)
        assert take(two, 20) == events
        assert take(narrow, 10) == [event for event in events if event.key == "/k/b"]


def test_a_change_is_told_soon(registry: Registry, other: Registry) -> None:
    with registry.watch("/k/") as watch:
        began = time.monotonic()
        other.put("/k/a", b"1")
        take(watch, 1)
        assert time.monotonic() - began < 1.0


def test_waiting_for_an_event_ends_in_time(registry: Registry) -> None:
    with registry.watch("/k/") as watch:
        began = time.monotonic()
        assert watch.next_event(0.3) is None
        assert 0.3 <= time.monotonic() - began < 1.5


@pytest.mark.parametrize("through_registry", [False, True])
def test_closing_ends_a_watch_that_blocks(registry: Registry, through_registry: bool) -> None:
    watch = registry.watch("/k/")
    found: list[Event] = []
    reader = threading.Thread(target=lambda: found.extend(watch))
    reader.start()
    registry.put("/k/a", b"1")
    while not found:
        reader.join(0.01)
    (registry if through_registry else watch).close()
    reader.join(WAIT_S)
    assert not reader.is_alive()
    assert [event.key for event in found] == ["/k/a"]
    assert watch.next_event(0) is None


def test_a_watch_from_a_forgotten_revision_says_list_again(
    registry_factory: Store, registry: Registry
) -> None:
    revisions = [registry.put("/k/a", b"%d" % number) for number in range(5)]
    registry_factory.compact(revisions[3])
    with pytest.raises(Compacted) as caught:
        registry.watch("/k/", revisions[2])
    assert "List again" in caught.value.hint
    with registry.watch("/k/", revisions[4]) as watch:
        assert [event.revision for event in take(watch, 1)] == revisions[4:]


def test_a_watch_that_fell_behind_says_resync_and_goes_on(
    registry_factory: Store, registry: Registry
) -> None:
    with registry.watch("/k/") as watch:
        revisions = [registry.put("/k/a", b"%d" % number) for number in range(5)]
        registry_factory.compact(revisions[3])
        assert [event.kind for event in take(watch, 1)] == ["resync"]
        listing = registry.list("/k/")
        assert listing.records[0].value == b"4"
        later = registry.put("/k/b", b"1")
        assert [event.revision for event in take(watch, 1)] == [later]


def test_a_listing_is_whole_after_a_compaction(registry_factory: Store, registry: Registry) -> None:
    registry.put("/k/a", b"1")
    revision = registry.put("/k/b", b"2")
    registry_factory.compact(revision)
    assert [record.value for record in registry.list("/k/").records] == [b"1", b"2"]


def test_a_killed_writer_leaves_no_half_told_transaction(registry_factory: Store, registry: Registry) -> None:
    text = """
number = 0
from roforlmao.registry.base import Put
while True:
    number += 1
    print(registry.transaction([], [Put("/k/a", b"%d" % number), Put("/k/b", b"%d" % number)]))
"""
    with registry.watch("/k/") as watch:
        process = program(registry_factory, text)
        events = take(watch, 40)
        end(process)
        while event := watch.next_event(0.3):
            events.append(event)
    pairs = list(zip(events[::2], events[1::2], strict=True))
    assert all(one.revision == two.revision and (one.key, two.key) == ("/k/a", "/k/b") for one, two in pairs)
    revisions = [one.revision for one, _ in pairs]
    assert revisions == list(range(revisions[0], revisions[0] + len(revisions)))
