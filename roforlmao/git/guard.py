"""The loss guard: what a sync would take away from what is published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from roforlmao.errors import Refused
from roforlmao.git.blobs import Contrast, contrasts
from roforlmao.git.changes import Change
from roforlmao.git.repository import Repository
from roforlmao.git.safety import Found, named
from roforlmao.text import counted

FILE_LIMIT = 100_000_000  # bytes; the large hosts refuse a push with a bigger file, for good
REWRITTEN = "insights.json"  # the contract has each run write it anew

LossKind = Literal["deleted", "shrunk", "overwritten", "empty"]


@dataclass(frozen=True)
class Loss:
    """One published file that a sync would harm, or a file that it would publish without content.

    Rows are lines; a quoted newline counts as one.
    """

    path: str
    kind: LossKind
    rows_before: int
    rows_after: int


def losses(repository: Repository, changed: list[Change]) -> list[Loss]:
    """What the changes since the published state take away.

    A pure addition of lines, anywhere in a file, takes nothing away.
    """
    found = [Loss(c.path, "empty", 0, 0) for c in changed if c.added and _hollow(c)]
    compared = [c for c in changed if not c.added and not c.deleted and c.blob_before != c.blob_after]
    found += [loss for contrast in contrasts(repository, compared) if (loss := _judge(contrast))]
    deleted = [c for c in changed if c.deleted]
    found += [
        Loss(contrast.change.path, "deleted", contrast.rows_before, 0)
        for contrast in contrasts(repository, [_against_itself(c) for c in deleted])
    ]
    return sorted(found, key=lambda loss: loss.path)


def rows_of(repository: Repository, changed: Sequence[Change]) -> Iterator[tuple[Change, int, int]]:
    """Each change with its lines before and after, read as streams."""
    whole = [_against_itself(c) if c.deleted else _after_itself(c) if c.added else c for c in changed]
    for change, contrast in zip(changed, contrasts(repository, whole), strict=True):
        before, after = contrast.rows_before, contrast.rows_after
        yield change, 0 if change.added else before, 0 if change.deleted else after


def check_sizes(
    repository: Repository, files: list[Found], published: str, *, ignored: bool, limit: int
) -> None:
    """Refuses new or changed files over ``limit`` bytes: once committed they block every later push.

    Errors: Refused.
    """
    large = [file for file in files if file.size > limit]
    late = [file for file in large if not _is_published(repository, file, published)]
    if not ignored:
        late = [file for file in late if not repository.asks("check-ignore", "-q", "--", file.path)]
    if late:
        raise Refused(
            f"{counted(len(late), 'file')} in {repository.path} over the limit of {limit:,} bytes: "
            f"{named([f'{file.path} ({file.size:,} bytes)' for file in late])}.",
            "Hosts refuse such a file for good. Let the tool write smaller files, or compress it.",
        )


def _judge(contrast: Contrast) -> Loss | None:
    change, before, after = contrast.change, contrast.rows_before, contrast.rows_after
    if before and _hollow(change):
        return Loss(change.path, "empty", before, after)
    if change.path == REWRITTEN:
        return None
    if after < before:
        return Loss(change.path, "shrunk", before, after)
    return None if contrast.kept else Loss(change.path, "overwritten", before, after)


def _hollow(change: Change) -> bool:
    """Zero bytes; markers such as ``.gitkeep`` are meant to be empty."""
    return change.emptied and not PurePosixPath(change.path).name.startswith(".")


def _against_itself(change: Change) -> Change:
    return Change(change.path, change.mode_before, change.mode_before, change.blob_before, change.blob_before)


def _after_itself(change: Change) -> Change:
    return Change(change.path, change.mode_after, change.mode_after, change.blob_after, change.blob_after)


def _is_published(repository: Repository, file: Found, published: str) -> bool:
    if not published:
        return False
    blob = repository.resolve(f"{published}:{file.path}")
    return bool(blob) and blob == repository.text("hash-object", "--", file.path)
