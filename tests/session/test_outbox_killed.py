"""kill -9 at every step of writing down a run without the registry: each day is announced once."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

from roforlmao.registry.sqlite import SqliteRegistry
from tests.session.test_killed import DATED, day, finish
from tests.session.test_outbox import away
from tests.session.world import PROJECT, Operator, World

MOST = 60  # far more steps than one run has


def killed(operator: Operator, number: int) -> bool:
    """One run that is to be killed at its n-th step; says whether it came to that."""
    program = [sys.executable, "-m", "tests.session.killed_letter"]
    words = [*program, str(operator.home), str(number), day(number)]
    done = subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


def announced(world: World) -> Iterator[tuple[str, int]]:
    """Each day that was announced, and how often."""
    with closing(SqliteRegistry(world.registry)) as registry:
        for record in registry.list("/mao/hubs/").records:
            yield record.key.split("/")[-2], record.version


def test_a_run_that_is_killed_at_any_step_without_the_registry_is_announced_once(world: World) -> None:
    alice = world.operator("alice")
    data = world.bare("data")
    alice.done("tool", "add", "dated", "--code-repo", world.tool("dated", DATED), "--data-repo", data)
    alice.done("tool", "install", "dated", "--trust")
    alice.done("tool", "run", "dated", "go", day(0), "--hub", "h", "--sync", "--date", day(0))
    number = 0
    with away(world):
        while (number := number + 1) < MOST and killed(alice, number):
            finish(alice, number)
    assert 10 < number < MOST, "the kills did not reach the end of a run"
    assert list(announced(world)) == [(day(0), 1)]
    assert alice.done("outbox", "deliver")["refused"] == []
    days = [day(one) for one in range(number + 1)]
    assert dict(announced(world)) == dict.fromkeys(days, 1)
    assert alice.done("run", "push-all") == []
    assert dict(announced(world)) == dict.fromkeys(days, 1), "what was delivered was announced again"
    runs = alice.done("run", "list", "--limit", "100")
    synced = [(run["sync"]["state"], run["sync"]["waits"]) for run in runs if run["state"] == "succeeded"]
    assert set(synced) == {("pushed", False)}
