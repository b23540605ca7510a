"""kill -9 in the middle of deliveries, several launchers at once: nothing lost or repeated, all in order."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from roforlmao.models import Announcement
from roforlmao.registry.base import Registry
from roforlmao.registry.etcd import EtcdRegistry
from roforlmao.registry.sqlite import SqliteRegistry
from roforlmao.runs.letters import Letter, count, put
from roforlmao.state import State
from tests.contract.announced import announced
from tests.contract.etcdcluster import config, running, wait_for
from tests.session.world import PROJECT, clean_environment

KILLS = 30
LETTERS = 400


@dataclass
class Launcher:
    """A process that is ready to deliver."""

    home: Path
    process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        program = [sys.executable, "-m", "tests.faults.delivering", str(self.home)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            program, stdin=pipe, stdout=pipe, text=True, cwd=PROJECT, env=clean_environment()
        )

    def go(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def end(self) -> str:
        """What it had to say; it is over then."""
        said, _ = self.process.communicate(timeout=60)
        return said


@contextmanager
def launchers(home: Path, number: int) -> Iterator[Iterator[Launcher]]:
    """So many, started one ahead of the one in use."""
    ahead = deque[Launcher]()

    def each() -> Iterator[Launcher]:
        for turn in range(number):
            while len(ahead) < min(2, number - turn):
                ahead.append(Launcher(home))
            yield ahead.popleft()

    try:
        yield each()
    finally:
        for one in ahead:
            one.process.kill()
            one.end()


@pytest.fixture(params=["sqlite", "etcd"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Registry]:
    """Of a home in ``home`` below the test's directory."""
    home = tmp_path / "home"
    home.mkdir()
    with ExitStack() as stack:
        opened: Registry
        if request.param == "sqlite":
            settings, opened = "{}", SqliteRegistry(home / "registry.sqlite")
        else:
            cluster = stack.enter_context(running(tmp_path))
            settings = f"{{backend: etcd, etcd: {{endpoints: {json.dumps(cluster.endpoints)}}}}}"
            opened = EtcdRegistry(config(*cluster.endpoints))
        (home / "config.yaml").write_text(f"operator: alice\nregistry: {settings}\n")
        yield stack.enter_context(closing(opened))


def fill(home: Path) -> list[str]:
    """Letters in the outbox, ten days in turn; the commits in their order."""
    commits = [f"{number:040x}" for number in range(LETTERS)]
    with closing(State(home / "state" / "launcher.sqlite")) as state, state.write() as connection:
        for number, commit in enumerate(commits):
            day = f"2026-11-{10 + number % 10}"
            entry = Announcement("h", day, "alice", "https://example.org/d.git", commit, number)
            put(connection, Letter(entry, "again"), "2026-11-22T03:00:00+00:00")
    return commits


def left(home: Path) -> int:
    with closing(State(home / "state" / "launcher.sqlite")) as state, state.read() as connection:
        return count(connection)


def test_deliveries_that_are_killed_at_any_moment_lose_and_repeat_nothing(
    registry: Registry, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    commits, dice, in_the_middle = fill(home), random.Random(7), 0
    with launchers(home, KILLS + 1) as ready:
        for _ in range(KILLS):
            before = left(home)
            launcher = next(ready)
            launcher.go()
            most = max(0, before - dice.randint(0, 3))  # a fast machine is done before the last kill
            assert wait_for(lambda most=most: left(home) <= most)  # type: ignore[misc]
            time.sleep(dice.uniform(0, 0.02))  # the moment of the kill
            launcher.process.kill()
            launcher.end()
            in_the_middle += 0 < left(home) < before
        last = next(ready)
        last.go()
        last.end()
    assert last.process.returncode == 0
    assert announced(registry) == commits
    assert left(home) == 0
    assert in_the_middle > KILLS / 2, "the kills missed the deliveries"


def test_launchers_of_a_home_that_deliver_at_once_deliver_each_letter_once(
    registry: Registry, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    commits = fill(home)
    several = [Launcher(home) for _ in range(3)]
    for launcher in several:
        launcher.go()
    delivered = [launcher.end() for launcher in several]
    assert sum(int(number) for number in delivered) == LETTERS
    assert announced(registry) == commits
