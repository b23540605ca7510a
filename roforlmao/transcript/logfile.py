"""The log file of one run: in parts of a bounded size, the oldest of which goes at last.

``RUN.log`` is the part being written, ``RUN.log.1`` the one before it, ``RUN.log.2`` the one before
that: as logrotate(8) names them.
"""

from __future__ import annotations

import os
from pathlib import Path

from roforlmao.errors import StorageFailed
from roforlmao.paths import make_directory, storage_failed

PART_BYTES = 256_000_000
OLDER_PARTS = 7


class LogFile:
    """Appends to ``path``. Errors at the start: StorageFailed; later ones are kept in ``failure``."""

    def __init__(self, path: Path, part_bytes: int = PART_BYTES) -> None:
        self.failure: StorageFailed | None = None
        self._path = path
        self._part_bytes = part_bytes
        make_directory(path.parent)
        try:
            self._open()
        except OSError as error:
            raise storage_failed(path, error) from error

    def write(self, chunk: bytes) -> None:
        """Takes it all, or nothing more once something has failed."""
        if self.failure:
            return
        try:
            if self._size >= self._part_bytes:
                self._rotate()
            self._size += len(chunk)
            view = memoryview(chunk)
            while view:
                view = view[os.write(self._file, view) :]
        except OSError as error:
            self.failure = storage_failed(self._path, error)

    def close(self) -> None:
        os.close(self._file)

    def _open(self) -> None:
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._size = os.fstat(self._file).st_size

    def _rotate(self) -> None:
        for number in range(OLDER_PARTS - 1, 0, -1):
            if part(self._path, number).exists():
                part(self._path, number).replace(part(self._path, number + 1))
        self._path.replace(part(self._path, 1))
        before = self._file
        self._open()
        os.close(before)


def part(path: Path, number: int) -> Path:
    """The part that many rotations old; the log itself is number 0."""
    return path.with_name(f"{path.name}.{number}") if number else path


def parts(path: Path) -> list[Path]:
    """All parts that are there, oldest first."""
    found = (part(path, number) for number in range(OLDER_PARTS, -1, -1))
    return [one for one in found if one.exists()]
