"""Changes that are left out of a sync: the published version stays, the operator's file stays too.

The operator left a loss out, or a run that failed wrote the file and it may be partial.

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

_DECIDED = "left-out.json"
_PARTIAL = "partial.json"


def remembered(place: Path, changes: Sequence[Change]) -> list[Change]:
    """Those of the changes that were left out or set aside before, as they are now."""
    kept = _load(place / _DECIDED).items() | _load(place / _PARTIAL).items()
    return [change for change in changes if (change.path, change.blob_after) in kept]


def remember(place: Path, losing: Sequence[Change]) -> None:
    """The operator's decision. Errors: StorageFailed."""
    _add(place / _DECIDED, losing)


def set_aside(place: Path, partial: Sequence[Change]) -> None:
    """A run that failed wrote these. Errors: StorageFailed."""
    _add(place / _PARTIAL, partial)


def reinstate(place: Path, top: Path, since: float) -> None:
    """What was set aside and has been written again since then is whole now. Errors: StorageFailed."""
    kept = _load(place / _PARTIAL)
    still = {path: blob for path, blob in kept.items() if not was_written(top / path, since)}
    if still != kept:
        write_atomic(place / _PARTIAL, json.dumps(still))


def was_written(path: Path, since: float) -> bool:
    """By the time of the last change of the file's entry, which whoever writes it cannot set."""
    try:
        return path.lstat().st_ctime >= since
    except OSError:
        return False


def restore(repository: Repository, left_out: Sequence[Change], index: Path) -> None:
    """Puts the published version of these paths back into the index; none where nothing was."""
    lines = b"".join(_entry(change) + b"\0" for change in left_out)
    repository.git("update-index", "-z", "--index-info", given=lines, index=index)


def _entry(change: Change) -> bytes:
    mode = "0" if change.mode_before == ABSENT else change.mode_before
    return f"{mode} {change.blob_before}\t".encode("ascii") + os.fsencode(change.path)


def _add(file: Path, changes: Sequence[Change]) -> None:
    write_atomic(file, json.dumps(_load(file) | {change.path: change.blob_after for change in changes}))


def _load(file: Path) -> dict[str, str]:
    try:
        kept = json.loads(file.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}
