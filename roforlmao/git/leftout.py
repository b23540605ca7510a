"""Losses that the operator left out of a sync: the published version stays, their file stays too.

The decision is kept in the clone, by path and content: it holds until the file changes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from roforlmao.git.changes import ABSENT, Change
from roforlmao.git.repository import Repository
from roforlmao.paths import write_atomic

_NAME = "left-out.json"


def remembered(place: Path, losing: Sequence[Change]) -> list[Change]:
    """Those of the losing changes that were left out before, as they are now."""
    kept = _load(place)
    return [change for change in losing if kept.get(change.path) == change.blob_after]


def remember(place: Path, losing: Sequence[Change]) -> None:
    """Errors: StorageFailed."""
    kept = _load(place) | {change.path: change.blob_after for change in losing}
    write_atomic(place / _NAME, json.dumps(kept))


def restore(repository: Repository, left_out: Sequence[Change], index: Path) -> None:
    """Puts the published version of these paths back into the index; none where nothing was."""
    lines = b"".join(_entry(change) + b"\0" for change in left_out)
    repository.git("update-index", "-z", "--index-info", given=lines, index=index)


def _entry(change: Change) -> bytes:
    mode = "0" if change.mode_before == ABSENT else change.mode_before
    return f"{mode} {change.blob_before}\t".encode("ascii") + os.fsencode(change.path)


def _load(place: Path) -> dict[str, str]:
    try:
        kept = json.loads((place / _NAME).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}
