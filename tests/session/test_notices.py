"""Anomalies and losses reach the operator: above an open prompt, at a webhook, once, until acknowledged."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.session.counters import counting, day
from tests.session.running import scheduler
from tests.session.test_menus import launcher, leave
from tests.session.world import Operator, World
from tests.unit.webhook import Hook, listening

PATIENCE = 30.0  # seconds


@pytest.fixture
def hook() -> Iterator[Hook]:
    with listening() as server:
        yield server


@pytest.fixture
def alice(world: World, hook: Hook) -> Operator:
    operator = counting(world)
    with (operator.home / "config.yaml").open("a") as config:
        config.write(f"notify: [{{url: 'json://127.0.0.1:{hook.server_port}/', kinds: [anomaly, loss]}}]\n")
    return operator


def listens(operator: Operator) -> None:
    """Until the webhook is known: a new target begins with the next notice."""
    deadline = time.monotonic() + PATIENCE
    with closing(sqlite3.connect(operator.home / "state" / "launcher.sqlite")) as state:
        while not state.execute("SELECT COUNT(*) FROM handed").fetchone()[0]:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def fires(operator: Operator, number: int, value: int, *words: object) -> None:
    """A job that leaves that value, called for now."""
    job = operator.done(
        "tool", "schedule", "counter", "monthly", "--command", "go",
        "--arg", day(number), "--arg", value, *words,
    )  # fmt: skip
    operator.done("tool", "run-now", job["id"])


def unread(operator: Operator, kind: str) -> list[Any]:
    return [notice for notice in operator.done("notification", "list") if notice["kind"] == kind]


def test_an_anomaly_of_a_scheduled_run_appears_in_the_open_menu_and_comes_to_the_webhook_once(
    world: World, alice: Operator, hook: Hook
) -> None:
    with launcher(world, alice.home) as terminal:
        terminal.wait_for("no jobs")
        listens(alice)
        fires(alice, 7, 300)
        terminal.wait_for("300 is 53 % under the expected 635", timeout=PATIENCE)
        terminal.wait_for("1 notice")
        assert hook.came.wait(PATIENCE)
        [notice] = unread(alice, "anomaly")
        alice.done("notification", "ack", notice["id"])
        terminal.wait_until(lambda: "1 notice" not in terminal.screen())
        leave(terminal)
    [(_, sent)] = hook.taken
    assert (sent["title"], sent["message"]) == ("roforlmao (alice): anomaly", notice["text"])
    [ran] = alice.done("run", "list")
    assert ran["id"] in notice["text"]
    alice.done("run", "sync", ran["id"], "--hub", "helm")  # judges nothing twice
    assert unread(alice, "anomaly") == []


def test_a_scheduler_without_menus_tells_it_likewise(alice: Operator, hook: Hook) -> None:
    with scheduler(alice) as running:
        running.wait_for("firing", 20)
        listens(alice)
        fires(alice, 7, 300)
        assert running.wait_for("finished", 20)["state"] == "succeeded"
        assert hook.came.wait(PATIENCE)
    [notice] = unread(alice, "anomaly")
    assert [sent["message"] for _, sent in hook.taken] == [notice["text"]]
    alice.done("notification", "ack", "--all")
    assert unread(alice, "anomaly") == []


def test_a_normal_run_tells_nothing_and_one_by_hand_tells_an_anomaly(alice: Operator) -> None:
    alice.done("tool", "run", "counter", "go", day(7), 635, "--no-sync")
    assert alice.done("notification", "list") == []
    ran = alice.done("tool", "run", "counter", "go", day(8), 0, "--no-sync")
    [notice] = alice.done("notification", "list")
    assert notice["kind"] == "anomaly"
    assert notice["text"].startswith(f"Run {ran['id']} of counter: 0 means that nothing was collected")
    assert f"`spike ack {ran['id']}`" in notice["text"]


@pytest.mark.parametrize("sync", [(), ("--sync", "--hub", "helm")])
def test_a_scheduled_run_that_would_lose_published_rows_records_it_and_pushes_nothing(
    world: World, alice: Operator, hook: Hook, sync: tuple[str, ...]
) -> None:
    alice.done("tool", "run", "counter", "go", day(6), 635, "--sync", "--hub", "helm")
    remote = Path(world.root / "remotes" / "counter-data.git")
    published = world.git(remote, "rev-parse", "main")
    with scheduler(alice) as running:
        running.wait_for("firing", 20)
        listens(alice)
        fires(alice, 6, 600, *sync)  # the same day again, with fewer rows
        ended = running.wait_for("finished", 20)
        assert hook.came.wait(PATIENCE)
    assert world.git(remote, "rev-parse", "main") == published
    ran = alice.done("run", "show", ended["run"])
    assert (ran["state"], ran["sync"]["state"]) == ("succeeded", "refused")
    [notice] = unread(alice, "loss")
    lost = f"apps-{day(6)}.csv would shrink from 635 to 600 rows"
    for told in (notice["text"], ran["sync"]["reason"], ended["reason"]):
        assert lost in told
    assert any(lost in sent["message"] for _, sent in hook.taken)
    assert alice.verb("run", "sync", ran["id"], "--hub", "helm").status == 5
    left = alice.done("run", "sync", ran["id"], "--hub", "helm", "--leave-out")
    assert left["sync"]["state"] == "pushed"


def test_a_sync_by_hand_that_would_lose_rows_is_told_as_a_loss(alice: Operator) -> None:
    publish = ("--sync", "--hub", "helm")
    alice.done("tool", "run", "counter", "go", day(6), 635, *publish)
    assert alice.verb("tool", "run", "counter", "go", day(6), 634, *publish).status == 5
    assert [notice["kind"] for notice in alice.done("notification", "list")] == ["loss"]
