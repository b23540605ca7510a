"""The last step of a sync: onto the remote, together with what peers pushed meanwhile."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from roforlmao.errors import Busy, GitFailed, SyncConflict
from roforlmao.git import command
from roforlmao.git.failures import shown
from roforlmao.git.journal import Move
from roforlmao.git.lock import exclusive
from roforlmao.git.merge import merge
from roforlmao.git.remote import incoming, push
from roforlmao.git.repository import Repository, open_repository
from roforlmao.git.safety import check_configuration, named
from roforlmao.git.worktree import advance, recover
from roforlmao.names import check_name
from roforlmao.progress import Progress
from roforlmao.text import one_line

_ATTEMPTS = 60
_IN_VAIN = 10  # refusals in a row, over some ten seconds, while the remote's branch does not move
_LONGEST_PAUSE = 2.0  # seconds
_LOOSE_OBJECTS = 6700  # git's own default of gc.auto


@dataclass(frozen=True)
class Published:
    """The remote's commit that holds ours; whether peers' work was brought in; what stays local.

    ``kept`` are paths that a peer changed while the operator's own file there is uncommitted.
    """

    commit: str
    merged: bool
    kept: tuple[str, ...] = ()


def publish(
    path: Path, operator: str, progress: Progress | None = None, *, silence: float = command.SILENCE
) -> Published:
    """Pushes the branch; where a peer was first, brings both together and pushes again.

    The work tree changes only after the push. ``silence`` is how many seconds without a word from
    the remote are waited for. Errors: SyncConflict when both changed the same file (ours is then
    on the branch ``conflict/<operator>-<commit>``, nothing here is changed), Unreachable,
    GitFailed, Busy, StorageFailed, Cancelled.
    """
    check_name(operator, "operator")
    repository = open_repository(path, progress)
    check_configuration(repository)
    with exclusive(repository) as place:
        recover(repository, place)
        repository.progress.checkpoint()
        ours = repository.head
        if not ours:
            raise GitFailed(f"{path} holds no commit yet.", "Sync when the tool has left some data.")
        _tidy(repository)  # before the push, which then takes its pack from the one made here
        target = _bring(repository, place, ours, operator, silence)
        repository.progress.checkpoint()
        if target == ours:
            return Published(ours, merged=False)
        kept = advance(repository, place, Move(repository.branch, ours, target), strict=False)
        return Published(target, merged=True, kept=kept)


def _bring(repository: Repository, place: Path, ours: str, operator: str, silence: float) -> str:
    """Pushes ours, alone or merged, and returns the commit that the remote has then."""
    upstream, target = repository.upstream, ours
    seen = repository.resolve(repository.tracking)
    grown = not seen or repository.has_ancestor(target, seen)
    refused, in_vain = "", 0
    for attempt in range(_ATTEMPTS):
        if grown:
            pushed = push(repository, target, upstream, seen, silence=silence)
            if pushed.state == "done":
                _follow(repository, upstream, target)
                return target
            refused = pushed.reason
        repository.progress.checkpoint()
        _pause(repository.progress, attempt)
        theirs = incoming(repository, silence=silence)
        repository.progress.checkpoint()
        in_vain = in_vain + 1 if grown and theirs == seen else 0
        if in_vain == _IN_VAIN:
            raise _locked(repository, refused)
        if theirs and repository.has_ancestor(theirs, ours):
            return theirs
        target = _joined(repository, place, ours, theirs, operator, silence) if theirs else ours
        seen, grown = theirs, True
        repository.progress.checkpoint()
    raise Busy(
        f"Others pushed to {shown(repository.origin)} {_ATTEMPTS} times while this sync tried.",
        "Your commit is kept here: sync again later.",
    )


def _locked(repository: Repository, refused: str) -> GitFailed:
    return GitFailed(
        f"{shown(repository.origin)} refuses the push again and again, though nobody else pushed: {refused}.",
        "A git that was killed there may have left a lock: if none runs, delete the repository's *.lock "
        "files. Your commit is kept here: then sync again.",
    )


def _joined(
    repository: Repository, place: Path, ours: str, theirs: str, operator: str, silence: float
) -> str:
    if repository.has_ancestor(ours, theirs):
        return ours
    merged = merge(repository, place, ours, theirs, operator)
    if merged.conflicts:
        raise _conflict(repository, ours, theirs, merged.conflicts, operator, silence)
    return merged.commit


def _conflict(
    repository: Repository, ours: str, theirs: str, paths: tuple[str, ...], operator: str, silence: float
) -> SyncConflict:
    """Keeps our version on a branch of the remote and names both sides."""
    branch = f"conflict/{operator}-{ours[:12]}"
    push(repository, ours, branch, "", silence=silence)  # "behind" when it is there already
    base = repository.merge_base(ours, theirs)
    span = f"{base}..{theirs}" if base else theirs
    author = repository.text("log", "-1", "--no-merges", "--format=%an, %h", span, "--", *_literal(paths))
    return SyncConflict(
        f"{operator} (commit {ours[:12]}) and {one_line(author, 100) or theirs[:12]} changed the same "
        f"{'file' if len(paths) == 1 else 'files'}: {named(paths)}. Your version is at the remote on "
        f"the branch {branch}, theirs on {repository.upstream}; your files here are as they were.",
        "Compare the two branches and settle it with the other operator; then sync again.",
    )


def _literal(paths: tuple[str, ...]) -> list[str]:
    return [f":(top,literal){path}" for path in paths[:50]]


def _follow(repository: Repository, upstream: str, commit: str) -> None:
    """Remembers where the remote stands; a first push also sets what ``git pull`` follows."""
    repository.git("update-ref", repository.tracking, commit)
    branch = repository.branch
    if not repository.setting(f"branch.{branch}.remote"):
        repository.git("config", f"branch.{branch}.remote", "origin")
        repository.git("config", f"branch.{branch}.merge", f"refs/heads/{upstream}")


def _tidy(repository: Repository) -> None:
    """Packs loose objects once there are very many; a failure of that is none of the sync.

    One of 256 directories tells how many there are, as git-gc(1) itself judges it.
    """
    sample = repository.git_directory / "objects" / "17"
    if sample.is_dir() and len(list(sample.iterdir())) > _LOOSE_OBJECTS // 256:
        repository.git("-c", f"gc.auto={_LOOSE_OBJECTS}", "gc", "--auto", "--quiet", allowed=range(256))


def _pause(progress: Progress, attempt: int) -> None:
    """Grows with the attempts and differs between operators, so that they do not meet again."""
    if attempt:
        longest = min(_LONGEST_PAUSE, 0.3 * 2 ** min(attempt, 10))
        progress.wait(random.uniform(0, longest))  # noqa: S311 - not a secret
        progress.checkpoint()
