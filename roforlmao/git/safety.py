"""What may not be in a clone before git works in it: programs, nested repositories, special files."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from roforlmao.errors import Refused, StorageFailed
from roforlmao.git.repository import Repository
from roforlmao.paths import storage_failed
from roforlmao.text import counted, one_line

# Settings that make git run a program or leave the directory. In the clone's own configuration a
# tool may have planted them; in the operator's global one they are the operator's.
_PROGRAMS = re.compile(
    r"filter\..*\.(clean|smudge|process)"
    r"|credential(\..*)?\.helper"
    r"|core\.(worktree|gitproxy|sshcommand|askpass|alternaterefscommand)"
    r"|remote\..*\.(uploadpack|receivepack|vcs)"
    r"|uploadpack\.packobjectshook|diff\.external|diff\..*\.(command|textconv)|merge\..*\.driver"
    r"|http\..*proxy.*|gpg\..*program",
    re.IGNORECASE,
)
_SHOWN = 5  # paths named in a sentence


@dataclass(frozen=True)
class Found:
    """A regular file of the work tree and its size in bytes."""

    path: str
    size: int


def check_configuration(repository: Repository) -> None:
    """Refuses a clone whose own configuration runs programs. Errors: Refused."""
    for setting in repository.settings:
        key, value = setting.key, setting.value
        if setting.scope in ("local", "worktree") and _PROGRAMS.fullmatch(key):
            raise Refused(
                f"The configuration of {repository.path} itself makes git run or reach something: "
                f"{one_line(key, 60)} = {one_line(value, 60)}. A tool may have planted that.",
                "If it is yours, move it to your global configuration (git config --global); else remove "
                f"it with: git -C {repository.path} config --local --unset-all {one_line(key, 60)}",
            )


def check_attributes(repository: Repository) -> None:
    """Refuses large-file storage: its upload is a hook, and hooks do not run here. Errors: Refused."""
    try:
        with (repository.path / ".gitattributes").open("rb") as handle:
            attributes = handle.read(1 << 20)
    except OSError:
        return
    if re.search(rb"^[^#\n]*\sfilter=lfs", attributes, re.MULTILINE):
        raise Refused(
            f"{repository.path} keeps files in Git LFS, which a sync would not upload.",
            "Commit and push it by hand, or take the filter=lfs lines out of .gitattributes.",
        )


def regular_files(repository: Repository) -> list[Found]:
    """All files of the work tree.

    Errors: Refused for a nested repository (its hooks and filters would run as the operator)
    and for pipes, sockets and devices; StorageFailed for an unreadable directory.
    """
    try:
        return list(_walk(repository.path, ""))
    except OSError as error:
        place = Path(str(error.filename or repository.path))
        if isinstance(error, PermissionError):
            raise StorageFailed(
                f"{one_line(str(place))} may not be read: it belongs to another user.",
                f"Take it over with: sudo chown -R $USER {repository.path}",
            ) from error
        raise storage_failed(place, error) from error


def _walk(top: Path, below: str) -> Iterator[Found]:
    with os.scandir(top / below) as entries:
        for entry in entries:
            path = below + entry.name
            if entry.name.lower() == ".git":
                if below:
                    raise Refused(
                        f"{one_line(below[:-1], 100)} in {top} is a git repository of its own.",
                        "Move it out of the data, or remove its .git: a dataset holds files only.",
                    )
            elif entry.is_dir(follow_symlinks=False):
                yield from _walk(top, path + "/")
            elif entry.is_file(follow_symlinks=False):
                yield Found(path, entry.stat(follow_symlinks=False).st_size)
            elif not entry.is_symlink():
                kind = stat.S_IFMT(entry.stat(follow_symlinks=False).st_mode)
                raise Refused(
                    f"{one_line(path, 100)} in {top} is not a file (type {kind:o}).",
                    "Remove it: only files are data.",
                )


def refuse_links(repository: Repository, links: list[str]) -> None:
    """Refuses symbolic links among what would be committed. Errors: Refused."""
    if links:
        raise Refused(
            f"{counted(len(links), 'symbolic link')} in {repository.path}: {named(links)}. "
            "A link is not data: at another operator it points nowhere, or elsewhere.",
            "Replace each link by the file itself.",
        )


def named(paths: list[str] | tuple[str, ...]) -> str:
    """The first few paths, and how many more."""
    shown = ", ".join(one_line(path, 80) for path in paths[:_SHOWN])
    return shown + (f" and {len(paths) - _SHOWN:,} more" if len(paths) > _SHOWN else "")
