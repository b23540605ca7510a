"""What arrived in a dataset, laid out for a tool: new files whole, and their added and changed rows."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from roforlmao.anomaly.readings import date_of, undated
from roforlmao.compare.engine import compare
from roforlmao.compare.options import Options
from roforlmao.compare.table import Table
from roforlmao.errors import BadInput, StorageFailed
from roforlmao.git.changes import LINK, SUBMODULE, Change, changes
from roforlmao.git.repository import Repository
from roforlmao.paths import make_directory, storage_failed
from roforlmao.progress import Progress

_TABLES = (".csv", ".tsv", ".txt")
_MOST = 500  # files; of more, the last by name are laid out
_OLD = ".before"


@dataclass(frozen=True)
class Arrived:
    """One file: below ``snapshot``; ``added`` and ``changed`` are rows, None where it is no table.

    ``compared_with`` is the file of the day before where the file is new, else the file itself.
    """

    path: str
    compared_with: str
    added: int | None
    changed: int | None


@dataclass(frozen=True)
class Arrival:
    """What came between two commits; ``left_out`` counts files over the limit."""

    files: tuple[Arrived, ...]
    left_out: int

    def as_json(self) -> dict[str, Any]:
        return {"files": [vars(one) for one in self.files], "left_out": self.left_out}


def lay_out(repository: Repository, before: str, after: str, target: Path, progress: Progress) -> Arrival:
    """Writes ``snapshot/``, ``added/`` and ``changed/`` below ``target``; '' is the first commit's past.

    The rows stand as in the new file, with its header. Errors: GitFailed, StorageFailed, Cancelled.
    """
    came = [one for one in changes(repository, before, after) if _is_wanted(one)]
    every = _blobs(repository, after)
    laid = []
    for one in came[-_MOST:]:
        progress.checkpoint()
        _extract(repository, one.blob_after, _place(target / "snapshot", one.path))
        laid.append(_compared(repository, one, every, target, progress))
    _place(target, _OLD).unlink(missing_ok=True)
    return Arrival(tuple(laid), max(0, len(came) - _MOST))


def freeze(directory: Path) -> None:
    """Takes away the permission to write below it. Errors: StorageFailed."""
    for path in _below(directory):
        _permit(path, 0o555 if path.is_dir() else 0o444)


def thaw(directory: Path) -> None:
    """Lets its owner delete it again. Errors: StorageFailed."""
    for path in _below(directory):
        if path.is_dir():
            _permit(path, 0o755)


def _is_wanted(change: Change) -> bool:
    """Regular files with harmless names: a foreign tree may hold links, and paths that lead elsewhere."""
    parts = PurePosixPath(change.path).parts
    plain = not change.deleted and change.mode_after not in (LINK, SUBMODULE)
    return plain and not change.path.startswith("/") and not {"..", ".git", ""} & set(parts)


def _compared(
    repository: Repository, one: Change, every: dict[str, str], target: Path, progress: Progress
) -> Arrived:
    name = one.path if not one.added else _day_before(one.path, every)
    blob = one.blob_before if not one.added else every.get(name, "")
    if not one.path.lower().endswith(_TABLES):
        return Arrived(one.path, name, None, None)
    old = _place(target, _OLD)
    _extract(repository, blob, old)
    try:
        found = compare(old, target / "snapshot" / one.path, Options(), progress)
    except BadInput:  # no table after all, or one too large to compare: the snapshot is there
        return Arrived(one.path, name, None, None)
    pairing = found.pairing
    changed = [place for _, place in pairing.changed]
    for kind, rows in (("added", pairing.added), ("changed", changed)):
        if rows:
            _write(_place(target / kind, one.path), _as_csv(found.new, rows).encode())
    return Arrived(one.path, name, len(pairing.added), len(changed))


def _as_csv(table: Table, places: Sequence[int]) -> str:
    """Rows as they stand in the table, with its header and delimiter."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=table.delimiter, lineterminator="\n")
    writer.writerows(([table.head] if table.head else []) + [table.rows[place] for place in places])
    return out.getvalue()


def _day_before(path: str, every: dict[str, str]) -> str:
    """The newest older file whose name differs by the date only; empty where there is none."""
    day, family = date_of(path), undated(path)
    if day is None:
        return ""
    older = [
        (found, name)
        for name in every
        if undated(name) == family and (found := date_of(name)) is not None and found < day
    ]
    return max(older)[1] if older else ""


def _blobs(repository: Repository, commit: str) -> dict[str, str]:
    """The blob of each file of a commit."""
    listed = repository.git("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")
    pairs = (os.fsdecode(line).partition("\t")[::2] for line in listed if line)
    return {path: words.split()[2] for words, path in pairs}


def _extract(repository: Repository, blob: str, target: Path) -> None:
    """'' is an empty file."""
    _write(target, repository.git("cat-file", "blob", blob) if blob else b"")


def _place(directory: Path, name: str) -> Path:
    place = directory / name
    make_directory(place.parent)
    return place


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise storage_failed(path, error) from error


def _below(directory: Path) -> Iterator[Path]:
    """The directory and all in it, links left out."""
    for top, names, files in os.walk(directory):
        yield Path(top)
        here: Sequence[str] = [*names, *files]
        yield from (Path(top) / name for name in here if not (Path(top) / name).is_symlink())


def _permit(path: Path, mode: int) -> None:
    try:
        path.chmod(mode)
    except OSError as error:
        raise StorageFailed(f"Cannot change who may write {path}: {error.strerror}.") from error
