"""Brings two histories together file by file, without touching the work tree."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from roforlmao.git.changes import empty_tree
from roforlmao.git.commit import commit_tree
from roforlmao.git.guard import REWRITTEN
from roforlmao.git.repository import Repository


@dataclass(frozen=True)
class Merged:
    """The merge commit, or the paths that both sides changed differently."""

    commit: str
    conflicts: tuple[str, ...]


def merge(repository: Repository, place: Path, ours: str, theirs: str, operator: str) -> Merged:
    """A commit that holds what either side changed since they parted.

    The method is git-read-tree(1)'s three-way merge in a temporary index; a file is taken whole
    from the one side that changed it. ``insights.json`` at the root, which each run rewrites, is
    taken from ours. Where the histories share nothing, as with two first syncs into an empty
    remote, both are additions.
    """
    base = repository.merge_base(ours, theirs) or empty_tree(ours)
    index = place / f"index-{os.getpid()}-merge"
    index.unlink(missing_ok=True)
    repository.git("read-tree", "-i", "-m", "--aggressive", base, ours, theirs, index=index)
    repository.progress.checkpoint()
    conflicts = _unmerged(repository, index)
    if REWRITTEN in conflicts:
        _take_ours(repository, index, ours)
        conflicts = [path for path in conflicts if path != REWRITTEN]
    if conflicts:
        return Merged("", tuple(conflicts))
    tree = repository.text("write-tree", index=index)
    made = commit_tree(repository, tree, [theirs, ours], f"Merge the sync of {operator}\n", operator)
    index.unlink(missing_ok=True)
    return Merged(made, ())


def _unmerged(repository: Repository, index: Path) -> list[str]:
    listed = repository.git("ls-files", "--unmerged", "-z", index=index)
    return sorted({os.fsdecode(entry.partition(b"\t")[2]) for entry in listed.split(b"\0") if entry})


def _take_ours(repository: Repository, index: Path, ours: str) -> None:
    entry = repository.git("ls-tree", "-z", ours, "--", REWRITTEN)
    removal = b"0 " + b"0" * len(ours) + b"\t" + REWRITTEN.encode() + b"\0"
    repository.git("update-index", "-z", "--index-info", given=removal + entry, index=index)
