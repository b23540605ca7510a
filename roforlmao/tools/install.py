"""Installs a tool of either kind, whole or not at all: what is common to both."""

from __future__ import annotations

import os
from collections.abc import Mapping

from roforlmao.errors import AlreadyExists
from roforlmao.limits import Limits
from roforlmao.models import Tool
from roforlmao.names import check_name
from roforlmao.paths import Places
from roforlmao.progress import Progress
from roforlmao.tools import journal, kinds, records, runlock
from roforlmao.tools import sweep as sweeping
from roforlmao.tools.argv import argv
from roforlmao.tools.journal import Work
from roforlmao.tools.records import Installed, get_installed, help_of, installed
from roforlmao.tools.sweep import sweep
from roforlmao.tools.uninstall import uninstall
from roforlmao.tools.wish import Wish

__all__ = ["Installed", "argv", "get_installed", "help_of", "install", "installed", "sweep", "uninstall"]


def install(
    tool: Tool,
    places: Places,
    progress: Progress,
    *,
    local: bool,
    trust: bool | str = False,
    environ: Mapping[str, str] = os.environ,
    limits: Limits | None = None,
) -> Installed:
    """Installs it, or leaves nothing: a failure, Ctrl-C or (with ``sweep``) a kill takes all back.

    ``local`` allows repositories on this machine; the rest is as in ``Wish``. Errors: BadInput,
    AlreadyExists, Untrusted, Busy, Cancelled, and those of ``git.clone``; for a script ToolFailed, for
    a container those of ``engine.connect`` and ``pull``.
    """
    kind = kinds.of(tool.kind)
    kind.check(tool)
    wish = Wish(places, progress, local, trust, environ, limits)
    with runlock.running(check_name(tool.name, "tool name"), places):
        _check_free(tool.name, places, environ)
        work = Work(tool.name, "install", new_data=not (places.data / tool.name).exists())
        journal.begin(work, places)
        try:
            done = kind.install(tool, wish)
            progress.checkpoint()
            return records.save(done, places)
        finally:
            sweeping.take_back(work, places)  # with the record written this only ends the journal


def _check_free(name: str, places: Places, environ: Mapping[str, str]) -> None:
    sweeping.take_back_unfinished(name, places, environ)
    if records.find(name, places) is not None:
        raise AlreadyExists(f"The tool '{name}' is installed already.", f"Update it: `tool update {name}`.")
    if (places.tools / name).exists():
        raise AlreadyExists(f"{places.tools / name} is there, but not an installed tool.", "Move it away.")
