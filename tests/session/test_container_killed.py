"""kill -9 of the launcher at every step of a container's run: nothing is lost, doubled or left over."""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.contract.etcdcluster import wait_for
from tests.faults.engines import Daemon
from tests.session.killed_container import STEPS
from tests.session.world import PROJECT, Operator, World

SCRIPT = """set -eu
cd /usr/src/app/data
test -s "$TOKEN_FILE"
echo "row of $1" > "snap-$1.csv"
echo 1 > "control-$1.csv"
echo "wrote $1"
test "$1" != 1999-01-01
"""
NEVER_RAN = {"before it is created", "created", "listened to"}


@pytest.fixture
def alice(world: World, daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> Operator:
    """An operator with the tool ``dated``, which gets a secret as a file."""
    monkeypatch.setenv("DOCKER_HOST", daemon.host)
    monkeypatch.setenv("MY_TOKEN", "s3cr3t")
    daemon.clear()
    daemon.import_image("dated:1", SCRIPT)
    operator = world.operator("alice")
    with (operator.home / "config.yaml").open("a") as config:
        secrets = "secrets: {TOKEN: {env: MY_TOKEN, as: file}}"
        config.write(f"containers: {{network: none, memory: 64m, tools: {{dated: {{{secrets}}}}}}}\n")
    operator.done("--yes", "tool", "add", "dated", "me", "dated:1", world.bare("data"), "", "")
    operator.done("tool", "install", "dated", "--trust")
    return operator


def day(number: int) -> str:
    return (dt.date(2026, 1, 1) + dt.timedelta(days=number)).isoformat()


def kill(operator: Operator, step: str, on: str) -> None:
    command = [sys.executable, "-m", "tests.session.killed_container", str(operator.home), step, on]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, (step, done.stderr)


def settled(operator: Operator, on: str) -> dict[str, Any]:
    """The run of that day, once the history no longer calls it running: a container ends alone."""

    def run() -> dict[str, Any]:
        (found,) = [one for one in operator.done("run", "list") if one["args"] == [on]]
        return dict(found)

    assert wait_for(lambda: bool(run()["state"] != "running"), 20), run()
    return run()


def leftovers(operator: Operator, daemon: Daemon) -> list[str]:
    """All that a run makes and nobody wants to find later."""
    with daemon.engine() as engine:
        volumes = [one["Name"] for one in engine.api.volumes()["Volumes"] or ()]
        networks = [one["Name"] for one in engine.api.networks()]
    containers = [name for one in daemon.containers() for name in one["Names"]]
    marks = [path.name for path in (operator.home / "state" / "containers").iterdir()]
    runs = operator.done("run", "list")
    secrets = [path.name for run in runs for path in Path("/dev/shm").glob(f"roforlmao-{run['id']}-*")]
    temporary = [str(path) for path in operator.home.rglob("*") if path.name.startswith((".tmp", "tmp"))]
    own_networks = sorted(set(networks) - {"bridge", "host", "none"})
    return [*containers, *volumes, *own_networks, *marks, *secrets, *temporary]


def test_a_launcher_that_is_killed_at_any_step_of_a_run_leaves_a_truth(
    alice: Operator, daemon: Daemon, world: World
) -> None:
    for number, step in enumerate(STEPS):
        kill(alice, step, day(number))
        run = settled(alice, day(number))
        assert run["state"] == ("lost" if step in NEVER_RAN else "succeeded"), (step, run)
        assert leftovers(alice, daemon) == [], step
        notices = [notice["text"] for notice in alice.done("notification", "list")]
        assert any(run["id"] in text for text in notices), (step, notices)
        finish(alice, run, step, day(number))
    remote = world.root / "remotes" / "data.git"
    days = [day(number) for number in range(len(STEPS))]
    listed = world.git(remote, "ls-tree", "--name-only", "main").splitlines()
    assert listed == sorted(f"{kind}-{d}.csv" for d in days for kind in ("snap", "control"))
    subjects = world.git(remote, "log", "--format=%s", "main").splitlines()
    assert sorted(subjects) == [f"sync {d}" for d in days]
    for d in days:
        assert world.git(remote, "show", f"main:snap-{d}.csv") == f"row of {d}"
        assert [one["operator"] for one in alice.done("hub", "operators", "h", d)] == ["alice"]


def finish(operator: Operator, run: dict[str, Any], step: str, on: str) -> None:
    """What the operator does who reads the history: syncs what succeeded, runs again what was lost."""
    if run["state"] == "lost":
        words = ("tool", "run", "dated", "run", on, "--hub", "h", "--date", on, "--sync")
        assert operator.done(*words)["sync"]["state"] == "pushed"
        return
    assert run["verdict"], (step, "it was not judged")
    assert "wrote" in operator.done("run", "log", run["id"])["text"], step
    assert run["id"] in run["sync"]["reason"], (step, "the way on is told")
    assert operator.done("run", "sync", run["id"], "--hub", "h", "--date", on)["sync"]["state"] == "pushed"


@pytest.mark.parametrize("step", ["exited", "recorded", "unmarked"])
def test_what_a_failed_run_left_is_set_aside_though_its_launcher_was_killed(
    alice: Operator, daemon: Daemon, world: World, step: str
) -> None:
    kill(alice, step, "1999-01-01")
    assert settled(alice, "1999-01-01")["state"] == "failed"
    assert leftovers(alice, daemon) == []
    alice.done("tool", "run", "dated", "run", day(0), "--hub", "h", "--date", day(0), "--sync")
    listed = world.git(world.root / "remotes" / "data.git", "ls-tree", "--name-only", "main")
    assert listed.splitlines() == [f"control-{day(0)}.csv", f"snap-{day(0)}.csv"]
