"""Launchers as members: seen by others, one of a name, gone when they are gone."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.etcdcluster import Cluster, wait_for
from tests.session.backends import Shared, on, shared
from tests.session.running import scheduler
from tests.session.test_menus import answer, choose, launcher, leave
from tests.session.world import Operator, World

TTL_S, MARGIN_S = 3.0, 4.0


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Shared]:
    with shared("sqlite", tmp_path) as found:
        yield found


@pytest.fixture
def etcd(cluster: Cluster) -> Iterator[Shared]:
    with on(cluster) as found:
        yield found


@pytest.fixture(params=["file", "etcd"])
def federation(request: pytest.FixtureRequest) -> Shared:
    found: Shared = request.getfixturevalue(request.param)
    return found


def here(operator: Operator) -> list[str]:
    """The names of those who are there, as that operator's launcher lists them."""
    return [one["name"] for one in operator.done("member", "list") if one["state"] == "here"]


def lease(federation: Shared, name: str) -> int:
    """Which lease a member lives by; 0 where it is not there."""
    found = federation.registry.get(f"/mao/members/{name}")
    return found.lease if found else 0


def adding(name: str) -> list[str]:
    return ["dataset", "add", name, f"https://example.org/{name}.git", "--unchecked"]


def register(operator: Operator, name: str) -> None:
    operator.done(*adding(name))


def becomes(state: Callable[[], Any], wanted: Any, seconds: float = 20) -> None:
    assert wait_for(lambda: bool(state() == wanted), seconds), state()


def test_members_come_and_go_and_of_a_name_there_is_one(world: World, federation: Shared) -> None:
    alice, bob = federation.operator(world, "alice"), federation.operator(world, "bob")
    second = federation.operator(world, "alice", home="second")
    register(bob, "days")
    with scheduler(alice) as first:
        becomes(lambda: here(bob), ["alice"])
        assert [(one["name"], one["own"], one["state"]) for one in bob.done("member", "list")] == [
            ("alice", False, "here"),
            ("bob", True, "away"),
        ]
        refused = second.verb(*adding("mine"))
        assert (refused.status, refused.data["error"]["code"]) == (5, "name-taken")
        assert "Another operator is here as 'alice', on" in refused.data["error"]["message"]
        assert "init --operator NAME" in refused.data["error"]["hint"]
        checked = {one["check"]: one["ok"] for one in second.verb("doctor").data}
        assert (checked["name"], checked["registry"]) == (False, True)
        with scheduler(second) as impostor:
            told = impostor.wait_for("notice", 20)
            assert told["kind"] == "member"
            assert "You can neither register nor announce" in told["text"]
            assert "failed: Another operator" in outcome(second, "member heartbeat")
            first.process.kill()
            killed = time.monotonic()
            becomes(lambda: "alice" in here(bob), False, TTL_S + MARGIN_S)
            assert time.monotonic() - killed > TTL_S / 3  # nobody had told the registry
    register(second, "mine")
    assert [one["name"] for one in bob.done("member", "list")] == ["alice", "bob"]


def test_a_second_launcher_of_a_home_shares_the_membership_and_takes_it_over(
    world: World, federation: Shared
) -> None:
    alice, bob = federation.operator(world, "alice"), federation.operator(world, "bob")
    with scheduler(alice) as first:
        becomes(lambda: here(bob), ["alice"])
        held = lease(federation, "alice")
        with scheduler(alice) as other:
            other.wait_for("standing-by", 20)
            register(alice, "mine")
            first.process.kill()
            other.wait_for("firing", 20)
            becomes(lambda: lease(federation, "alice") in (0, held), False)
            assert here(bob) == ["alice"]
            assert [one for one in other.told if one["event"] == "notice"] == []
            other.process.terminate()
            other.process.wait(10)
    assert here(bob) == []  # one that ends in order says so


def test_a_copy_of_a_home_is_refused_while_its_original_is_there(world: World, file: Shared) -> None:
    alice = file.operator(world, "alice")
    with scheduler(alice):
        becomes(lambda: here(alice), ["alice"])
        shutil.copytree(alice.home, world.root / "copy")
        copy = Operator("alice", world.root / "copy")
        refused = copy.verb(*adding("mine"))
        assert refused.status == 5
        assert "This home is a copy of one that is at work" in refused.data["error"]["message"]


def test_nothing_is_pushed_under_a_name_that_another_holds(world: World, file: Shared) -> None:
    alice, second = file.operator(world, "alice"), file.operator(world, "alice", home="second")
    world.script(second, "ticker", data=True)
    remote = world.root / "remotes" / "ticker-data.git"
    with scheduler(alice):
        becomes(lambda: here(alice), ["alice"])
        refused = second.verb("tool", "run", "ticker", "--hub", "helm", "--sync")
        assert (refused.status, refused.data["sync"]["state"]) == (5, "refused")
        assert world.git(remote, "branch", "--list") == ""
    assert wait_for(lambda: here(second) == [], TTL_S + MARGIN_S)
    done = second.done("run", "sync", refused.data["id"], "--hub", "helm")
    assert (done["sync"]["state"], done["sync"]["waits"]) == ("pushed", False)


def test_one_who_takes_another_name_in_the_menus_is_a_member_at_once(
    world: World, tmp_path: Path, file: Shared
) -> None:
    alice, second = file.operator(world, "alice"), file.operator(world, "alice", home="second")
    world.registry = tmp_path / "shared.sqlite"  # which the terminal's environment names
    with scheduler(alice):
        becomes(lambda: here(alice), ["alice"])
        with launcher(world, second.home, cols=100) as terminal:
            terminal.wait_for("Another operator is here as 'alice'", 30)
            choose(terminal, "Settings", "Set up this launcher")
            answer(terminal, "your name in the federation", "\x15alina")
            answer(terminal, "where to keep your files")
            answer(terminal, "Embedded")
            terminal.wait_for("You are alina")
            becomes(lambda: here(alice), ["alice", "alina"])
            terminal.press("escape")
            leave(terminal)
        becomes(lambda: here(alice), ["alice"])


def test_news_of_peers_are_told_once_whichever_launcher_was_open(world: World, etcd: Shared) -> None:
    alice, bob = etcd.operator(world, "alice"), etcd.operator(world, "bob")
    register(bob, "before")
    with scheduler(alice) as first:
        becomes(lambda: here(bob), ["alice"])
        becomes(lambda: watches(alice), True)
        register(bob, "days")
        register(alice, "mine")
        told = first.wait_for("notice", 20)
        assert (told["kind"], told["text"]) == ("peers", "bob registered the dataset 'days'.")
        first.process.kill()
    for number in range(7):
        register(bob, f"later{number}")
    with scheduler(alice) as second:
        assert second.wait_for("notice", 30)["text"].startswith("Meanwhile: 7 new datasets by bob.")
    assert [notice["text"].split(".")[0] for notice in alice.done("notification", "list")] == [
        "Meanwhile: 7 new datasets by bob",
        "bob registered the dataset 'days'",
    ]


def watches(operator: Operator) -> bool:
    found = outcome(operator, "registry watch")
    return found != "" and not found.startswith("failed")


def outcome(operator: Operator, routine: str) -> str:
    """How that went last, as the scheduler's page shows it; empty where it was not yet done."""
    routines = operator.done("scheduler", "status")["routines"]
    return next((str(one["outcome"]) for one in routines if one["name"] == routine), "")
