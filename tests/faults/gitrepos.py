"""Real repositories for tests: a bare remote, clones of it, and what lies on its branches."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from roforlmao.errors import Cancelled
from roforlmao.git.clone import clone
from roforlmao.git.publish import Published
from roforlmao.git.sync import commit, prepare, publish
from roforlmao.progress import Progress

MESSAGE = "sync 2024-05-01\n\nTool: sample\n"


def isolate(monkeypatch: pytest.MonkeyPatch, home: Path, *, name: str = "Test Operator") -> None:
    """A home of its own, so that no configuration of this machine decides a test."""
    home.mkdir(exist_ok=True)
    identity = f"[user]\n name = {name}\n email = test@example.org\n" if name else ""
    (home / ".gitconfig").write_text(identity + "[init]\n defaultBranch = main\n[gc]\n auto = 0\n")
    for variable in [v for v in os.environ if v.startswith("GIT_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)


def git(path: Path, *arguments: str) -> str:
    """What plain git answers there."""
    done = subprocess.run(["git", *arguments], cwd=path, capture_output=True, check=True, timeout=60)
    return os.fsdecode(done.stdout).rstrip("\n")


def bare(path: Path, branch: str = "main") -> str:
    """An empty remote on this machine."""
    path.mkdir(parents=True)
    git(path, "init", "--quiet", "--bare", f"--initial-branch={branch}")
    return str(path)


def remote_with(path: Path, files: dict[str, str], branch: str = "main") -> str:
    """A remote that holds these files in one commit."""
    url = bare(path, branch)
    seed = path.parent / f"{path.name}-seed"
    clone(url, seed, local=True)
    write(seed, files)
    sync(seed, "seed")
    return url


def remote_of(clone_path: Path) -> Path:
    """The remote on this machine that a clone came from."""
    return Path(git(clone_path, "remote", "get-url", "origin"))


def write(top: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        target = top / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="")


def sync(path: Path, operator: str, progress: Progress | None = None) -> Published:
    """All three steps, as a front takes them."""
    prepared = prepare(path, progress)
    commit(prepared, MESSAGE, operator=operator, progress=progress)
    return publish(path, operator, progress)


def files_at(repository: Path, commit_name: str = "main") -> dict[str, str]:
    """All files of a commit and their text."""
    names = git(repository, "ls-tree", "-r", "-z", "--name-only", commit_name).split("\0")
    return {name: git(repository, "show", f"{commit_name}:{name}") for name in names if name}


def files_in(top: Path) -> set[str]:
    """The names of all files of a work tree."""
    inside = (path.relative_to(top) for path in top.rglob("*") if path.is_file())
    return {str(path) for path in inside if path.parts[0] != ".git"}


def python(script: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs one of the tests' own scripts in a process of its own."""
    return subprocess.run(
        [sys.executable, str(script), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONPATH": f"{Path(__file__).parents[2]}"},
    )


class Fatal(Progress):
    """Kills its own process at the n-th checkpoint, as ``kill -9`` would."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.left = at

    def checkpoint(self) -> None:
        super().checkpoint()
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class Counting(Progress):
    """Counts checkpoints and keeps what was told; cancels itself at checkpoint ``stop``."""

    def __init__(self, stop: int = 0) -> None:
        super().__init__()
        self.checkpoints = 0
        self.stop = stop
        self.labels: list[str] = []
        self.updates: list[tuple[int, int | None]] = []

    def checkpoint(self) -> None:
        self.checkpoints += 1
        if self.checkpoints == self.stop:
            raise Cancelled("Stopped.")
        super().checkpoint()

    def start(self, label: str, total: int | None = None, unit: str = "") -> None:
        self.labels.append(label)

    def update(self, done: int, total: int | None = None) -> None:
        self.updates.append((done, total))
