"""Moves an existing clone: to the newest commit, or to one that was announced."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from roforlmao.errors import BadInput, GitFailed, NotFound
from roforlmao.git import command
from roforlmao.git.failures import shown
from roforlmao.git.journal import Move
from roforlmao.git.lock import exclusive
from roforlmao.git.remote import fetch, incoming
from roforlmao.git.repository import Repository, open_repository
from roforlmao.git.safety import check_configuration, named
from roforlmao.git.worktree import advance, recover
from roforlmao.progress import Progress
from roforlmao.text import counted, one_line

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True)
class Update:
    """Where the clone stood and stands; '' is no commit yet."""

    before: str
    after: str


def update(path: Path, progress: Progress | None = None, *, silence: float = command.SILENCE) -> Update:
    """Fetches, and moves on to the remote's newest commit where nothing of the operator's is in the way.

    Errors: GitFailed (own commits or edited files in the way, history rewritten), Unreachable,
    Busy, StorageFailed, Cancelled. Nothing is lost with any of them.
    """
    repository = open_repository(path, progress)
    check_configuration(repository)
    with exclusive(repository) as place:
        recover(repository, place)
        before, branch = repository.head, repository.branch
        tip = incoming(repository, silence=silence)
        repository.progress.checkpoint()
        if not tip or tip == before or (before and repository.has_ancestor(before, tip)):
            return Update(before, before)
        if before and not repository.has_ancestor(tip, before):
            _refuse_own(repository, before)
        advance(repository, place, Move(branch, before, tip), strict=True)
        return Update(before, tip)


def checkout(
    path: Path, commit: str, progress: Progress | None = None, *, silence: float = command.SILENCE
) -> None:
    """Shows an announced commit in an import clone; its branch goes there, ``update`` moves on again.

    Errors: NotFound when the repository has no such commit; GitFailed when the operator's own
    commits or edited files are in the way; BadInput for something that is not a commit id.
    """
    if not _COMMIT.fullmatch(commit):
        raise BadInput(f"'{one_line(commit, 80)}' is not a commit.", "A commit is 40 hexadecimal digits.")
    repository = open_repository(path, progress)
    check_configuration(repository)
    with exclusive(repository) as place:
        recover(repository, place)
        if not repository.resolve(f"{commit}^{{commit}}"):
            _fetch_all(repository, silence)
        if not repository.resolve(f"{commit}^{{commit}}") or not _is_published(repository, commit):
            raise NotFound(
                f"Commit {commit[:12]} is not in {shown(repository.origin)}: its history was "
                "rewritten, or the announcement is wrong.",
                "Take the newest state instead, or ask the operator who announced it.",
            )
        before = repository.head
        if before == commit and not _edited(repository):
            return
        if before:
            _refuse_own(repository, before)
        if edited := _edited(repository):
            raise GitFailed(
                f"You edited files in {path}: {named(edited)}.",
                "Move them elsewhere, or restore them, then try again.",
            )
        advance(repository, place, Move(repository.branch, before, commit), strict=True)


def _fetch_all(repository: Repository, silence: float) -> None:
    fetch(repository, "+refs/heads/*:refs/remotes/origin/*", silence=silence)
    repository.progress.checkpoint()


def _is_published(repository: Repository, commit: str) -> bool:
    """Whether a branch of the remote, as last seen, leads to the commit."""
    return bool(repository.text("for-each-ref", "--count=1", "--contains", commit, "refs/remotes/origin"))


def _refuse_own(repository: Repository, commit: str) -> None:
    own = repository.text("rev-list", "--count", commit, "--not", "--remotes=origin")
    if own != "0":
        raise GitFailed(
            f"{repository.path} holds {counted(int(own), 'commit')} of your own "
            "that the remote does not have.",
            "Sync them first; then try again.",
        )


def _edited(repository: Repository) -> list[str]:
    """Files of the present commit that were changed or removed here."""
    head = repository.head
    if not head:
        return []
    repository.git("update-index", "-q", "--refresh", allowed=(0, 1))
    listed = repository.git("diff-index", "--name-only", "-z", head)
    return [path for path in listed.decode(errors="surrogateescape").split("\0") if path]
