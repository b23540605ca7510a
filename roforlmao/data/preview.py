"""What a sync would publish and take away, looked at without doing it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from roforlmao.progress import Progress

if TYPE_CHECKING:
    from roforlmao.git.guard import Loss


@dataclass(frozen=True)
class Change:
    """One file that a sync would change at the remote; rows are lines, ``loss`` may be empty."""

    path: str
    change: Literal["added", "changed", "deleted"]
    rows_before: int
    rows_after: int
    loss: str = ""


@dataclass(frozen=True)
class Preview:
    """``left_out`` are files that stay as they are published: so decided, or written by a run that failed."""

    path: Path
    files: tuple[Change, ...]
    losses: tuple[Loss, ...]
    left_out: tuple[str, ...]


def preview(path: Path, progress: Progress, *, ignored: bool) -> Preview:
    """Commits, pushes and announces nothing; the clone stays as it is.

    ``ignored`` takes in what a ``.gitignore`` hides, as it does for a tool's results. What peers
    published meanwhile is not looked at: a sync merges it. Errors: those of ``git.sync.prepare``.
    """
    from roforlmao.git import sync
    from roforlmao.git.guard import rows_of
    from roforlmao.git.repository import open_repository

    prepared = sync.prepare(path, progress, ignored=ignored, as_decided=True)
    prepared.index.unlink(missing_ok=True)
    kinds = {loss.path: loss.kind for loss in prepared.losses}
    files = [
        Change(
            change.path,
            "added" if change.added else "deleted" if change.deleted else "changed",
            before,
            after,
            kinds.get(change.path, ""),
        )
        for change, before, after in rows_of(open_repository(path, progress), prepared.changes)
    ]
    return Preview(prepared.path, tuple(files), prepared.losses, prepared.left_out)
