"""The sample's remotes: git repositories on disk, made from the collector that ships with us."""

from __future__ import annotations

import shutil
from pathlib import Path

from roforlmao.git.command import run
from roforlmao.paths import make_directory

_COLLECTOR = Path(__file__).parent / "collector"
_IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "roforlmao sample"), ("EMAIL", "sample@roforlmao.invalid"))
}


def make_empty(path: Path) -> str:
    """A bare repository; returns its URL."""
    make_directory(path)
    run(["init", "--quiet", "--bare", "--initial-branch=main", "."], cwd=path)
    return f"file://{path}"


def make_collector(path: Path) -> str:
    """The repository of the sample collector; returns its URL."""
    shutil.copytree(_COLLECTOR, path, ignore=shutil.ignore_patterns("__pycache__"))
    run(["init", "--quiet", "--initial-branch=main", "."], cwd=path)
    run(["add", "--all"], cwd=path)
    run(["commit", "--quiet", "--message", "A collector of installed distributions"], cwd=path, env=_IDENTITY)
    return f"file://{path}"
