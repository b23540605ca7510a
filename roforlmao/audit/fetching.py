"""Every operator's snapshot of a day, as announced, from their repositories to this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from typing import Literal

from roforlmao.audit.selection import OfDay, stream_of
from roforlmao.errors import Cancelled, NotFound, RoforlmaoError
from roforlmao.git.glimpse import Glimpse, glimpse
from roforlmao.models import Announcement
from roforlmao.progress import Progress, Quiet
from roforlmao.text import counted, one_line

_AT_ONCE = 4  # repositories that are asked at the same time
_MANY = 20_000  # files in one commit that are worth a word

Absence = Literal["old", "rewritten", "unreachable"]


@dataclass(frozen=True)
class Snapshot:
    """What an operator has of the day: files by stream, or why there are none."""

    operator: str
    commit: str
    files: Mapping[str, Path] = field(default_factory=dict)
    absence: Absence | None = None
    notes: tuple[str, ...] = ()
    origin: str = ""
    retracted: bool = False


def fetch_all(
    announced: Sequence[Announcement],
    of_day: OfDay,
    place: Path,
    local: Mapping[str, bool],
    progress: Progress,
) -> list[Snapshot]:
    """One snapshot an operator, in their order; what cannot be had is said in it, not raised.

    ``local`` tells whose entries may name paths on this machine. Errors: Cancelled.
    """
    progress.start("Fetching", len(announced), "snapshots")

    def one(entry: Announcement) -> Snapshot:
        progress.part(entry.operator, 0)
        try:
            return fetch(entry, of_day, place / entry.operator, Quiet(progress), local=local[entry.operator])
        finally:
            progress.part(entry.operator, 0, ended=True)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = []
        for snapshot in pool.map(one, announced):
            found.append(snapshot)
            progress.update(len(found))
        return found


def fetch(entry: Announcement, of_day: OfDay, place: Path, progress: Progress, *, local: bool) -> Snapshot:
    """That operator's snapshot. Errors: Cancelled."""
    selected = _Selected(of_day)
    try:
        found = glimpse(entry.url, entry.commit, selected, place, progress, local=local)
    except Cancelled:
        raise
    except NotFound as error:
        return _absent(entry, "old" if selected.looked else "rewritten", error)
    except RoforlmaoError as error:
        return _absent(entry, "unreachable", error)
    return Snapshot(
        entry.operator,
        found.commit,
        _streams(found),
        None,
        tuple(_notes(entry, found)),
        entry.origin,
        entry.is_retracted,
    )


class _Selected:
    """The choice of files; remembers whether the commit was there to be looked into."""

    def __init__(self, of_day: OfDay) -> None:
        self._of_day = of_day
        self.looked = False

    def __call__(self, paths: Sequence[str]) -> Sequence[str]:
        self.looked = True
        return self._of_day.choose(paths)


def _absent(entry: Announcement, absence: Absence, error: RoforlmaoError) -> Snapshot:
    return Snapshot(entry.operator, entry.commit, {}, absence, (one_line(error.message, 300),), entry.origin)


def _streams(found: Glimpse) -> dict[str, Path]:
    """Files by stream; of several in one stream the one nearest to the top."""
    nearest = sorted(found.taken, key=lambda taken: (taken.path.count("/"), taken.path), reverse=True)
    return {stream_of(taken.path): taken.copy for taken in nearest}


def retraction(entry: Announcement) -> str:
    """What its operator says of it, in words; empty where it stands."""
    if not entry.is_retracted or entry.retracted is None:
        return ""
    return f"retracted: {one_line(entry.retracted.reason, 200) or 'no reason given'}"


def _notes(entry: Announcement, found: Glimpse) -> list[str]:
    notes = [retraction(entry)] if entry.is_retracted else []
    if entry.origin:
        notes.append(f"taken from {entry.origin}")
    if not entry.commit:
        notes.append("announced without a commit: looked at as it stands now")
    if found.files > _MANY:
        notes.append(f"the repository holds {counted(found.files, 'file')}")
    notes += [f"{one_line(path, 100)} is too large to be fetched" for path in found.too_large]
    return notes


def prune(place: Path, days: int = 5) -> None:
    """Keeps the copies of the days that were looked at last; ``place`` is a hub's."""
    if place.is_dir():
        by_age = sorted(place.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in by_age[days:]:
            rmtree(old, ignore_errors=True)
