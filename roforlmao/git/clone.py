"""A clone that is whole or absent, and the other ways to get hold of a repository."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Literal

from roforlmao.errors import AlreadyExists, GitFailed
from roforlmao.git import command
from roforlmao.git.command import Bounds
from roforlmao.git.failures import shown
from roforlmao.git.remote import reachable
from roforlmao.git.repository import Repository, head, origin
from roforlmao.git.temporary import beside
from roforlmao.git.transfer import transfer_lines
from roforlmao.git.update import Update, checkout, update
from roforlmao.names import check_url
from roforlmao.paths import storage_failed
from roforlmao.progress import Progress

__all__ = ["Update", "checkout", "clone", "clone_or_update", "head", "origin", "reachable", "update"]

# --no-local: the objects come through git's protocol, checked, not as links to foreign files
_CLONE = ("clone", "--progress", "--no-local", "--template=", "--no-recurse-submodules", "--origin=origin")
_PREFERRED = ("main", "master")


def clone(
    url: str, target: Path, progress: Progress | None = None, *, local: bool, silence: float = command.SILENCE
) -> str:
    """Clones into a directory beside ``target`` and renames it when it is whole; returns its commit.

    '' is the commit of an empty repository. ``local`` allows a path on this machine. After a
    failure or a cancel nothing is left; what a killed one left goes with the next clone to the
    same target. Errors: BadInput, AlreadyExists, Unreachable, GitFailed, StorageFailed, Busy,
    Cancelled.
    """
    check_url(url, local=local)
    target = target.absolute()
    watched = progress or Progress()
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise AlreadyExists(f"{target} is there already.", "Choose another place, or remove it.")
    with ExitStack() as stack:
        whole = beside(target, stack) / "clone"
        commit = _fill(url, whole, watched, local=local, silence=silence)
        watched.checkpoint()
        try:
            whole.replace(target)
        except OSError as error:
            raise storage_failed(target, error) from error
        return commit


def clone_or_update(
    url: str, target: Path, progress: Progress | None = None, *, local: bool, silence: float = command.SILENCE
) -> tuple[str, Literal["cloned", "pulled"]]:
    """Clones, or brings an existing clone of the same repository up to date; returns its commit.

    Errors: as ``clone`` and ``update``; GitFailed when something else stands there, which is
    not touched.
    """
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return clone(url, target, progress, local=local, silence=silence), "cloned"
    check_url(url, local=local)
    present = origin(target)
    if not _same(present, url):
        raise GitFailed(
            f"{target} is a clone of {shown(present)}, not of {shown(url)}.",
            "Remove or rename that directory, then try again.",
        )
    return update(target, progress, silence=silence).after, "pulled"


def _fill(url: str, whole: Path, progress: Progress, *, local: bool, silence: float) -> str:
    progress.start("Cloning")
    command.run(
        [*_CLONE, "--", url, str(whole)],
        cwd=whole.parent,
        where=url,
        local=local,
        progress=progress,
        bounds=Bounds(silence=silence),
        on_line=transfer_lines(progress),
    )
    repository = Repository(whole, progress)
    return repository.head or _first_branch(repository)


def _first_branch(repository: Repository) -> str:
    """Checks out a branch where the remote's default names none; '' when the remote is empty."""
    listed = repository.text("for-each-ref", "--format=%(refname:lstrip=3)", "refs/remotes/origin").split()
    branches = [name for name in listed if name != "HEAD" and not name.startswith("conflict/")]
    chosen = next((name for name in _PREFERRED if name in branches), branches[0] if branches else "")
    if not chosen:
        return ""
    repository.git("checkout", "--quiet", "--track", "-B", chosen, f"refs/remotes/origin/{chosen}")
    return repository.head


def _same(one: str, other: str) -> bool:
    """Whether two URLs mean one repository; a slash or ``.git`` at the end makes no difference."""
    return _plain(one) == _plain(other)


def _plain(url: str) -> str:
    return url.removeprefix("file://").rstrip("/").removesuffix(".git").rstrip("/")
