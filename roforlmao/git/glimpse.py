"""A few files of one commit of a foreign repository, fetched with as little else as its host allows."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from shutil import rmtree
from typing import IO

from roforlmao.errors import BadInput, GitFailed, NotFound, Refused
from roforlmao.git import command
from roforlmao.git.command import Bounds
from roforlmao.git.failures import explain, shown
from roforlmao.git.guard import FILE_LIMIT
from roforlmao.git.repository import Repository
from roforlmao.git.temporary import beside
from roforlmao.git.transfer import transfer_lines
from roforlmao.names import check_url
from roforlmao.paths import make_directory, storage_failed
from roforlmao.progress import Progress
from roforlmao.text import one_line

MOST_FILES = 1_000_000  # in one commit; a tree can be made to name endlessly many
_TAKEN = 200  # files that are fetched
_PIECE = 1 << 18  # bytes
_BOUNDS = Bounds(total=600, silence=60)  # seconds
_SEEN = "refs/roforlmao/seen"
_FULL = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_NO_BLOBS = "--filter=blob:none"
# With these a host refuses a commit by its id, because it lacks it or because it gives out branches only.
_NOT_BY_ID = re.compile(
    r"not our ref|unadvertised object|couldn't find remote ref|no such remote ref|not valid", re.IGNORECASE
)


@dataclass(frozen=True)
class Taken:
    """A file of the commit, by its path there, and the copy on this machine."""

    path: str
    copy: Path


@dataclass(frozen=True)
class Glimpse:
    """``files`` is how many the commit holds; ``too_large`` are wanted paths over the limit of a file."""

    commit: str
    files: int
    taken: tuple[Taken, ...]
    too_large: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Entry:
    path: str
    blob: str


def glimpse(
    url: str,
    commit: str,
    wanted: Callable[[Sequence[str]], Sequence[str]],
    target: Path,
    progress: Progress,
    *,
    local: bool,
) -> Glimpse:
    """Copies the files that ``wanted`` chooses from the commit's paths into the new directory ``target``.

    Fetches that commit alone and without other files where the host can do that, else its branches.
    '' is the commit where its default branch stands. What was in ``target`` is replaced; copies have
    names of their own, so that no foreign path is followed. Links and submodules are no files.
    Errors: BadInput, NotFound (the commit is gone: rewritten), Unreachable, GitFailed, Refused,
    Busy, StorageFailed, Cancelled.
    """
    check_url(url, local=local)
    with ExitStack() as stack:
        part = beside(target, stack)
        bare = _Bare(_made(part / "bare", url), url, progress, local)
        found = bare.fetch_commit(commit or bare.default())
        entries = bare.entries(found)
        chosen = _chosen(entries, wanted)
        bare.fetch_files([entry.blob for entry in chosen])
        taken, too_large = bare.copy(chosen, make_directory(part / "files"))
        progress.checkpoint()
        _replace(part / "files", target)
    moved = tuple(Taken(one.path, target / one.copy.relative_to(part / "files")) for one in taken)
    return Glimpse(found, len(entries), moved, too_large)


class _Bare:
    """An empty repository that takes what it is asked to from its origin."""

    def __init__(self, repository: Repository, url: str, progress: Progress, local: bool) -> None:
        self._repository = repository
        self._url = url
        self._progress = progress
        self._local = local
        self._lacks_files = False

    def default(self) -> str:
        """The commit of the default branch. Errors: NotFound in an empty repository."""
        listed = self._ask("ls-remote", "--quiet", "origin", "HEAD").out.decode("ascii", "replace").split()
        if not listed:
            raise NotFound(f"{shown(self._url)} has no default branch.", "Ask the operator who announced it.")
        return listed[0]

    def fetch_commit(self, commit: str) -> str:
        """The full id of the commit, which is here afterwards with its trees."""
        if _FULL.fullmatch(commit):
            output = self._fetch("--depth=1", _NO_BLOBS, "origin", f"+{commit}:{_SEEN}")
            if output.status == 0:
                return commit
            if not _NOT_BY_ID.search(output.error):
                raise explain("fetch", self._url, output.error)
        output = self._fetch(_NO_BLOBS, "origin", f"+refs/heads/*:{_SEEN}/*")
        if output.status:
            raise explain("fetch", self._url, output.error)
        full = self._repository.resolve(f"{commit}^{{commit}}")
        if not full:
            raise NotFound(
                f"Commit {one_line(commit, 12)} is not in {shown(self._url)}: its history was rewritten, or "
                "the announcement is wrong.",
                "Ask the operator who announced it.",
            )
        return full

    def entries(self, commit: str) -> list[_Entry]:
        """The regular files of the commit. Errors: Refused where they are endlessly many."""
        found: list[_Entry] = []
        with command.stream(
            ["ls-tree", "-r", "-z", "--full-tree", commit], cwd=self._repository.path, given=b""
        ) as listed:
            for record in _records(listed):
                about, _, path = record.partition(b"\t")
                mode, kind, blob = about.decode("ascii").split()
                if kind == "blob" and mode.startswith("100"):
                    found.append(_Entry(os.fsdecode(path), blob))
                if len(found) > MOST_FILES:
                    raise Refused(
                        f"The commit in {shown(self._url)} names more than {MOST_FILES:,} files.",
                        "Ask the operator who announced it.",
                    )
        return found

    def fetch_files(self, blobs: Sequence[str]) -> None:
        """Those that the commit came without. Errors: as ``glimpse``."""
        if not blobs or not self._lacks_files:
            return
        output = self._fetch(_NO_BLOBS, "origin", *dict.fromkeys(blobs))
        if output.status:
            raise explain("fetch", self._url, output.error)

    def copy(self, chosen: Sequence[_Entry], target: Path) -> tuple[list[Taken], tuple[str, ...]]:
        """Writes them to files of their own; and the paths of those that are over the limit."""
        taken: list[Taken] = []
        too_large: list[str] = []
        asked = "".join(f"{entry.blob}\n" for entry in chosen).encode()
        sizes = self._repository.git("cat-file", "--batch-check", given=asked).splitlines() if asked else []
        for number, (entry, answer) in enumerate(zip(chosen, sizes, strict=True)):
            self._progress.checkpoint()
            if not answer.split()[-1].isdigit():
                raise GitFailed(f"A file of {shown(self._url)} did not come.", "Try again later.")
            if int(answer.split()[-1]) > FILE_LIMIT:
                too_large.append(entry.path)
                continue
            copy = make_directory(target / str(number)) / PurePosixPath(entry.path).name
            self._write(entry.blob, copy)
            taken.append(Taken(entry.path, copy))
        return taken, tuple(too_large)

    def _write(self, blob: str, copy: Path) -> None:
        with command.stream(["cat-file", "blob", blob], cwd=self._repository.path, given=b"") as source:
            try:
                with copy.open("xb") as handle:
                    while piece := source.read(_PIECE):
                        handle.write(piece)
            except OSError as error:
                raise storage_failed(copy, error) from error

    def _fetch(self, *arguments: str) -> command.Output:
        words = ["fetch", "--progress", "--no-tags", "--no-write-fetch-head", "--refmap=", *arguments]
        output = self._ask(*words, allowed=range(256))
        self._lacks_files = "filtering not recognized" not in output.error
        return output

    def _ask(self, *arguments: str, allowed: Sequence[int] = (0,)) -> command.Output:
        return command.run(
            arguments,
            cwd=self._repository.path,
            where=self._url,
            local=self._local,
            progress=self._progress,
            bounds=_BOUNDS,
            on_line=transfer_lines(self._progress),
            allowed=allowed,
        )


def _made(place: Path, url: str) -> Repository:
    make_directory(place)
    command.run(["init", "--quiet", "--bare", "--template="], cwd=place)
    command.run(["config", "remote.origin.url", url], cwd=place)
    # as git's own partial clones do: what was left out is not to be taken for something we have
    command.run(["config", "fetch.negotiationAlgorithm", "noop"], cwd=place)
    return Repository(place)


def _chosen(entries: Sequence[_Entry], wanted: Callable[[Sequence[str]], Sequence[str]]) -> list[_Entry]:
    names = set(wanted([entry.path for entry in entries]))
    chosen = [entry for entry in entries if entry.path in names and _has_plain_name(entry.path)]
    if len(chosen) > _TAKEN:
        raise BadInput(
            f"{len(chosen):,} files are of that day.", "Choose among them by a pattern (--file GLOB)."
        )
    return chosen


def _has_plain_name(path: str) -> bool:
    """Whether its last part can name a file here."""
    name = path.rpartition("/")[2]
    return name not in ("", ".", "..") and len(os.fsencode(name)) <= 255


def _records(source: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while piece := source.read(_PIECE):
        *whole, rest = (rest + piece).split(b"\0")
        yield from whole


def _replace(new: Path, target: Path) -> None:
    try:
        if target.exists():
            rmtree(target)
        new.replace(target)
    except OSError as error:
        raise storage_failed(target, error) from error
