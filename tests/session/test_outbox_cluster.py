"""A cluster loses its majority in the middle of runs: what is pushed is announced later, once, in order."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from roforlmao.registry.etcd import EtcdRegistry
from tests.contract.announced import announced, announcements
from tests.contract.etcdcluster import Cluster, config, running, wait_for
from tests.session.running import Running, scheduler
from tests.session.world import Operator, World

WAITS = "pushed; the announcement waits for the registry"
HELD = 'mkdir -p data; date +%s%N > "data/tick-$(date +%s%N).csv"\n'


@dataclass(frozen=True)
class Scene:
    """alice with the tool ``held``, whose pushes touch ``reached`` and then wait for ``go``."""

    world: World
    cluster: Cluster
    alice: Operator
    registry: EtcdRegistry

    @property
    def reached(self) -> Path:
        return self.world.root / "reached"

    @property
    def go(self) -> Path:
        return self.world.root / "go"

    def settings(self, *, lease_s: int = 30) -> None:
        endpoints = json.dumps(self.cluster.endpoints)
        (self.alice.home / "config.yaml").write_text(
            f"operator: alice\nallow_local_repositories: true\nschedule: {{duty_lease: {lease_s}s}}\n"
            f"registry: {{backend: etcd, etcd: {{endpoints: {endpoints}}}}}\n"
        )

    def schedule(self, *words: str) -> None:
        rule = ("daily", "--at", "00:00", "--timezone", "UTC")
        self.alice.done("tool", "schedule", "held", *rule, "--hub", "h", *words)
        self.alice.done("tool", "run-now", "held")

    def lose_majority_in_the_push(self, launcher: Running) -> None:
        """The run goes on to its end; returns when that is told."""
        assert wait_for(self.reached.exists)
        self.lose_majority()
        self.go.touch()
        ended = launcher.wait_for("finished", 60)
        assert (ended["state"], ended["reason"]) == ("succeeded", WAITS)

    def lose_majority(self) -> None:
        for server in self.cluster.servers[:2]:
            server.kill()

    def told(self) -> list[str]:
        return announced(self.registry)

    def pushed(self) -> list[str]:
        remote = self.world.root / "remotes" / "held-data.git"
        return self.world.git(remote, "log", "--reverse", "--format=%H").split()

    def claim(self) -> str:
        """The claim of the duty's one slot: its state, or nothing where it is gone."""
        records = self.registry.list("/mao/fired/watch/").records
        return str(json.loads(records[0].value)["state"]) if records else ""


@pytest.fixture
def scene(world: World, tmp_path: Path) -> Iterator[Scene]:
    with (
        running(tmp_path) as cluster,
        closing(EtcdRegistry(config(*cluster.endpoints))) as registry,
    ):
        made = Scene(world, cluster, world.operator("alice"), registry)
        made.settings()
        world.script(made.alice, "held", HELD, data=True)
        hook = world.root / "remotes" / "held-data.git" / "hooks" / "post-receive"
        hook.parent.mkdir(exist_ok=True)
        wait = f"while [ ! -e {made.go} ]; do sleep 0.05; done"
        hook.write_text(f"#!/bin/sh\ntouch {made.reached}\n{wait}\n")
        hook.chmod(0o755)
        yield made


def test_a_scheduled_run_is_pushed_and_the_next_launcher_announces_it_when_the_cluster_is_back(
    scene: Scene,
) -> None:
    scene.schedule("--sync")
    with scheduler(scene.alice) as first:
        scene.lose_majority_in_the_push(first)
        first.process.kill()
    [waiting] = scene.alice.done("outbox", "list")
    assert [waiting["commit"]] == scene.pushed()
    with scheduler(scene.alice) as second:
        second.wait_for("firing", 20)
        time.sleep(6)  # nothing tells of its first look, which begins after 5 s
        assert second.process.poll() is None
        scene.cluster.heal()
        assert wait_for(lambda: not scene.alice.done("outbox", "list"), 60)
    assert scene.told() == scene.pushed()
    run = scene.alice.done("run", "show", waiting["run"])["sync"]
    assert (run["state"], run["waits"], run["key"]) == ("pushed", False, announcements(scene.registry)[0].key)
    kinds = [one["text"] for one in scene.alice.done("notification", "list") if one["kind"] == "outbox"]
    assert len(kinds) == 2, kinds


def test_a_run_by_hand_without_any_member_takes_seconds_and_is_announced_before_the_next(
    scene: Scene,
) -> None:
    scene.go.touch()
    for server in scene.cluster.servers:
        server.kill()
    began = time.monotonic()
    sync = scene.alice.done("tool", "run", "held", "--hub", "h", "--date", "2026-11-20", "--sync")["sync"]
    assert (sync["state"], sync["waits"]) == ("pushed", True)
    assert time.monotonic() - began < 20
    scene.cluster.heal()
    sync = scene.alice.done("tool", "run", "held", "--hub", "h", "--date", "2026-11-20", "--sync")["sync"]
    assert not sync["waits"]
    assert len(scene.told()) == 2
    assert scene.told() == scene.pushed()


def test_a_shared_slot_is_announced_late_as_long_as_its_claim_holds(scene: Scene) -> None:
    scene.schedule("--duty", "watch")
    with scheduler(scene.alice) as launcher:
        scene.lose_majority_in_the_push(launcher)
        launcher.process.kill()
    [waiting] = scene.alice.done("outbox", "list")
    assert waiting["duty"]
    scene.cluster.heal()
    assert scene.claim() == "running"
    assert scene.alice.verb("outbox", "deliver").status == 0
    assert (scene.claim(), scene.told()) == ("done", scene.pushed())


def test_a_shared_slot_whose_claim_ran_out_meanwhile_is_left_to_its_successor(scene: Scene) -> None:
    scene.settings(lease_s=2)
    scene.schedule("--duty", "watch")
    with scheduler(scene.alice) as launcher:
        scene.lose_majority_in_the_push(launcher)
        launcher.process.kill()
    scene.cluster.heal()
    assert wait_for(lambda: not scene.claim())
    refused = scene.alice.verb("outbox", "deliver")
    assert (refused.status, len(refused.data["refused"])) == (3, 1)
    assert "Another operator may have taken it" in str(scene.alice.done("notification", "list"))
    assert scene.told() == []
    [run] = scene.alice.done("run", "list")
    assert run["sync"]["state"] == "failed"
    scene.alice.done("run", "sync", run["id"], "--hub", "h")  # the operator's word
    assert scene.told() == scene.pushed()
