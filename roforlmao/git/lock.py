"""One launcher at a time in a clone, and git's own index lock."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from roforlmao.errors import Busy, GitFailed
from roforlmao.git.repository import Repository
from roforlmao.paths import make_directory, storage_failed

_TEMPORARY = ("index-", "files-")
_NAP_S = 0.02


def workspace(repository: Repository) -> Path:
    """Our own directory beside git's files, never part of the data."""
    return make_directory(repository.git_directory / "roforlmao")


@contextmanager
def exclusive(repository: Repository, *, keep: Path | None = None) -> Iterator[Path]:
    """Holds the clone for this launcher and gives the workspace, cleared of what a killed one left.

    ``keep`` is a temporary index that is still wanted. The kernel drops the lock with the process.
    Errors: Busy, StorageFailed; GitFailed when another git command holds the index.
    """
    place = workspace(repository)
    with flock(place / "lock", f"Another launcher is at work in {repository.path}."):
        _drop_own_index_lock(repository, place)
        for leftover in place.iterdir():
            if leftover.name.startswith(_TEMPORARY) and not _belongs(leftover, keep):
                _remove(leftover)
        refuse_foreign_lock(repository)
        yield place


@contextmanager
def flock(path: Path, busy: str, patience_s: float = 0.0) -> Iterator[None]:
    """Holds an advisory lock on a file or directory; waits for it so long. Errors: Busy, StorageFailed."""
    deadline = time.monotonic() + patience_s
    try:
        handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise storage_failed(path, error) from error
    try:
        while not _locked(handle, raises=time.monotonic() >= deadline):
            time.sleep(_NAP_S)
        yield
    except BlockingIOError as error:
        raise Busy(busy, "Wait until it has finished, then try again.") from error
    finally:
        os.close(handle)


def _locked(handle: int, *, raises: bool) -> bool:
    """Errors: BlockingIOError where another holds it, if that ``raises``."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        if raises:
            raise
        return False
    return True


def copy_index(repository: Repository, target: Path) -> Path:
    """A private copy of the index, with its time: git judges cached file states by it."""
    with suppress(FileNotFoundError):
        shutil.copy2(repository.git_directory / "index", target)
    return target


def install_index(repository: Repository, new: Path) -> None:
    """Makes ``new`` the index, under git's own lock.

    The lock is a hard link to ``new``, so that one left by a kill is known as ours by its inode.
    Errors: GitFailed when another git command holds the lock.
    """
    lock = repository.git_directory / "index.lock"
    try:
        os.link(new, lock)
    except FileExistsError:
        refuse_foreign_lock(repository)
        raise
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EMLINK):
            raise storage_failed(lock, error) from error
        shutil.copy2(new, lock)  # a file system without hard links
    repository.progress.checkpoint()
    lock.replace(repository.git_directory / "index")
    new.unlink(missing_ok=True)


def refuse_foreign_lock(repository: Repository) -> None:
    """Says what an ``index.lock`` is that we did not make; we never remove one. Errors: GitFailed."""
    lock = repository.git_directory / "index.lock"
    try:
        since = lock.stat().st_mtime
    except FileNotFoundError:
        return
    reason = _stale(repository, since)
    age = _age(time.time() - since)
    if reason:
        raise GitFailed(
            f"A git command that ended badly left a lock in {repository.path}, {age} old ({reason}).",
            f"It can be deleted: rm {lock}",
        )
    raise GitFailed(
        f"Another git command is at work in {repository.path} since {age}.",
        f"Wait until it has ended. If none runs any more, delete its lock: rm {lock}",
    )


def _stale(repository: Repository, since: float) -> str:
    """Why the lock's owner cannot be alive, or ''."""
    import psutil

    if since < psutil.boot_time() - 60:
        return "older than the last start of this machine"
    unseen = False
    for process in psutil.process_iter(["name"]):
        if "git" not in (process.info["name"] or ""):
            continue
        try:
            if Path(process.cwd()).is_relative_to(repository.path.resolve()):
                return ""
        except psutil.AccessDenied:
            unseen = True
        except psutil.Error:
            continue
    return "" if unseen or time.time() - since < 5 else "no git runs there"


def _drop_own_index_lock(repository: Repository, place: Path) -> None:
    lock = repository.git_directory / "index.lock"
    with suppress(FileNotFoundError):
        held = lock.stat()
        if any(os.path.samestat(held, own.stat()) for own in place.glob("index-*")):
            lock.unlink()


def _belongs(leftover: Path, keep: Path | None) -> bool:
    return keep is not None and leftover.name == keep.name


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _age(seconds: float) -> str:
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} seconds"
