"""The first step of a sync: what would be published, as a tree, and what it would take away."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from roforlmao.errors import StorageFailed
from roforlmao.git import guard, leftout
from roforlmao.git.changes import LINK, Change, changes
from roforlmao.git.guard import Loss
from roforlmao.git.lock import copy_index, exclusive
from roforlmao.git.repository import Repository, open_repository
from roforlmao.git.safety import check_attributes, check_configuration, refuse_links, regular_files
from roforlmao.git.worktree import recover
from roforlmao.progress import Progress

_NO_ROWS = (guard.REWRITTEN, "control-*.csv", ".*")  # files at the root that hold no data rows


@dataclass(frozen=True)
class Prepared:
    """A sync that is ready to be committed.

    ``changes`` are against what is published, so they hold earlier commits that were not pushed;
    ``rows`` are the lines of the added and changed data files, ``new_rows`` those of the files that
    changed since the last commit, pushed or not; ``dirty`` says whether there is
    anything that no commit holds yet; ``left_out`` are paths that stay as they are published.
    """

    path: Path
    head: str
    tree: str
    changes: tuple[Change, ...]
    losses: tuple[Loss, ...]
    rows: int
    dirty: bool
    index: Path
    left_out: tuple[str, ...] = ()
    new_rows: int = 0

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to commit and nothing to push."""
        return not self.changes and not self.dirty


def prepare(
    path: Path,
    progress: Progress | None = None,
    *,
    ignored: bool = True,
    limit: int = guard.FILE_LIMIT,
    as_decided: bool = False,
    leave_out: bool = False,
) -> Prepared:
    """Looks at the whole work tree; changes nothing in it, in the index or in the branch.

    ``ignored`` takes in files that a ``.gitignore`` hides, as a tool's results may be; ``limit``
    is the largest file in bytes. ``leave_out`` leaves all losses out of it and remembers that;
    ``as_decided`` leaves out what was left out before and has not changed. Finishes first what a
    killed launcher began. Errors: Refused (nested repository, symbolic link, file over the limit,
    planted configuration), GitFailed, Busy, StorageFailed, Cancelled.
    """
    repository = open_repository(path, progress)
    repository.progress.start("Looking at the files")
    check_configuration(repository)
    check_attributes(repository)
    with exclusive(repository) as place:
        recover(repository, place)
        repository.progress.checkpoint()
        head = repository.head
        published = _published(repository, head)
        files = regular_files(repository)
        guard.check_sizes(repository, files, published, ignored=ignored, limit=limit)
        repository.progress.checkpoint()
        index = copy_index(repository, place / f"index-{os.getpid()}-sync")
        _add(repository, index, ignored=ignored)
        repository.progress.checkpoint()
        tree = repository.text("write-tree", index=index)
        repository.progress.checkpoint()
        prepared = _prepared(repository, head, published, tree, index)
        left_out = _to_leave_out(prepared, place, as_decided=as_decided, leave_out=leave_out)
        return _without(repository, prepared, published, left_out) if left_out else prepared


def _to_leave_out(prepared: Prepared, place: Path, *, as_decided: bool, leave_out: bool) -> list[Change]:
    paths = {loss.path for loss in prepared.losses}
    losing = [change for change in prepared.changes if change.path in paths]
    if leave_out:
        leftout.remember(place, losing)
        return losing
    return leftout.remembered(place, prepared.changes) if as_decided else []


def set_aside(path: Path, since: float, progress: Progress | None = None) -> list[str]:
    """Leaves what was written since then (seconds since 1970) out of later syncs, until it is written anew.

    Errors: those of ``prepare``.
    """
    changed = prepare(path, progress).changes
    late = [c for c in changed if not c.deleted and leftout.was_written(path / c.path, since)]
    with exclusive(open_repository(path, progress)) as place:
        leftout.set_aside(place, late)
    return [change.path for change in late]


def reinstate(path: Path, since: float) -> None:
    """Takes that back for what has been written since then. Errors: GitFailed, Busy, StorageFailed."""
    with exclusive(open_repository(path)) as place:
        leftout.reinstate(place, path, since)


def _without(
    repository: Repository, prepared: Prepared, published: str, left_out: Sequence[Change]
) -> Prepared:
    """The same sync with these paths as they are published."""
    leftout.restore(repository, left_out, prepared.index)
    tree = repository.text("write-tree", index=prepared.index)
    rest = _prepared(repository, prepared.head, published, tree, prepared.index)
    return replace(rest, left_out=tuple(change.path for change in left_out))


def _add(repository: Repository, index: Path, *, ignored: bool) -> None:
    """Takes the whole work tree into the index; a full disk is left no fuller than it was."""
    started = time.time()
    try:
        repository.git("add", "-A", *(["-f"] if ignored else []), "--", ".", index=index)
    except StorageFailed:
        for half in (repository.git_directory / "objects").glob("??/tmp_obj_*"):
            if half.stat().st_mtime >= started - 1:
                half.unlink(missing_ok=True)
        index.unlink(missing_ok=True)
        raise


def _prepared(repository: Repository, head: str, published: str, tree: str, index: Path) -> Prepared:
    changed = changes(repository, published, tree)
    refuse_links(repository, [c.path for c in changed if c.mode_after == LINK])
    before = repository.resolve(f"{head}^{{tree}}") if head else ""
    rows = _rows(repository.path, changed)
    return Prepared(
        path=repository.path,
        head=head,
        tree=tree,
        changes=tuple(changed),
        losses=tuple(guard.losses(repository, changed)),
        rows=rows,
        dirty=tree != before and not (not head and not changed),
        index=index,
        new_rows=rows if head == published else _rows(repository.path, changes(repository, head, tree)),
    )


def _published(repository: Repository, ours: str) -> str:
    """The last commit that both we and the remote have; '' where nothing is published."""
    theirs = repository.resolve(repository.tracking)
    if ours == theirs:
        return ours
    return repository.merge_base(ours, theirs) if ours and theirs else ""


def _rows(top: Path, changed: Iterable[Change]) -> int:
    return sum(
        _lines(top / change.path) for change in changed if not change.deleted and holds_rows(change.path)
    )


def holds_rows(path: str) -> bool:
    """Whether a file of that name is data, and not a control metric or the like."""
    return not any(fnmatchcase(path, pattern) for pattern in _NO_ROWS)


def _lines(path: Path) -> int:
    """Lines of a file, the last one with or without its newline; 0 where it has just gone."""
    count, last = 0, b"\n"
    try:
        with path.open("rb", buffering=0) as handle:
            while piece := handle.read(1 << 18):
                count += piece.count(b"\n")
                last = piece[-1:]
    except OSError:
        return 0
    return count + (last != b"\n")
