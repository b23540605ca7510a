"""The second step of a sync: one commit of exactly what was looked at."""

from __future__ import annotations

import os

from roforlmao.errors import Busy
from roforlmao.git.journal import Move
from roforlmao.git.lock import copy_index, exclusive, install_index
from roforlmao.git.repository import Repository, open_repository
from roforlmao.git.stage import Prepared
from roforlmao.git.worktree import move_branch
from roforlmao.names import check_name
from roforlmao.progress import Progress


def commit(prepared: Prepared, message: str, *, operator: str, progress: Progress | None = None) -> str:
    """Commits the prepared tree and returns the commit; where nothing is new, the present one.

    Author and committer are the operator's own git identity; without ``user.name`` or
    ``user.email`` they are the operator's name and ``<operator>@roforlmao.invalid``. Errors: Busy
    when the clone has moved on since it was prepared, GitFailed, StorageFailed, Cancelled.
    """
    repository = open_repository(prepared.path, progress)
    check_name(operator, "operator")
    with exclusive(repository, keep=prepared.index):
        if repository.head != prepared.head:
            raise Busy(
                f"{prepared.path} got another commit in the meantime.", "Sync again: nothing was changed."
            )
        if not prepared.dirty:
            return prepared.head
        repository.progress.start("Committing")
        made = commit_tree(
            repository, prepared.tree, [prepared.head] if prepared.head else [], message, operator
        )
        repository.progress.checkpoint()
        _install(repository, prepared)
        repository.progress.checkpoint()
        move_branch(repository, Move(repository.branch, prepared.head, made))
        repository.progress.checkpoint()
        return made


def commit_tree(repository: Repository, tree: str, parents: list[str], message: str, operator: str) -> str:
    """A commit object; no branch moves."""
    arguments = [word for parent in parents for word in ("-p", parent)]
    made = repository.git(
        "commit-tree",
        tree,
        *arguments,
        given=message.encode("utf-8", "replace"),
        env=identity(repository, operator),
    )
    return made.decode("ascii").strip()


def identity(repository: Repository, operator: str) -> dict[str, str]:
    """What stands in for a name or address that git does not know."""
    added = {}
    for field, key, fallback in (
        ("NAME", "user.name", operator),
        ("EMAIL", "user.email", f"{operator}@roforlmao.invalid"),
    ):
        if not repository.setting(key).strip():
            for role in ("AUTHOR", "COMMITTER"):
                if not os.environ.get(f"GIT_{role}_{field}"):
                    added[f"GIT_{role}_{field}"] = fallback
    return added


def _install(repository: Repository, prepared: Prepared) -> None:
    """The index that was prepared, with what git remembers of each file; else one made anew."""
    index = prepared.index
    if not index.exists():
        index = copy_index(repository, index)
        repository.git("read-tree", "-i", "--reset", prepared.tree, index=index)
    install_index(repository, index)
