"""Verbs and menus while the registry is away: data is pushed, announcements wait and go out later, once."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from roforlmao.app import App
from roforlmao.errors import Unavailable
from roforlmao.paths import Home
from roforlmao.registry.base import Registry
from roforlmao.registry.fence import Fence
from roforlmao.registry.sqlite import SqliteRegistry
from tests.contract.announced import announced as commits_of_all
from tests.session.test_menus import choose, launcher, leave
from tests.session.world import Operator, World

WAITING = {
    "id",
    "since",
    "hub",
    "date",
    "operator",
    "url",
    "commit",
    "rows",
    "verdict",
    "run",
    "duty",
    "again",
}


@pytest.fixture
def alice(world: World) -> Operator:
    return world.ticking()


@contextmanager
def away(world: World) -> Iterator[None]:
    """The embedded registry's file is not readable as one meanwhile."""
    kept = world.root / "kept"
    kept.mkdir()
    for file in world.root.glob("registry.sqlite*"):
        file.rename(kept / file.name)
    world.registry.write_bytes(b"this was a registry once" * 100)
    try:
        yield
    finally:
        for file in world.root.glob("registry.sqlite*"):
            file.unlink()
        for file in kept.iterdir():
            shutil.move(file, world.root)
        kept.rmdir()


def announced(world: World) -> list[str]:
    """The commits of all announcements that were ever made, in order."""
    with closing(SqliteRegistry(world.registry)) as registry:
        return commits_of_all(registry)


def pushed(world: World, name: str = "ticker-data") -> list[str]:
    """The commits at the git host, oldest first."""
    return world.git(world.root / "remotes" / f"{name}.git", "log", "--reverse", "--format=%H").split()


def test_what_waits_is_listed_named_by_the_check_up_and_delivered_by_hand(
    world: World, alice: Operator
) -> None:
    with away(world):
        answer = alice.verb("tool", "run", "ticker", "--hub", "h", "--sync")
        assert (answer.status, answer.data["sync"]["waits"]) == (0, True)
        assert "outbox list" in answer.err
        [one] = alice.done("outbox", "list")
        assert set(one) == WAITING
        assert (one["hub"], one["run"], one["again"]) == ("h", answer.data["id"], f"run sync {one['run']}")
        assert one["commit"] == answer.data["sync"]["commit"] == pushed(world)[-1]
        failed = alice.verb("outbox", "deliver")
        assert (failed.status, failed.data["waiting"]) == (4, [one])
        assert failed.data["reason"]
        checks = {check["check"]: check for check in alice.verb("doctor").data}
        assert not checks["outbox"]["ok"]
        assert f"1 announcement, the first since {one['since']}: h" in checks["outbox"]["detail"]
        assert "outbox deliver" in checks["outbox"]["hint"]
    assert announced(world) == []
    assert alice.done("outbox", "deliver")["delivered"] == [one]
    assert announced(world) == [one["commit"]]
    run = alice.done("run", "show", one["run"])
    assert (run["sync"]["key"], run["sync"]["waits"]) == (f"/mao/hubs/h/{one['date']}/alice", False)
    assert alice.done("outbox", "list") == []
    assert {check["check"]: check["ok"] for check in alice.done("doctor")}["outbox"]


def test_a_verb_that_announces_first_delivers_what_waits(world: World, alice: Operator) -> None:
    with away(world):
        for day in ("2026-11-20", "2026-11-21"):
            alice.done("tool", "run", "ticker", "--hub", "h", "--date", day, "--sync")
        [first, second] = alice.done("outbox", "list")
    third = alice.done("tool", "run", "ticker", "--hub", "h", "--date", "2026-11-21", "--sync")["sync"]
    assert not third["waits"]
    assert announced(world) == [first["commit"], second["commit"], third["commit"]]
    assert [run["sync"]["waits"] for run in alice.done("run", "list")] == [False] * 3


def test_a_run_that_is_synced_again_meanwhile_is_announced_once(world: World, alice: Operator) -> None:
    with away(world):
        run = alice.done("tool", "run", "ticker", "--hub", "h", "--sync")
        assert alice.done("run", "sync", run["id"], "--hub", "h")["sync"]["waits"]
        assert len(alice.done("outbox", "list")) == 1
    assert not alice.done("run", "sync", run["id"], "--hub", "h")["sync"]["waits"]
    assert announced(world) == pushed(world)


def test_a_clone_of_ones_own_is_published_without_the_registry(world: World, alice: Operator) -> None:
    clone = world.root / "own"
    world.git(world.root, "clone", "--quiet", world.bare("own-data"), str(clone))
    (clone / "day.csv").write_text("1\n2\n")
    with away(world):
        answer = alice.verb("dataset", "sync", clone, "--hub", "h", "--date", "2026-11-21")
        assert (answer.status, answer.data["key"], answer.data["waits"]) == (0, "", True)
        assert answer.data["commit"] == pushed(world, "own-data")[-1]
        [one] = alice.done("outbox", "list")
        assert one["again"] == f"dataset sync {clone} --hub h --date 2026-11-21"
    assert alice.done("dataset", "sync", clone, "--hub", "h", "--date", "2026-11-21")["key"]
    assert announced(world) == [one["commit"]]


def test_all_that_waits_to_be_pushed_is_pushed_without_the_registry_and_announced_later(
    world: World, alice: Operator
) -> None:
    with away(world):
        ids = [alice.done("tool", "run", "ticker", "--no-sync")["id"] for _ in range(2)]
        for run in ids:
            assert alice.done("run", "sync", run, "--hub", "h")["sync"]["state"] == "pushed"
    assert alice.done("run", "push-all") == []
    assert (announced(world)[-1], alice.done("outbox", "list")) == (pushed(world)[-1], [])


def test_a_day_that_waited_can_be_retracted_as_soon_as_the_registry_is_back(
    world: World, alice: Operator
) -> None:
    words = ("hub", "retract", "h", "2026-11-21", "--reason", "a wrong day")
    with away(world):
        alice.done("tool", "run", "ticker", "--hub", "h", "--date", "2026-11-21", "--sync")
        assert alice.verb(*words).status == 4
    assert alice.done(*words)["retracted"]["commit"] == pushed(world)[-1]
    assert len(announced(world)) == 2  # and the mark


def test_what_is_not_to_be_announced_is_discarded(world: World, alice: Operator) -> None:
    with away(world):
        run = alice.done("tool", "run", "ticker", "--hub", "h", "--sync")["id"]
        [one] = alice.done("outbox", "list")
        assert alice.verb("outbox", "discard", one["id"]).data["commit"] == one["commit"]
        unknown = alice.verb("outbox", "discard", one["id"])
        assert (unknown.status, unknown.data["error"]["code"]) == (2, "not-found")
    assert alice.done("outbox", "deliver")["delivered"] == []
    assert announced(world) == []
    sync: dict[str, Any] = alice.done("run", "show", run)["sync"]
    assert (sync["state"], sync["reason"]) == (
        "failed",
        f"its announcement was discarded; `run sync {run}`",
    )


def test_an_announcement_that_may_not_be_made_any_more_is_refused_and_told(
    world: World, alice: Operator
) -> None:
    """Its URL is a path on this machine, which only the operator's own entries may name."""
    with away(world):
        run = alice.done("tool", "run", "ticker", "--hub", "h", "--sync")["id"]
    config = alice.home / "config.yaml"
    config.write_text(
        config.read_text().replace("operator: alice", "operator: anna").replace("true", "false")
    )
    refused = alice.verb("outbox", "deliver")
    assert (refused.status, len(refused.data["refused"])) == (3, 1)
    assert announced(world) == []
    assert [run["id"] for run in alice.done("run", "list") if run["sync"]["state"] == "failed"] == [run]
    assert any(run in notice["text"] for notice in alice.done("notification", "list"))


def test_the_menus_count_what_waits_show_it_and_deliver_it_by_themselves(
    world: World, alice: Operator
) -> None:
    cols = 60
    with away(world):
        alice.done("tool", "run", "ticker", "--hub", "h", "--sync")
        alice.done("notification", "ack", "--all")
        with launcher(world, alice.home, cols=cols) as terminal:
            terminal.wait_for("1 to announce")
            choose(terminal, "Runs", "Announcements that wait")
            terminal.wait_for("Waiting to be announced")
            leave(terminal)
    with launcher(world, alice.home, cols=cols) as terminal:
        terminal.wait_until(lambda: announced(world) == pushed(world))
        terminal.wait_for("1 announcement delivered")
        terminal.wait_until(lambda: "to announce" not in terminal.screen().splitlines()[-1])
        leave(terminal)


def test_a_holder_that_cannot_ask_for_its_claim_commits_and_pushes_nothing(
    world: World, alice: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_fence: Fence, _registry: Registry, _cause: Exception | None = None) -> None:
        raise Unavailable("The registry does not answer.")

    finished = threading.Event()
    alice.done("tool", "schedule", "ticker", "daily", "--duty", "watch", "--hub", "h")
    alice.done("tool", "run-now", "ticker")
    with monkeypatch.context() as patch:
        patch.setattr(Fence, "check", away)
        with closing(App(Home.locate(None, str(alice.home), {}), os.environ)) as app:
            scheduler = app.scheduler(lambda news: finished.set() if news.event == "finished" else None)
            scheduler.start()
            assert finished.wait(30)
            scheduler.stop()
    [run] = alice.done("run", "list")
    assert (run["state"], run["sync"]["state"]) == ("succeeded", "committed")
    assert world.git(world.root / "remotes" / "ticker-data.git", "for-each-ref") == ""
    assert (announced(world), alice.done("outbox", "list")) == ([], [])
    [notice] = [one["text"] for one in alice.done("notification", "list") if one["kind"] == "sync"]
    assert "its data is not published: The registry does not answer" in notice
    [done] = alice.done("run", "push-all")
    assert announced(world) == [done["sync"]["commit"]] == pushed(world)[-1:]
