"""kill -9 at every step between the end of a tool and the announcement: nothing is lost or doubled."""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
import sys
from pathlib import Path

from tests.session.world import PROJECT, Operator, World

DATED = {
    "mao.yml": (
        "Name: dated\nData: {Local: data}\n"
        "Commands: [{Name: go, Command: sh, Script: go.sh, Arguments: [{Name: day}]}]\n"
    ),
    "go.sh": 'mkdir -p data; rm -f data/*; echo "row of $1" > "data/snap-$1.csv"\n',
}
MOST = 80  # far more checkpoints than one sync has


def day(number: int) -> str:
    return (dt.date(2026, 1, 1) + dt.timedelta(days=number)).isoformat()


def killed(operator: Operator, number: int) -> bool:
    """One run that is to be killed at its n-th checkpoint; says whether it came to that."""
    command = [sys.executable, "-m", "tests.session.killed_run", str(operator.home), str(number), day(number)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


def test_a_run_that_is_killed_at_any_step_is_finished_by_run_sync(world: World) -> None:
    alice, bob = world.operator("alice"), world.operator("bob")
    data = world.bare("data")
    alice.done("tool", "add", "dated", "--code-repo", world.tool("dated", DATED), "--data-repo", data)
    for operator in (alice, bob):
        operator.done("tool", "install", "dated", "--trust")
    number = 0
    while (number := number + 1) < MOST and killed(alice, number):
        if number % 5 == 0:  # a peer is first now and then, so that both are brought together
            peer = day(1000 + number)
            bob.done("tool", "run", "dated", "go", peer, "--hub", "h", "--sync", "--date", peer)
        finish(alice, number)
    assert 10 < number < MOST, "the kills did not reach the end of a sync"
    remote = Path(data.removeprefix("file://"))
    listed = world.git(remote, "ls-tree", "-r", "--name-only", "main").splitlines()
    days = [day(n) for n in range(1, number + 1)]
    peers = [day(1000 + n) for n in range(5, number, 5)]
    assert listed == sorted(f"snap-{d}.csv" for d in days + peers)
    for d in days:
        assert world.git(remote, "show", f"main:snap-{d}.csv") == f"row of {d}"
        assert [a["operator"] for a in bob.done("hub", "operators", "h", d)] == ["alice"]
    subjects = world.git(remote, "log", "--format=%s", "main", "--no-merges").splitlines()
    assert sorted(s for s in subjects if s.startswith("sync")) == sorted(f"sync {d}" for d in days + peers)


def finish(operator: Operator, number: int) -> None:
    """What the operator does: looks at the history, and finishes what it calls unfinished."""
    newest = operator.done("run", "list", "--limit", "1")[0]
    if newest["started"] and newest["args"] == [day(number)]:
        assert newest["state"] in ("succeeded", "lost"), newest
        if newest["state"] == "succeeded":
            if newest["sync"]["state"] != "pushed":
                operator.done("run", "sync", newest["id"], "--hub", "h", "--date", day(number))
            return
    operator.done("tool", "run", "dated", "go", day(number), "--hub", "h", "--sync", "--date", day(number))
