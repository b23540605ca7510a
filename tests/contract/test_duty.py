"""Slots that operators share, on both registries: one holds, one settles, a late one is refused."""

from __future__ import annotations

import datetime as dt
import threading

import pytest

from roforlmao.errors import BadInput, Conflict, LeaseLost
from roforlmao.models import Announcement
from roforlmao.registry.base import Registry
from roforlmao.registry.catalog import Catalog
from roforlmao.registry.fence import Fence
from roforlmao.schedule import duty
from roforlmao.schedule.duty import Duties, StandBy
from roforlmao.schedule.rules import Rule
from tests.contract.etcdcluster import wait_for
from tests.contract.stores import Store

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
SLOT = int(NOW.timestamp())
KEY = "/mao/fired/watch/2026-06-01T12:00:00Z"


def duties(registry: Registry, operator: str, lease_s: float = 30.0) -> Duties:
    return Duties(lambda: registry, "/mao/", operator, lambda: NOW, lease_s)


def announcement(operator: str) -> Announcement:
    return Announcement("h", "2026-06-01", operator, "https://example.org/d.git", "ab" * 20, 1)


def nothing() -> None: ...


def test_while_one_holds_a_slot_others_stand_by_and_once_it_is_settled_they_skip_it(
    registry: Registry, other: Registry
) -> None:
    alice, bob = duties(registry, "alice"), duties(other, "bob")
    with alice.claim("watch", SLOT, nothing) as mine:
        assert mine.fence is not None
        with pytest.raises(StandBy, match="alice runs this slot") as told, bob.claim("watch", SLOT, nothing):
            pass
        assert told.value.again_s == 15
        with bob.claim("watch", SLOT + 1, nothing) as another:
            assert another.fence is not None
        catalog = Catalog(registry, "/mao/", "alice", allow_local=False, fence=mine.fence)
        catalog.announce(announcement("alice"))
        settled, announced = registry.get(KEY), registry.get("/mao/hubs/h/2026-06-01/alice")
        assert settled is not None
        assert announced is not None
        assert (settled.revision, settled.lease) == (announced.revision, 0)
        catalog.announce(announcement("alice"))
        mine.fence.settle(registry)
        assert (registry.get(KEY), registry.get(announced.key)) == (settled, announced), "written twice"
    with bob.claim("watch", SLOT, nothing) as theirs:
        assert (theirs.fence, theirs.taken) == (None, "alice ran it")


def test_a_slot_that_was_not_settled_is_free_again(registry: Registry, other: Registry) -> None:
    with duties(registry, "alice").claim("watch", SLOT, nothing) as mine:
        assert mine.fence is not None
    with duties(other, "bob").claim("watch", SLOT, nothing) as theirs:
        assert theirs.fence is not None


def test_a_holder_that_was_away_too_long_announces_nothing(registry: Registry, other: Registry) -> None:
    lost = threading.Event()
    with duties(registry, "alice").claim("watch", SLOT, lost.set) as mine:
        assert mine.fence is not None
        other.delete(KEY)  # as its lease does when it runs out
        with duties(other, "bob").claim("watch", SLOT, nothing) as theirs:
            assert theirs.fence is not None
            late = Catalog(registry, "/mao/", "alice", allow_local=False, fence=mine.fence)
            for write in (
                lambda: late.announce(announcement("alice")),
                lambda: mine.fence.settle(registry) if mine.fence else None,
                lambda: mine.fence.check(registry) if mine.fence else None,
            ):
                with pytest.raises(LeaseLost, match="away for longer than its lease"):
                    write()
            Catalog(other, "/mao/", "bob", allow_local=False, fence=theirs.fence).announce(
                announcement("bob")
            )
    assert [one.operator for one in late.announcements("h").good] == ["bob"]


def test_a_lease_that_runs_out_frees_the_slot_and_its_holder_hears_of_it(
    registry: Registry, other: Registry
) -> None:
    session = registry.session(1.0)
    registry.put(KEY, b'{"operator": "alice", "state": "running"}', lease=session.lease)
    session._ended.set()  # type: ignore[attr-defined] # it no longer renews, as when its process is stopped

    def free() -> bool:
        try:
            with duties(other, "bob").claim("watch", SLOT, nothing) as claim:
                return claim.fence is not None
        except StandBy:
            return False

    assert wait_for(free, 10)


def test_of_eight_that_reach_for_a_slot_at_once_one_gets_it(registry_factory: Store) -> None:
    clients = [registry_factory.client() for _ in range(8)]
    got: list[str] = []
    barrier, done = threading.Barrier(8), threading.Barrier(8)

    def reach(number: int) -> None:
        barrier.wait(20)
        try:
            with duties(clients[number], f"o{number}").claim("watch", SLOT, nothing) as claim:
                if claim.fence is not None:
                    got.append(f"o{number}")
                done.wait(20)
        except StandBy:
            done.wait(20)

    threads = [threading.Thread(target=reach, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    assert len(got) == 1


def test_old_slots_are_forgotten_and_not_run_by_a_latecomer(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duty, "KEPT", 5)
    alice = duties(registry, "alice")
    for number in range(8):
        with alice.claim("watch", SLOT + number, nothing) as claim:
            assert claim.fence is not None
            claim.fence.settle(registry)
    assert len(registry.list("/mao/fired/watch/").records) == 6
    with alice.claim("watch", SLOT - 1, nothing) as late:
        assert "too long ago" in late.taken


def test_what_strangers_write_into_a_claim_is_harmless(registry: Registry) -> None:
    for value in (b"", b"\xff", b"[1]", b'{"state": "done", "operator": "\\u001b[2J"}'):
        registry.put(KEY, value)
        assert "\x1b" not in said_to(duties(registry, "bob"))


def said_to(bob: Duties) -> str:
    try:
        with bob.claim("watch", SLOT, nothing) as claim:
            return claim.taken
    except StandBy as error:
        return error.message


def test_a_rule_is_agreed_once(registry: Registry, other: Registry) -> None:
    rule = Rule("daily", "UTC", "07:30")
    duties(registry, "alice").agree("watch", rule)
    duties(other, "bob").agree("watch", rule)
    with pytest.raises(BadInput, match="of alice has another rule"):
        duties(other, "bob").agree("watch", Rule("daily", "UTC", "07:31"))


def test_a_fence_says_nothing_of_other_conflicts(registry: Registry) -> None:
    created = registry.put("/mao/claim", b"x")
    fence = Fence("/mao/claim", created, b"done")
    with pytest.raises(Conflict):
        fence.put(registry, "/mao/k", b"v", expect=999_999_999)
    record = registry.get("/mao/claim")
    assert record is not None
    assert record.value == b"x"
