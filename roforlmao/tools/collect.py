"""What a run left in its data directory goes to the root of the data repository's clone.

Only what changed since the last time is copied: a file that a peer has corrected in the data
repository since must not be reverted by the old one that still lies in the tool's directory.
"""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from roforlmao.errors import BadInput, NotFound
from roforlmao.paths import storage_failed, write_atomic
from roforlmao.progress import Progress
from roforlmao.text import one_line
from roforlmao.tools import boundary
from roforlmao.tools.records import Installed

_SEEN = "roforlmao-collected.json"
_PART = "roforlmao-collecting"
_PLACEHOLDERS = {".keep", ".placeholder"}
_State = dict[str, list[int]]


def collect(installed: Installed, progress: Progress) -> list[str]:
    """Copies new and changed files, each at once, and returns their paths in the data clone.

    Nothing is ever deleted there. Symbolic links, special files and names that begin with
    ``.git`` are left out. Where ``Data.Local`` is the whole repository ('.'), only what git
    calls new or modified and does not ignore is data. What is left out, or that there was
    nothing to look at, goes to ``progress.log``. Nothing is to be done for a tool that writes into the
    data clone itself. Errors: NotFound (the data clone is gone),
    StorageFailed, Cancelled.
    """
    if installed.results == installed.data_path:
        return []
    if installed.data_path is None:
        progress.log("The tool has no data repository: its results stay in its own directory.")
        return []
    if not (installed.data_path / ".git").exists():
        raise NotFound(
            f"The data clone of '{installed.name}' is gone from {installed.data_path}.",
            f"Bring it back: `tool update {installed.name}`.",
        )
    seen = _load_seen(installed)
    copied = []
    for name, source in _results(installed, progress):
        progress.checkpoint()
        if _differs(installed.data_path, name, source, seen):
            if not _place_is_free(installed.data_path, name, progress):
                continue
            _copy(source, installed.data_path, name)
            copied.append(name)
        seen[name] = _stamp(source)
    write_atomic(installed.path / ".git" / _SEEN, json.dumps(seen))
    return copied


def uncollected(installed: Installed) -> list[str]:
    """Results that the data clone does not hold: what would be lost with the tool's directory."""
    if installed.results == installed.data_path:
        return []
    seen = _load_seen(installed)
    return [
        name
        for name, source in _results(installed, Progress())
        if installed.data_path is None or _differs(installed.data_path, name, source, seen)
    ]


def _results(installed: Installed, progress: Progress) -> Iterator[tuple[str, Path]]:
    local = installed.definition.data_local
    try:
        top = boundary.directory_or_nothing(installed.path, local, "Data.Local")
    except BadInput as error:
        progress.log(f"Nothing was collected: {error.message}")
        return
    if not top.is_dir():
        progress.log(f"Nothing was collected: the tool left no directory '{one_line(local, 100)}'.")
        return
    names = _new_to_git(installed.path) if top == installed.path else _below(top, "", progress)
    for name in names:
        yield name, top / name


def _below(top: Path, prefix: str, progress: Progress) -> Iterator[str]:
    """Regular files below ``top`` in order of their names; links are not followed."""
    for entry in sorted(os.scandir(top / prefix), key=lambda entry: entry.name):
        name = f"{prefix}{entry.name}"
        if not _is_data(entry.name):
            continue
        if entry.is_symlink() or not (entry.is_dir() or entry.is_file()):
            progress.log(f"Left out, not a regular file: {one_line(name, 200)}")
        elif entry.is_dir():
            yield from _below(top, f"{name}/", progress)
        else:
            yield name


def _new_to_git(top: Path) -> Iterator[str]:
    from roforlmao.git.repository import open_repository

    listed = open_repository(top).git("ls-files", "-z", "--others", "--modified", "--exclude-standard")
    for name in sorted(set(os.fsdecode(listed).split("\0")) - {""}):
        path = top / name
        if all(_is_data(part) for part in PurePosixPath(name).parts) and _is_regular(path):
            yield name


def _is_data(part: str) -> bool:
    # .gitattributes and .gitmodules would act in the data repository; .gitkeep is no result.
    return not part.lower().startswith(".git") and part not in _PLACEHOLDERS


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _differs(data: Path, name: str, source: Path, seen: _State) -> bool:
    target = data / name
    if not target.is_file() or target.is_symlink():
        return True
    if seen.get(name) == _stamp(source) or _stamp(target) == _stamp(source):
        return False
    return not filecmp.cmp(source, target, shallow=False)


def _stamp(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]


def _place_is_free(data: Path, name: str, progress: Progress) -> bool:
    """Whether the file can go there without following a link or replacing a directory."""
    target = data / name
    parents = [data / parent for parent in PurePosixPath(name).parents if str(parent) != "."]
    blocked = any(parent.is_symlink() or (parent.exists() and not parent.is_dir()) for parent in parents)
    if blocked or (target.is_dir() and not target.is_symlink()):
        progress.log(f"Left out, something else has its place in the data: {one_line(name, 200)}")
        return False
    return True


def _copy(source: Path, data: Path, name: str) -> None:
    """Beside git's own files first, where no commit takes a half-written one for data."""
    part, target = data / ".git" / _PART, data / name
    try:
        part.unlink(missing_ok=True)
        shutil.copyfile(source, part, follow_symlinks=False)
        found = source.lstat()
        os.utime(part, ns=(found.st_atime_ns, found.st_mtime_ns))
        target.parent.mkdir(parents=True, exist_ok=True)
        part.replace(target)
    except OSError as error:
        raise storage_failed(target, error) from error


def _load_seen(installed: Installed) -> _State:
    try:
        data = json.loads((installed.path / ".git" / _SEEN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # never written, or damaged by the tool: contents are compared again
    return {str(name): stamp for name, stamp in data.items()} if isinstance(data, dict) else {}
