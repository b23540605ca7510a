"""Whether what a run would start is what the operator trusted."""

from __future__ import annotations

from roforlmao.models import Tool
from roforlmao.paths import Places
from roforlmao.tools import kinds, records
from roforlmao.tools.records import Installed
from roforlmao.tools.review import require


def check_trust(installed: Installed, tool: Tool | None, places: Places, trust: bool | str) -> Installed:
    """Returns the tool as it is now.

    ``tool`` is the registry's entry, None where there is none. What changed since (the entry; of a
    script its commit, definition or installer) asks again; a yes is recorded. Errors: Untrusted, BadInput,
    NotFound (the clone is gone), GitFailed.
    """
    now = kinds.of(installed.kind).standing(installed, tool)
    if now.review.fingerprint == installed.fingerprint:
        return installed
    require(now.review, trust, changes=[*now.since, "What it holds now:", *now.review.contents()])
    return records.save(now.accepted, places)
