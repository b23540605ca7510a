"""The other side: is it there, fetch from it, push to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from roforlmao.errors import GitFailed, Unreachable
from roforlmao.git import command
from roforlmao.git.command import Bounds
from roforlmao.git.failures import explain, shown
from roforlmao.git.repository import Repository
from roforlmao.git.transfer import transfer_lines
from roforlmao.names import check_url
from roforlmao.progress import Progress
from roforlmao.text import one_line

_PUSH = ("push", "--porcelain", "--progress", "--no-verify")
INCOMING = "refs/roforlmao/incoming"
# Reasons with which servers answer the second of two simultaneous pushes.
_RACES = (
    "fetch first",
    "non-fast-forward",
    "stale info",
    "cannot lock ref",
    "failed to lock",
    "failed to update ref",
    "incorrect old value",
    "reference already exists",
    "cannot update ref",
)


@dataclass(frozen=True)
class Pushed:
    """``done``, or ``behind`` when somebody else was first; ``reason`` is what the remote said."""

    state: Literal["done", "behind"]
    reason: str = ""


def reachable(
    url: str, *, timeout: float = 5.0, local: bool = False, progress: Progress | None = None
) -> None:
    """Returns when the repository answers within ``timeout`` seconds.

    Errors: Unreachable with the reason; BadInput for a URL that is not allowed.
    """
    tip(url, timeout=timeout, local=local, progress=progress)


def tip(url: str, *, timeout: float = 30.0, local: bool = False, progress: Progress | None = None) -> str:
    """The commit that the repository's default branch stands at, '' where it has none.

    Errors: as ``reachable``.
    """
    check_url(url, local=local)
    try:
        answer = command.run(
            ["ls-remote", "--quiet", "--", url, "HEAD"],
            cwd=Path("/"),
            where=url,
            local=local,
            progress=progress,
            bounds=Bounds(total=timeout),
        )
    except GitFailed as error:
        raise Unreachable(error.message, error.hint) from error
    return answer.out.split(b"\t")[0].decode("ascii", "replace")


def fetch(repository: Repository, *refspecs: str, silence: float = command.SILENCE, depth: str = "") -> None:
    """Fetches exactly the given refspecs from the origin.

    Errors: Unreachable, GitFailed, StorageFailed, Cancelled.
    """
    arguments = [
        "fetch",
        "--progress",
        "--no-tags",
        "--no-write-fetch-head",
        "--refmap=",
        *([depth] if depth else []),
    ]
    where = repository.origin
    repository.progress.start("Asking for news")
    command.run(
        [*arguments, "origin", *refspecs],
        cwd=repository.path,
        where=where,
        progress=repository.progress,
        bounds=Bounds(silence=silence),
        on_line=transfer_lines(repository.progress),
    )


def incoming(repository: Repository, *, silence: float = command.SILENCE) -> str:
    """Where the remote's branch stands now, '' when it has none; what it holds is here afterwards.

    Errors: GitFailed when the remote's history was rewritten since it was last seen; nothing is
    changed then.
    """
    upstream = repository.upstream
    seen = repository.resolve(repository.tracking)
    if not seen and not _advertised(repository, upstream, silence):
        return ""
    fetch(repository, f"+refs/heads/{upstream}:{INCOMING}", silence=silence)
    tip = repository.resolve(INCOMING)
    if seen and seen != tip and not repository.has_ancestor(tip, seen):
        raise GitFailed(
            f"The history of {shown(repository.origin)} was rewritten: commit {seen[:12]}, "
            "which this clone builds on, is no longer in it. Nothing was changed.",
            f"Ask who rewrote it. To follow: move {repository.path} away, clone again, and copy over what "
            "only you have.",
        )
    repository.git("update-ref", repository.tracking, tip)
    return tip


def push(
    repository: Repository, commit: str, branch: str, expected: str, *, silence: float = command.SILENCE
) -> Pushed:
    """Pushes a commit to a branch of the origin that stands at ``expected`` ('' is not there yet).

    The caller has seen to it that the commit grows from ``expected``; the lease then makes this a
    compare-and-swap, so that a remote that was set back is not silently filled again.

    Errors: Unreachable, GitFailed (with the remote's reason), Cancelled.
    """
    where = repository.origin
    repository.progress.start("Sending")
    output = command.run(
        [
            *_PUSH,
            f"--force-with-lease=refs/heads/{branch}:{expected}",
            "origin",
            f"{commit}:refs/heads/{branch}",
        ],
        cwd=repository.path,
        where=where,
        progress=repository.progress,
        bounds=Bounds(silence=silence),
        on_line=transfer_lines(repository.progress),
        allowed=range(256),
    )
    if output.status == 0:
        return Pushed("done")
    refusals = [line for line in output.out.decode(errors="replace").splitlines() if line.startswith("!")]
    if any(race in line for line in refusals for race in _RACES):
        return Pushed("behind", one_line(refusals[0].split("\t")[-1], 200))
    if refusals:
        raise _refused(where, refusals[0], output.error)
    raise explain("push", where, output.error)


def _refused(where: str, refusal: str, words: str) -> GitFailed:
    reason = one_line(refusal.split("\t")[-1], 200)
    if "checked out" in refusal or "checked out" in words:
        return GitFailed(
            f"{shown(where)} has that branch checked out and takes no push to it.",
            "Use a bare repository as the remote: git init --bare PATH",
        )
    said = [
        one_line(line.removeprefix("remote:"), 200)
        for line in words.splitlines()
        if line.startswith("remote:")
    ]
    told = f" It says: {' '.join(said[:3])}" if any(said) else ""
    return GitFailed(
        f"{shown(where)} refused the push: {reason}.{told}",
        "Your commit is kept here; ask the repository's owner, then sync again.",
    )


def _advertised(repository: Repository, branch: str, silence: float) -> bool:
    """Whether the remote has the branch."""
    output = command.run(
        ["ls-remote", "--quiet", "origin", f"refs/heads/{branch}"],
        cwd=repository.path,
        where=repository.origin,
        progress=repository.progress,
        bounds=Bounds(silence=silence),
    )
    return bool(output.out.strip())
