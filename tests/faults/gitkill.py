"""Kills an operation at each of its checkpoints in turn, each time followed by a fresh process.

Run as a script, so that it has one thread and may fork: ``gitkill.py SCENARIO TEMPLATE WORK``.
Prints one JSON line per kill point.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import git.cmd  # noqa: F401 - loaded once, before the forks

from roforlmao.git.clone import clone, update
from roforlmao.progress import Progress
from tests.faults.gitrepos import Fatal, files_at, files_in, sync
from tests.faults.gitrepos import git as plain

_WORK: dict[str, Callable[[Path, Progress], object]] = {
    "sync": lambda top, progress: sync(top / "alice", "alice", progress),
    "update": lambda top, progress: update(top / "alice", progress),
    "clone": lambda top, progress: clone(str(top / "remote.git"), top / "carol", progress, local=True),
}


def _in_child(work: Callable[[], object]) -> int:
    """The wait status of a process that does the work."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    try:
        work()
        os._exit(0)
    finally:
        os._exit(1)


def _state(top: Path, scenario: str) -> dict[str, object]:
    remote = top / "remote.git"
    added = plain(remote, "log", "--no-merges", "--diff-filter=A", "--name-only", "--format=", "main").split()
    clones = ["carol"] if scenario == "clone" else ["alice"]
    return {
        "remote": files_at(remote),
        "added_twice": sorted({name for name in added if added.count(name) > 1}),
        "unclean": "".join(plain(top / name, "status", "--porcelain", "--ignored") for name in clones),
        "same": all(
            plain(top / name, "rev-parse", "HEAD:") == plain(remote, "rev-parse", "main:") for name in clones
        ),
        "present": sorted(files_in(top / clones[0])),
        "litter": sorted(
            str(path.relative_to(top))
            for name in clones
            for path in [*(top / name / ".git").rglob("*.lock"), *(top / name / ".git/roforlmao").glob("*")]
            if path.name != "lock"
        )
        + [path.name for path in top.iterdir() if path.name.startswith(".")],
    }


def main(scenario: str, template: Path, work: Path) -> None:
    point = 0
    while True:
        point += 1
        top = work / str(point)
        shutil.copytree(template, top, symlinks=True)
        for name in ("alice", "bob"):
            plain(top / name, "remote", "set-url", "origin", str(top / "remote.git"))
        status = _in_child(lambda top=top, at=point: _WORK[scenario](top, Fatal(at)))  # type: ignore[misc]
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        again = 0
        if killed:
            again = _in_child(lambda top=top: _WORK[scenario](top, Progress()))  # type: ignore[misc]
        found = {"point": point, "killed": killed, "again": again} | _state(top, scenario)
        sys.stdout.write(json.dumps(found) + "\n")
        shutil.rmtree(top)
        if not killed:
            return


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
