"""The paths in which two trees differ."""

from __future__ import annotations

import os
from dataclasses import dataclass

from roforlmao.git.repository import Repository

# The ids that git gives to nothing, in repositories of SHA-1 and of SHA-256 (git hash-object).
_EMPTY_TREES = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
_EMPTY_BLOBS = (
    "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
)
LINK, SUBMODULE, ABSENT = "120000", "160000", "000000"


@dataclass(frozen=True)
class Change:
    """One path: modes and blob ids before and after; mode ``000000`` is absent."""

    path: str
    mode_before: str
    mode_after: str
    blob_before: str
    blob_after: str

    @property
    def added(self) -> bool:
        return self.mode_before == ABSENT

    @property
    def deleted(self) -> bool:
        return self.mode_after == ABSENT

    @property
    def emptied(self) -> bool:
        """Whether zero bytes are left."""
        return self.blob_after in _EMPTY_BLOBS


def empty_tree(like: str) -> str:
    """The id of the empty tree, in the hash of the id ``like``."""
    return _EMPTY_TREES[64 if len(like) == 64 else 40]


def changes(repository: Repository, before: str, after: str) -> list[Change]:
    """File-level differences between two commits or trees ('' is the empty tree); no renames."""
    old, new = before or empty_tree(after), after or empty_tree(before)
    raw = repository.git("diff-tree", "-r", "-z", "--raw", "--no-renames", "--full-index", old, new)
    fields = raw.split(b"\0")
    return [_change(head, path) for head, path in zip(fields[::2], fields[1::2], strict=False)]


def _change(head: bytes, path: bytes) -> Change:
    mode_before, mode_after, blob_before, blob_after, _ = head.decode("ascii").removeprefix(":").split()
    return Change(os.fsdecode(path), mode_before, mode_after, blob_before, blob_after)
