"""Published and new versions of files, read as streams in bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from roforlmao.errors import GitFailed
from roforlmao.git.changes import Change
from roforlmao.git.command import stream
from roforlmao.git.repository import Repository

_PIECE = 1 << 20  # bytes of a line that are held at once; longer lines are compared in pieces


@dataclass(frozen=True)
class Contrast:
    """Lines before and after, and whether all old ones still stand there in order."""

    change: Change
    rows_before: int
    rows_after: int
    kept: bool


def contrasts(repository: Repository, modified: list[Change]) -> Iterator[Contrast]:
    """Compares both versions of each file; two git processes serve all of them."""
    if not modified:
        return
    old, new = (
        "".join(f"{blob}\n" for blob in blobs).encode()
        for blobs in ([c.blob_before for c in modified], [c.blob_after for c in modified])
    )
    with (
        stream(["cat-file", "--batch"], cwd=repository.path, given=old) as before,
        stream(["cat-file", "--batch"], cwd=repository.path, given=new) as after,
    ):
        for change in modified:
            repository.progress.checkpoint()
            yield _contrast(change, _Blob(before), _Blob(after))


def _contrast(change: Change, before: _Blob, after: _Blob) -> Contrast:
    old_lines, new_lines = before.lines(), after.lines()
    wanted = next(old_lines, None)
    for line in new_lines:
        if wanted is not None and line == wanted:
            wanted = next(old_lines, None)
    kept = wanted is None
    deque(old_lines, maxlen=0)  # read to its end: the next file follows in the same stream
    return Contrast(change, before.rows, after.rows, kept)


class _Blob:
    """One object in the output of ``git cat-file --batch``; counts its lines as they are read."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.rows = 0

    def lines(self) -> Iterator[bytes]:
        """Lines without their end; the last one counts with or without a newline."""
        remaining = self._size()
        whole = True
        while remaining:
            piece = self._source.readline(min(_PIECE, remaining))
            if not piece:
                raise GitFailed("git cat-file ended early.", "The repository may be damaged: git fsck.")
            remaining -= len(piece)
            self.rows += whole
            whole = piece.endswith(b"\n")
            yield piece.rstrip(b"\r\n")
        self._source.read(1)  # the newline after each object

    def _size(self) -> int:
        header = self._source.readline().split()
        if len(header) != 3:
            raise GitFailed("A published file is missing in the repository.", "Look with: git fsck")
        return int(header[2])
