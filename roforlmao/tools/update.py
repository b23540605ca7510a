"""Brings an installed tool of either kind to its newest version: what is common to both."""

from __future__ import annotations

import os
from collections.abc import Mapping

from roforlmao.errors import BadInput
from roforlmao.limits import Limits
from roforlmao.models import Tool
from roforlmao.paths import Places
from roforlmao.progress import Progress
from roforlmao.tools import journal, kinds, records, runlock
from roforlmao.tools import sweep as sweeping
from roforlmao.tools.journal import Work
from roforlmao.tools.records import Installed
from roforlmao.tools.wish import Wish


def update(
    tool: Tool,
    places: Places,
    progress: Progress,
    *,
    local: bool,
    trust: bool | str = False,
    environ: Mapping[str, str] = os.environ,
    limits: Limits | None = None,
) -> Installed:
    """Moves it on after a yes to what changed; ``notes`` of the result say what that was.

    A failure, Ctrl-C or (with ``sweep``) a kill leaves the old version working. Arguments are as in
    ``install``. Errors: NotFound, Untrusted, Busy, Cancelled, and those of the kind's own ``update``.
    """
    kind = kinds.of(tool.kind)
    kind.check(tool)
    wish = Wish(places, progress, local, trust, environ, limits)
    with runlock.running(tool.name, places):
        sweeping.take_back_unfinished(tool.name, places, environ)
        present = records.get_installed(tool.name, places)
        _check_kind(tool, present)
        work = Work(tool.name, "update", before=present.commit)
        journal.begin(work, places)
        try:
            done = records.save(kind.update(tool, present, wish), places)
        except BaseException:
            sweeping.take_back(work, places)
            raise
        sweeping.settle(work, places, environ)
        return done


def _check_kind(tool: Tool, present: Installed) -> None:
    if tool.kind != present.kind:
        raise BadInput(
            f"'{tool.name}' is registered as a {tool.kind} tool now, and installed as a {present.kind} tool.",
            f"`tool uninstall {tool.name}`, then `tool install {tool.name}`.",
        )
