"""Jobs of container tools on a real engine: what they are given to read, and what outlives a launcher."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.contract.etcdcluster import wait_for
from tests.faults.engines import Daemon
from tests.faults.launchers import running_in, tell
from tests.session.peers import MONDAY, TUESDAY, Peer, polls
from tests.session.running import scheduler
from tests.session.world import Operator, World

READS = """set -eu
cat /usr/src/app/input/input.json
echo "added: $(cat /usr/src/app/input/bob/added/2026-11-02.csv | tail -n 1)"
touch /usr/src/app/input/mine 2>/dev/null && echo "it is writable"
echo 1 > /usr/src/app/data/seen.csv
"""
WAITS = """
echo before
while [ ! -e /tmp/go ]; do sleep 0.1; done
echo 1 > /usr/src/app/data/day.csv
exit 3
"""


def installed(world: World, daemon: Daemon, name: str, script: str) -> Operator:
    daemon.start()
    daemon.clear()
    daemon.import_image(f"{name}:1", script)
    alice = world.operator("alice")
    with (alice.home / "config.yaml").open("a") as config:
        config.write("containers: {network: none, memory: 64m}\n")
    alice.done("--yes", "tool", "add", name, "me", f"{name}:1", world.bare("data"), "", "")
    alice.done("tool", "install", name, "--trust")
    return alice


@pytest.fixture(autouse=True)
def engine(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", daemon.host)


def past(operator: Operator) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = operator.done("scheduler", "status")["past"]
    return found


def test_a_container_reads_what_called_for_it_and_cannot_write_there(world: World, daemon: Daemon) -> None:
    alice = installed(world, daemon, "reads", READS)
    polls(alice, "1s")
    bob = Peer(world)
    bob.announce({"2026-11-01.csv": MONDAY})
    alice.done("tool", "schedule", "reads", "--when-hub", "h", "--gap", "1s")
    with scheduler(alice) as running:
        commit = bob.announce({"2026-11-02.csv": TUESDAY})
        told = running.wait_for("finished", 60)
        running.process.terminate()
        running.wait_for("ended", 10)
    assert told["state"] == "succeeded", told
    log = alice.done("run", "log", told["run"])["text"]
    assert commit in log
    assert "added: d,4" in log
    assert "it is writable" not in log


def killed(alice: Operator, daemon: Daemon) -> str:
    """A scheduler that is killed while its container is at work; the container's id."""
    with scheduler(alice) as running:
        running.wait_for("started", 60)
        assert wait_for(lambda: bool(running_in(daemon)), 30)
        running.process.kill()
        running.process.wait(10)
    return running_in(daemon)[0]


def test_a_slot_says_how_the_container_ended_that_outlived_its_launcher(world: World, daemon: Daemon) -> None:
    alice = installed(world, daemon, "waits", WAITS)
    alice.done("tool", "schedule", "waits", "daily")
    alice.done("tool", "run-now", "waits")
    container = killed(alice, daemon)
    with scheduler(alice) as running:
        running.wait_for("firing", 20)
        time.sleep(2.5)  # ticks that must not close it: nothing can be waited for
        [slot] = alice.done("scheduler", "status")["open"]
        assert slot["state"] == "running"
        running.process.terminate()
        running.wait_for("ended", 10)
    tell(daemon, container, "go")
    assert wait_for(lambda: container not in running_in(daemon), 20)
    with scheduler(alice) as running:
        told = running.wait_for("finished", 30)
    assert (told["state"], told["run"]) == ("failed", slot["run"])
    [ended] = past(alice)
    assert (ended["state"], ended["run"]) == ("failed", slot["run"])
    assert alice.done("run", "show", slot["run"])["exit_code"] == 3
