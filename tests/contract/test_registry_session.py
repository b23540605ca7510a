"""The registry's contract: sessions and what is bound to them, locks and their fences."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from roforlmao.errors import BadInput, Conflict, LeaseLost, RoforlmaoError
from roforlmao.registry.base import Event, Lock, Put, Registry, Session, Watch
from tests.contract.stores import EXPIRY_S, Store, end, program

TTL_S = 2.0
WAIT_S = 10.0


@contextmanager
def holder(store: Store) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that holds ``/locks/x``, and its fence; ``tell`` makes it write under the lock."""
    process = program(
        store,
        f"""
import os, sys, threading
from roforlmao.errors import RoforlmaoError
from roforlmao.registry.base import Put
def say(text):  # a whole line at once: two threads speak
    os.write(1, text.encode() + b"\\n")
lost = threading.Event()
session = registry.session({TTL_S}, lambda: (say("lost"), lost.set()))
lock = registry.lock("/locks/x", session)
registry.put("/bound", b"1", lease=session.lease)
say(str(lock.fence))
sys.stdin.readline()
say("alive" if session.alive else "not alive")
for operations in [Put("/guarded", b"late")], [Put("/bound", b"late", session.lease)]:
    try:
        registry.transaction([lock.guard] if operations[0].key == "/guarded" else [], operations)
        say("written")
    except RoforlmaoError as error:
        say(error.code)
lost.wait(10)
registry.close()
""",
    )
    try:
        assert process.stdout
        yield process, int(process.stdout.readline())
    finally:
        end(process)


def tell(process: subprocess.Popen[str]) -> list[str]:
    """Lets the holder write and gives what it said until it ended."""
    said, _ = process.communicate("go\n", timeout=20)
    return said.split("\n")


def deleted(watch: Watch) -> Event:
    """The next deletion."""
    while True:
        event = watch.next_event(WAIT_S)
        assert event is not None, "nothing was deleted"
        if event.kind == "delete":
            return event


def test_a_session_is_kept_alive_with_what_is_bound_to_it(registry: Registry, other: Registry) -> None:
    lost = threading.Event()
    with registry.session(TTL_S, lost.set) as session:
        registry.put("/bound", b"1", lease=session.lease)
        assert not lost.wait(TTL_S * 1.6)
        assert session.alive
        found = other.get("/bound")
        assert found is not None
        assert found.lease == session.lease


def test_closing_a_session_removes_what_is_bound_to_it(registry: Registry, other: Registry) -> None:
    lost = threading.Event()
    session = registry.session(TTL_S, lost.set)
    registry.put("/a", b"1", lease=session.lease)
    registry.put("/b", b"1", lease=session.lease)
    registry.put("/b", b"2")  # bound no more
    registry.put("/c", b"1")
    with other.watch("/") as watch:
        session.close()
        session.close()
        assert deleted(watch).key == "/a"
        assert watch.next_event(0.2) is None
    assert not session.alive
    assert not lost.is_set()
    assert [record.key for record in other.list("/").records] == ["/b", "/c"]


def test_closing_a_registry_ends_its_sessions(registry: Registry, other: Registry) -> None:
    session = registry.session(TTL_S)
    registry.put("/a", b"1", lease=session.lease)
    registry.close()
    assert other.get("/a") is None
    assert not session.alive


def test_nothing_is_bound_to_a_session_that_is_over(registry: Registry) -> None:
    session = registry.session(TTL_S)
    session.close()
    with pytest.raises(LeaseLost) as caught:
        registry.put("/a", b"1", lease=session.lease)
    assert caught.value.hint
    with pytest.raises(LeaseLost):
        registry.lock("/locks/x", session)
    assert registry.list("/").records == ()


@pytest.mark.parametrize("ttl", [0, -1, math.nan, math.inf, 1e9])
def test_a_session_needs_a_time_to_live_that_makes_sense(registry: Registry, ttl: float) -> None:
    with pytest.raises(BadInput, match="session"):
        registry.session(ttl)


def test_what_a_killed_process_had_bound_goes_in_time(registry_factory: Store, registry: Registry) -> None:
    with holder(registry_factory) as (process, _), registry.watch("/bound") as watch:
        end(process)
        killed = time.monotonic()
        assert deleted(watch).key == "/bound"
        assert time.monotonic() - killed < TTL_S + EXPIRY_S
        assert registry.get("/bound") is None


def test_a_killed_holder_s_lock_is_free_in_time(registry_factory: Store, registry: Registry) -> None:
    with holder(registry_factory) as (process, fence), registry.session(TTL_S) as session:
        end(process)
        killed = time.monotonic()
        with registry.lock("/locks/x", session, timeout=WAIT_S) as lock:
            assert time.monotonic() - killed < TTL_S + EXPIRY_S
            assert lock.fence > fence


def test_a_paused_holder_s_late_write_is_refused_and_it_learns_of_its_loss(
    registry_factory: Store, registry: Registry
) -> None:
    with holder(registry_factory) as (process, fence), registry.session(TTL_S * 5) as session:
        os.kill(process.pid, signal.SIGSTOP)
        with registry.lock("/locks/x", session, timeout=WAIT_S) as lock:
            assert lock.fence > fence
            registry.transaction([lock.guard], [Put("/guarded", b"in time")])
            os.kill(process.pid, signal.SIGCONT)
            said = tell(process)
            found = registry.get("/guarded")
    assert sorted(said) == sorted(["not alive", "conflict", "lease-lost", "lost", ""])
    assert found is not None
    assert found.value == b"in time"


def test_a_holder_that_is_awake_writes_under_its_lock(registry_factory: Store, registry: Registry) -> None:
    with holder(registry_factory) as (process, _):
        assert process.stdin
        assert process.stdout
        process.stdin.write("go\n")
        process.stdin.flush()
        assert [process.stdout.readline() for _ in range(3)] == ["alive\n", "written\n", "written\n"]
    found = registry.get("/guarded")
    assert found is not None
    assert found.value == b"late"


def test_only_one_process_at_a_time_holds_a_lock(registry_factory: Store, registry: Registry) -> None:
    """The increments are not guarded by themselves: without the lock some would be lost."""
    text = """
with registry.session(10) as session:
    for _ in range(20):
        with registry.lock("/locks/x", session, timeout=30):
            registry.put("/counter", b"%d" % (int(registry.get("/counter").value) + 1))
registry.close()
"""
    registry.put("/counter", b"0")
    processes = [program(registry_factory, text) for _ in range(3)]
    for process in processes:
        process.communicate(timeout=60)
    found = registry.get("/counter")
    assert found is not None
    assert found.value == b"60"
    assert registry.list("/locks/").records == ()


def queue_up(registry: Registry, pool: ThreadPoolExecutor, session: Session) -> Future[Lock]:
    """Asks for the lock in another thread and waits until it stands in the queue."""
    before = len(registry.list("/locks/x").records)
    asked = pool.submit(registry.lock, "/locks/x", session, 30.0)
    while len(registry.list("/locks/x").records) == before:
        assert not asked.done()
    return asked


def test_waiters_get_a_lock_in_the_order_they_came(registry: Registry, other: Registry) -> None:
    with (
        registry.session(TTL_S * 5) as mine,
        other.session(TTL_S * 5) as theirs,
        ThreadPoolExecutor(3) as pool,
    ):
        held = registry.lock("/locks/x", mine)
        waiting = [queue_up(registry, pool, session) for session in (theirs, mine, theirs)]
        fences = [held.fence]
        for asked in waiting:
            assert not asked.done()
            held.release()
            held = asked.result(WAIT_S)
            fences.append(held.fence)
        held.release()
    assert fences == sorted(set(fences))


def test_a_lock_that_stays_held_is_given_up_in_time(registry: Registry, other: Registry) -> None:
    with (
        registry.session(TTL_S) as mine,
        other.session(TTL_S) as theirs,
        registry.lock("/locks/x", mine) as held,
    ):
        began = time.monotonic()
        with pytest.raises(Conflict, match="held by another"):
            other.lock("/locks/x", theirs, timeout=0.4)
        assert 0.4 <= time.monotonic() - began < 2
        with pytest.raises(Conflict):
            registry.lock("/locks/x", mine, timeout=0)
        assert [record.key for record in registry.list("/locks/").records] == [held.key]


def test_locks_of_other_names_do_not_wait(registry: Registry) -> None:
    with registry.session(TTL_S) as session, registry.lock("/locks/x", session):
        with registry.lock("/locks/x2", session, timeout=0) as second:
            registry.transaction([second.guard], [Put("/a", b"1")])
        with pytest.raises(Conflict, match="no longer held"):
            registry.transaction([second.guard], [Put("/a", b"2")])
        second.release()
    assert registry.list("/locks/").records == ()


def test_who_waits_with_a_session_that_ends_is_told(registry: Registry, other: Registry) -> None:
    mine, theirs = registry.session(TTL_S * 5), other.session(TTL_S * 5)
    with registry.lock("/locks/x", mine), ThreadPoolExecutor(1) as pool:
        asked = queue_up(registry, pool, theirs)
        theirs.close()
        assert isinstance(asked.exception(WAIT_S), LeaseLost)
    mine.close()


def test_a_lock_goes_with_its_session(registry: Registry, other: Registry) -> None:
    mine = registry.session(TTL_S)
    registry.lock("/locks/x", mine)
    with other.session(TTL_S) as theirs, ThreadPoolExecutor(1) as pool:
        asked = queue_up(registry, pool, theirs)
        mine.close()
        lock = asked.result(WAIT_S)
        assert lock.fence > 0
        lock.release()


def test_a_lock_needs_a_name(registry: Registry) -> None:
    with registry.session(TTL_S) as session, pytest.raises(RoforlmaoError, match="key"):
        registry.lock("a\nb", session)
