"""Members under a lease, over both backends: one launcher of a name, gone with its lease, back by itself."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from roforlmao.errors import NameTaken
from roforlmao.federation.identity import Origin
from roforlmao.federation.membership import Member, Membership, check_own, decode, encode
from roforlmao.federation.roster import Known, roster
from roforlmao.registry.base import Registry
from tests.contract.etcdcluster import wait_for
from tests.contract.hearing import ROOT, announce
from tests.contract.stores import EXPIRY_S

PREFIX = f"{ROOT}members/"
KEY = f"{PREFIX}alice"
HOME = Origin("1" * 32, "place-a", "laptop")
NOW = "2026-11-22T12:00:00+00:00"
TTL = 3.0


def me(origin: Origin = HOME) -> Member:
    return Member("alice", "1.0", "2026-11-20T08:15:00+00:00", "", (), origin)


def member(registry: Registry, origin: Origin = HOME) -> Membership:
    return Membership(registry, PREFIX, me(origin), TTL)


def test_a_member_is_there_with_its_hubs_until_it_leaves(registry: Registry, other: Registry) -> None:
    membership = member(registry)
    membership.hold(["helm", "dockerhub"], NOW)
    assert not membership.due
    found = other.get(KEY)
    assert found is not None
    assert found.lease
    assert decode("alice", found.value) == replace(me(), last_seen=NOW, hubs=("helm", "dockerhub"))
    membership.leave()
    assert other.get(KEY) is None


def test_the_fields_are_those_that_peers_read() -> None:
    assert set(json.loads(encode(me()))) == {
        "name", "version", "since", "last_seen", "hubs", "instance", "place", "host",
    }  # fmt: skip


def test_another_home_of_that_name_is_refused_with_whose_it_is_and_what_to_do(
    registry: Registry, other: Registry
) -> None:
    member(registry).hold([], NOW)
    stranger = Origin("2" * 32, "place-b", "server")
    with pytest.raises(NameTaken) as refused:
        member(other, stranger).hold([], NOW)
    assert refused.value.exit_status == 5
    assert refused.value.message == "Another operator is here as 'alice', on laptop since 2026-11-20 08:15."
    assert "init --operator NAME" in refused.value.hint
    with pytest.raises(NameTaken):
        check_own(other, PREFIX, "alice", stranger)


def test_a_copied_home_is_told_from_its_original(registry: Registry, other: Registry) -> None:
    member(registry).hold([], NOW)
    with pytest.raises(NameTaken, match="This home is a copy of one that is at work on laptop") as refused:
        member(other, replace(HOME, place="place-b")).hold([], NOW)
    assert "If you moved it, stop the launcher there" in refused.value.hint


def test_a_killed_launcher_of_the_same_home_is_succeeded_at_once(registry: Registry, other: Registry) -> None:
    killed = member(registry)
    killed.hold(["helm"], NOW)
    successor = member(other, replace(HOME, host="renamed-by-the-network"))
    successor.hold([], NOW)
    killed.leave()  # its lease ends: the key is the successor's by now
    assert other.get(KEY) is not None
    successor.leave()


@pytest.mark.parametrize("value", [b"\xff", b"[]", b'{"hubs": "helm"}', b'{"hubs": ["../x"]}'])
def test_an_entry_that_cannot_be_read_takes_the_name_only_with_a_lease(
    registry: Registry, other: Registry, value: bytes
) -> None:
    other.put(KEY, value)
    mine = member(registry)
    mine.hold([], NOW)  # nobody is there
    mine.leave()
    with other.session(10) as session:
        other.put(KEY, value, lease=session.lease)
        with pytest.raises(NameTaken, match="cannot be read"):
            mine.hold([], NOW)
        assert [one.name for one in roster(registry, ROOT, []).good] == []


def test_a_member_whose_lease_was_lost_is_one_again(registry: Registry, other: Registry) -> None:
    mine = member(registry)
    mine.hold([], NOW)
    session = mine._session
    assert session is not None
    session.close()  # as after a pause that was too long
    assert other.get(KEY) is None
    assert mine.due
    mine.hold([], NOW)
    assert other.get(KEY) is not None
    mine.leave()


def test_a_member_that_is_gone_without_a_word_is_gone_after_its_time_to_live(
    registry: Registry, other: Registry
) -> None:
    mine = member(registry)
    mine.hold([], NOW)
    assert mine._session is not None
    mine._session._ended.set()  # type: ignore[attr-defined]  # as a kill does: nothing is renewed or revoked
    assert other.get(KEY) is not None
    assert wait_for(lambda: other.get(KEY) is None, TTL + EXPIRY_S)


def test_the_roster_names_who_is_here_and_who_announced_when(registry: Registry, other: Registry) -> None:
    announce(other, "bob", "2026-9-5", hub="helm")
    announce(other, "bob", "2026-11-20", hub="dockerhub")
    announce(other, "alice", "2026-11-21")
    for bad in ("helm/2026-11-21/../x", "helm/never/eve", "helm/2026-11-21/-rf", "helm/2026-11-21"):
        other.put(f"{ROOT}hubs/{bad}", b"{}")
    mine = member(registry)
    mine.hold(["sar"], NOW)
    found = roster(other, ROOT, ["carol", "bob", "", "../dan"])
    assert found.good == (
        Known("alice", "here", "1.0", me().since, NOW, ("sar",), "2026-11-21", "laptop"),
        Known("bob", hubs=("dockerhub", "helm"), last_announced="2026-11-20"),
        Known("carol"),
    )
    mine.leave()


def test_foreign_words_of_a_member_are_clean(registry: Registry) -> None:
    hostile = replace(HOME, host="\x1b]0;x\x07lap\x1b[2J\ntop")
    with registry.session(10) as session:
        registry.put(KEY, encode(me(hostile)), lease=session.lease)
        (one,) = roster(registry, ROOT, []).good
    assert one.host == "lap top"
