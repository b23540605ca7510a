"""Removes an installed tool, but no result that exists nowhere else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from roforlmao.errors import Refused
from roforlmao.paths import Places
from roforlmao.text import one_line
from roforlmao.tools import journal, kinds, pulled, records, runlock
from roforlmao.tools import sweep as sweeping
from roforlmao.tools.journal import Work
from roforlmao.tools.records import Installed


def uninstall(name: str, places: Places, environ: Mapping[str, str] = os.environ) -> Installed:
    """Removes clone, environment and data clone; the help stays in the cache.

    An image goes if it was pulled for this home and no other tool of it runs it; ``environ`` leads to
    the engine, which need not run.

    Errors: NotFound, Busy; Refused, naming what would be lost, where the data clone holds what
    is not published, or the tool's directory results that were not collected.
    """
    with runlock.running(name, places):
        tool = records.get_installed(name, places)
        _refuse_loss(tool)
        ours = tool.data_path is not None or tool.kind == "container"
        work = Work(name, "uninstall", new_data=ours)
        journal.begin(work, places)
        records.remove(name, places)
        sweeping.take_back(work, places)
        pulled.drop_unused(places, environ, tool=name)
    return tool


def _refuse_loss(tool: Installed) -> None:
    if tool.data_path is not None and tool.data_path.exists():
        unpublished = _unpublished(tool.data_path)
        if unpublished:
            raise Refused(
                f"The data clone of '{tool.name}' holds what is not published: {_named(unpublished)}.",
                f"Publish it: `dataset sync {tool.data_path} --hub HUB`, or move the files away.",
            )
    left = kinds.of(tool.kind).only_here(tool)
    if left:
        raise Refused(
            f"The directory of '{tool.name}' holds results that are nowhere else: {_named(left)}.",
            "Move them away, or remove them.",
        )


def _unpublished(data: Path) -> list[str]:
    """Files and, also on other branches or stashed, commits that the remote does not have."""
    from roforlmao.git.repository import open_repository
    from roforlmao.git.sync import prepare

    files = [change.path for change in prepare(data).changes]
    own = open_repository(data).text("rev-list", "--all", "--not", "--remotes=origin").split()
    return files or [f"commit {commit[:12]}" for commit in own]


def _named(paths: list[str]) -> str:
    shown = ", ".join(one_line(path, 80) for path in paths[:5])
    return shown if len(paths) <= 5 else f"{shown} and {len(paths) - 5:,} more"
