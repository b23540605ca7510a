"""The versions of one file in a clone's history, and their content."""

from __future__ import annotations

import datetime as dt
import os
import re
from dataclasses import dataclass
from pathlib import Path

from roforlmao.errors import BadInput, GitFailed, NotFound
from roforlmao.git.command import stream
from roforlmao.git.repository import Repository
from roforlmao.paths import storage_failed
from roforlmao.progress import Progress
from roforlmao.text import one_line

_SYNC = re.compile(r"sync (\d{4}-\d{2}-\d{2})")
_PIECE = 1 << 18  # bytes
_MOST = 5_000  # commits that are looked at, the newest ones


@dataclass(frozen=True)
class FileVersion:
    """``day`` is that of a ``sync <date>`` commit, else the day of the commit; ``size`` in bytes.

    A version whose ``blob`` is empty is one where the file was deleted.
    """

    commit: str
    day: dt.date
    blob: str
    size: int


def file_versions(path: Path, progress: Progress) -> tuple[Repository, list[FileVersion]]:
    """The clone that the file is in, and each commit that changed it, oldest first.

    Errors: BadInput (not in a clone), NotFound (never committed), GitFailed.
    """
    repository = _clone_of(path, progress)
    name = path.resolve().relative_to(repository.path).as_posix()
    if not repository.head:
        raise NotFound(f"{one_line(str(path))} was never committed.", "Its clone has no commits yet.")
    listed = repository.git(
        *("log", f"--max-count={_MOST}", "--no-show-signature", "--format=%H %cs %s", "HEAD", "--", name),
        env={"GIT_LITERAL_PATHSPECS": "1"},  # a file may be called :(glob)x
    )
    commits = [line.split(" ", 2) for line in reversed(os.fsdecode(listed).split("\n")) if line]
    if not commits:
        raise NotFound(f"{one_line(str(path))} was never committed.", "Look at its name.")
    asked = "".join(f"{commit[0]}:{name}\n" for commit in commits)
    answers = repository.git("cat-file", "--batch-check", given=asked.encode(errors="surrogateescape"))
    return repository, [
        FileVersion(commit, _day(date, subject), *_blob(answer))
        for (commit, date, subject), answer in zip(commits, answers.splitlines(), strict=True)
    ]


def file_at(path: Path, revision: str, progress: Progress) -> tuple[Repository, FileVersion]:
    """The file as it stands in a commit, by its id or another of git's names for it.

    Errors: BadInput (not in a clone), NotFound (no such commit, or no such file in it), GitFailed.
    """
    repository = _clone_of(path, progress)
    name = path.resolve().relative_to(repository.path).as_posix()
    commit = repository.resolve(f"{revision}^{{commit}}")
    if not commit:
        raise NotFound(
            f"There is no commit '{one_line(revision, 60)}' in {one_line(str(repository.path))}.",
            f"Look with: git -C {one_line(str(repository.path))} log",
        )
    blob, size = _blob(
        repository.git(
            "cat-file", "--batch-check", given=f"{commit}:{name}\n".encode(errors="surrogateescape")
        ).rstrip(b"\n")
    )
    if not blob:
        raise NotFound(f"{one_line(name)} is not in commit {commit[:12]}.", "Choose another commit.")
    date, _, subject = repository.text(
        "log", "--max-count=1", "--no-show-signature", "--format=%cs %s", commit
    ).partition(" ")
    return repository, FileVersion(commit, _day(date, subject), blob, size)


def write_version(repository: Repository, version: FileVersion, target: Path) -> None:
    """Writes a version's content, byte for byte, to a new file of the caller's.

    Errors: GitFailed, StorageFailed, Cancelled.
    """
    try:
        with (
            stream(["cat-file", "blob", version.blob], cwd=repository.path, given=b"") as source,
            target.open("xb") as handle,
        ):
            while piece := source.read(_PIECE):
                repository.progress.checkpoint()
                handle.write(piece)
    except OSError as error:
        raise storage_failed(target, error) from error
    if target.stat().st_size != version.size:
        raise GitFailed(f"git cat-file ended early for {version.blob[:12]}.", "Look with: git fsck")


def _clone_of(path: Path, progress: Progress) -> Repository:
    resolved = path.resolve()
    for directory in resolved.parents:
        if (directory / ".git").exists():
            if "\n" in str(resolved.relative_to(directory)):
                break  # git's list of names has one on each line
            return Repository(directory, progress)
    raise BadInput(
        f"{one_line(str(path))} is not in a git repository, so that it has no history.",
        "Name a directory of dated files, or a file in a clone.",
    )


def _day(date: str, subject: str) -> dt.date:
    told = _SYNC.match(subject)
    try:
        return dt.date.fromisoformat(told[1] if told else date)
    except ValueError:
        return dt.date.fromisoformat(date)


def _blob(answer: bytes) -> tuple[str, int]:
    """From ``<id> blob <size>``; ``<name> missing`` is a commit that deleted the file."""
    fields = answer.rsplit(b" ", 2)
    if len(fields) == 3 and fields[1] == b"blob":
        return fields[0].decode(), int(fields[2])
    if answer.endswith(b" missing") or fields[-2:-1] == [b"tree"]:
        return "", 0
    raise GitFailed("git cat-file gave an answer that cannot be read.", "Look with: git fsck")
