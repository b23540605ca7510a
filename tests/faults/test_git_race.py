"""Many operators and one remote: nothing is lost, nothing stands there twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from roforlmao.errors import Busy, GitFailed
from roforlmao.git.clone import clone, update
from tests.faults.gitrepos import bare, files_at, files_in, git, isolate, remote_with, sync, write

_HERE = Path(__file__).parent


def _start(script: str, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(_HERE.parents[1])}
    return subprocess.Popen(
        [sys.executable, str(_HERE / script), *arguments], env=environment, text=True, stderr=subprocess.PIPE
    )


def test_eight_operators_pushing_25_times_each_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    isolate(monkeypatch, tmp_path / "home")
    url = bare(tmp_path / "r.git")
    operators = [f"operator-{number}" for number in range(8)]
    for operator in operators:
        clone(url, tmp_path / operator, local=True)
    running = [_start("gitrace.py", str(tmp_path / operator), operator, "25") for operator in operators]
    for process in running:
        _, errors = process.communicate(timeout=200)
        assert process.returncode == 0, errors
    expected = {f"{name}/{number:03}.csv": f"{name},{number}" for name in operators for number in range(25)}
    names = git(tmp_path / "r.git", "ls-tree", "-r", "--name-only", "main").split()
    assert sorted(names) == sorted(expected)
    added = git(
        tmp_path / "r.git", "log", "--no-merges", "--diff-filter=A", "--name-only", "--format=", "main"
    ).split()
    assert sorted(added) == sorted(expected)
    assert git(tmp_path / "r.git", "log", "--no-merges", "--diff-filter=DM", "--format=%h", "main") == ""
    for operator in operators:
        update(tmp_path / operator)
        assert files_in(tmp_path / operator) == set(expected)
    one = tmp_path / operators[0]
    assert {name: (one / name).read_text().strip() for name in expected} == expected


def test_a_launcher_killed_at_random_moments_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here git itself lives on, or dies too; the next sync may have to wait for the orphan."""
    isolate(monkeypatch, tmp_path / "home")
    url = remote_with(tmp_path / "r.git", {"first.csv": "1\n"})
    for operator in ("alice", "bob"):
        clone(url, tmp_path / operator, local=True)
    chance = random.Random(7)
    expected, killed = {"first.csv"}, 0
    for number in range(10):
        write(tmp_path / "bob", {f"bob-{number}.csv": "1\n"})
        sync(tmp_path / "bob", "bob")
        process = _start("gitrace.py", str(tmp_path / "alice"), f"alice-{number}", "12")
        time.sleep(0.25 + chance.random() * 0.3)  # the moment of the kill
        for child in psutil.Process(process.pid).children(recursive=True) if number % 2 else []:
            with suppress(psutil.NoSuchProcess):  # it may have ended by itself
                child.send_signal(signal.SIGKILL)
        process.kill()
        process.communicate()
        killed += process.returncode == -signal.SIGKILL  # else a git of the one before was still in its way
        if number % 2:  # the git at the remote was killed, too
            _clear_locks(tmp_path / "r.git")
        _sync_past_orphans(tmp_path / "alice")
        expected |= {f"bob-{number}.csv"} | files_in(tmp_path / "alice")
        assert set(files_at(tmp_path / "r.git")) == expected
    assert killed >= 5, "the kills missed the syncs"
    assert {f"bob-{number}.csv" for number in range(10)} < files_in(tmp_path / "alice")
    assert git(tmp_path / "alice", "status", "--porcelain") == ""


def _sync_past_orphans(place: Path) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            sync(place, "alice")
            return
        except (Busy, GitFailed):
            if time.monotonic() > deadline:
                raise
            _clear_locks(place / ".git")


def _clear_locks(repository: Path) -> None:
    """What the sentences tell the operator to do."""
    for lock in repository.rglob("*.lock"):
        lock.unlink(missing_ok=True)
