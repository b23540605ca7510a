"""Where the versions of a stream come from: dated files, or the commits of one file."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from roforlmao.errors import BadInput
from roforlmao.progress import Progress
from roforlmao.series.streams import Stream

if TYPE_CHECKING:
    from roforlmao.git.repository import Repository
    from roforlmao.git.versions import FileVersion
    from roforlmao.series.ledger import Ledger


@dataclass(frozen=True)
class Snapshot:
    """One version: its day, and the file below the directory or the commit that holds it."""

    day: dt.date
    source: str
    deleted: bool = False


class Source(Protocol):
    """Versions in their order; ``identity`` tells contents apart, ``opened`` gives one as a file.

    ``directory`` is where the versions are files, each at its snapshot's ``source``.
    """

    name: str
    directory: Path | None

    @property
    def snapshots(self) -> Sequence[Snapshot]: ...

    def identity(self, place: int, ledger: Ledger, progress: Progress) -> str:
        """Errors: BadInput."""

    @contextmanager
    def opened(self, place: int) -> Iterator[Path]: ...


class DatedFiles:
    """The files of a stream below a directory, one a day."""

    def __init__(self, directory: Path, stream: Stream) -> None:
        self.name = stream.name
        self.directory: Path | None = directory
        self._paths = list(stream.days.values())
        self.snapshots: Sequence[Snapshot] = [
            Snapshot(day, path.relative_to(directory).as_posix()) for day, path in stream.days.items()
        ]

    def identity(self, place: int, ledger: Ledger, progress: Progress) -> str:
        return ledger.digest(self._paths[place], progress)

    @contextmanager
    def opened(self, place: int) -> Iterator[Path]:
        yield self._paths[place]


class CommittedFile:
    """The versions of one file in the history of its clone."""

    def __init__(self, path: Path, progress: Progress) -> None:
        """Errors: BadInput, NotFound, GitFailed."""
        from roforlmao.git.versions import file_versions

        self.name = path.name
        self.directory: Path | None = None
        self._repository: Repository
        self._versions: list[FileVersion]
        self._repository, self._versions = file_versions(path, progress)

    @cached_property
    def snapshots(self) -> Sequence[Snapshot]:
        return [Snapshot(one.day, one.commit, deleted=not one.blob) for one in self._versions]

    def identity(self, place: int, _ledger: Ledger, _progress: Progress) -> str:
        return self._versions[place].blob

    @contextmanager
    def opened(self, place: int) -> Iterator[Path]:
        from roforlmao.compare.options import MAX_FILE
        from roforlmao.git.versions import write_version

        version = self._versions[place]
        if version.size > MAX_FILE:
            raise BadInput(
                f"{self.name} held {version.size:,} bytes then; at most {MAX_FILE:,} are compared."
            )
        with tempfile.TemporaryDirectory(prefix="roforlmao-") as directory:
            target = Path(directory, f"{version.commit[:12]}.csv")
            write_version(self._repository, version, target)
            yield target
