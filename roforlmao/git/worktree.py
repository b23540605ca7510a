"""Moves the work tree to another commit, path by path, so that a kill at any point can be finished.

Files come first, each complete in one rename, then the index, then the branch: at every moment
what stands in the work tree is either the old or the new version of each file, and never
something that a later sync could take for a change or a deletion of the operator's.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from roforlmao.errors import GitFailed
from roforlmao.git import journal
from roforlmao.git.changes import LINK, SUBMODULE, Change, changes
from roforlmao.git.journal import Move
from roforlmao.git.lock import copy_index, install_index
from roforlmao.git.repository import Repository
from roforlmao.git.safety import named
from roforlmao.paths import storage_failed


@dataclass(frozen=True)
class _Sorted:
    """Paths to write, to remove, and those that the operator has otherwise."""

    write: list[Change]
    remove: list[Change]
    kept: list[str]


def advance(repository: Repository, place: Path, move: Move, *, strict: bool) -> tuple[str, ...]:
    """Does the move and returns the paths that stay as the operator has them.

    The caller holds the clone; ``place`` is its workspace. With ``strict`` a path that the operator
    has otherwise stops the move before anything is changed. Errors: GitFailed, StorageFailed.
    """
    sorted_paths = _sort(repository, changes(repository, move.source, move.target))
    if strict and sorted_paths.kept:
        raise GitFailed(
            f"Your own changes in {repository.path} are in the way: {named(sorted_paths.kept)}.",
            "Sync them first, or move them elsewhere, then try again.",
        )
    repository.progress.checkpoint()
    journal.write(place, move)
    index = copy_index(repository, place / f"index-{os.getpid()}-move")
    repository.git("read-tree", "-i", "--reset", move.target, index=index)
    repository.progress.checkpoint()
    try:
        for change in sorted_paths.remove:  # first: a file may become a directory
            _remove(repository.path, change.path)
            repository.progress.checkpoint()
        _write(repository, place, index, sorted_paths.write)
    except OSError as error:
        raise storage_failed(Path(str(error.filename or repository.path)), error) from error
    repository.git("update-index", "-q", "--refresh", index=index, allowed=(0, 1))
    repository.progress.checkpoint()
    install_index(repository, index)
    repository.progress.checkpoint()
    move_branch(repository, move)
    repository.progress.checkpoint()
    journal.clear(place)
    return tuple(sorted_paths.kept)


def recover(repository: Repository, place: Path) -> None:
    """Finishes a move that a killed launcher began; a branch that has moved since ends it."""
    move = journal.read(place)
    if move is None:
        return
    if repository.head == move.source and repository.branch == move.branch:
        advance(repository, place, move, strict=False)
    journal.clear(place)


def move_branch(repository: Repository, move: Move) -> None:
    """Sets the branch, if it still stands where the move began."""
    old = move.source or "0" * len(move.target)
    repository.git("update-ref", "-m", "roforlmao sync", f"refs/heads/{move.branch}", move.target, old)


def _sort(repository: Repository, changed: list[Change]) -> _Sorted:
    hashes = _hashes(repository, [c.path for c in changed if c.mode_after != SUBMODULE])
    write, remove, kept = [], [], []
    for change in changed:
        blob, mode = hashes.get(change.path, ("", ""))
        before = "" if change.added else change.blob_before
        after = "" if change.deleted else change.blob_after
        if blob == after and (change.deleted or mode == change.mode_after):
            continue
        if blob not in (before, after):
            kept.append(change.path)
        elif change.deleted:
            remove.append(change)
        else:
            write.append(change)
    gone = {change.path for change in remove}
    kept += [change.path for change in write if _obstructed(repository.path, change.path, gone)]
    return _Sorted(write, remove, kept)


def _obstructed(top: Path, path: str, gone: set[str]) -> bool:
    """Whether something that does not belong to the old commit stands where the path goes."""
    for parent in (top / up for up in Path(path).parents if str(up) not in gone):
        if parent.is_symlink() or (os.path.lexists(parent) and not parent.is_dir()):
            return True
    below = top / path
    if below.is_symlink() or not below.is_dir():
        return False
    inside = (found for found in below.rglob("*") if found.is_symlink() or not found.is_dir())
    return any(str(found.relative_to(top)) not in gone for found in inside)


def _hashes(repository: Repository, paths: list[str]) -> dict[str, tuple[str, str]]:
    """Blob id and mode of those paths that exist; links are not followed."""
    found: dict[str, tuple[str, str]] = {}
    files: list[str] = []
    for path in paths:
        kind = _mode(repository.path, path)
        if kind == LINK:
            target = os.fsencode((repository.path / path).readlink())
            blob = repository.git("hash-object", "--stdin", given=target)
            found[path] = (blob.decode("ascii").strip(), LINK)
        elif kind:
            found[path] = ("", kind)
            files.append(path)
    if files:
        given = b"".join(_quoted(path) + b"\n" for path in files)
        ids = repository.git("hash-object", "--stdin-paths", given=given).decode("ascii").split()
        found.update({p: (blob, found[p][1]) for p, blob in zip(files, ids, strict=True)})
    return found


def _mode(top: Path, path: str) -> str:
    """The mode git would give the path, '' where there is no file, 'other' for anything else."""
    if _through_link(top, path):
        return ""
    try:
        mode = (top / path).lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return ""
    if stat.S_ISLNK(mode):
        return LINK
    if stat.S_ISREG(mode):
        return "100755" if mode & stat.S_IXUSR else "100644"
    return ""


def _write(repository: Repository, place: Path, index: Path, wanted: list[Change]) -> None:
    files = [change for change in wanted if change.mode_after != SUBMODULE]
    if files:
        with tempfile.TemporaryDirectory(prefix="files-", dir=place, ignore_cleanup_errors=True) as new:
            given = b"".join(os.fsencode(change.path) + b"\0" for change in files)
            arguments = ("checkout-index", "-q", "-z", "--stdin", f"--prefix={new}/")
            repository.git(*arguments, given=given, index=index)
            repository.progress.checkpoint()
            repository.progress.start("Writing files", len(files), "files")
            for done, change in enumerate(files, 1):
                _place(repository.path, change.path, (Path(new) / change.path).replace)
                repository.progress.update(done, len(files))
                repository.progress.checkpoint()
    for change in wanted:
        if change.mode_after == SUBMODULE:
            _place(repository.path, change.path, lambda to: to.mkdir(exist_ok=True))


def _place(top: Path, path: str, put: Callable[[Path], object]) -> None:
    """Puts something at the path, never through a link and never over a directory."""
    target = top / path
    try:
        if _through_link(top, path):
            raise NotADirectoryError(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        put(target)
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise GitFailed(
            f"'{path}' cannot be written in {top}: something of yours stands in its place.",
            "Move that elsewhere, then try again.",
        ) from error


def _remove(top: Path, path: str) -> None:
    if _through_link(top, path):
        return
    (top / path).unlink(missing_ok=True)
    for parent in (top / path).parents:
        if parent == top or any(parent.iterdir()):
            return
        parent.rmdir()


def _through_link(top: Path, path: str) -> bool:
    """Whether a directory on the way is a symbolic link: what lies behind is not the work tree."""
    return any((top / parent).is_symlink() for parent in Path(path).parents)


def _quoted(path: str) -> bytes:
    """The path as git-hash-object(1) reads it: in quotes, C-style, so that any byte may be in it."""
    return b'"' + b"".join(b"\\%03o" % byte for byte in os.fsencode(path)) + b'"'
