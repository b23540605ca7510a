"""Finds what is to be compared, and fetches it where it is not on this machine as a file."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.actions.references import Announced, FileAt, Reference
from roforlmao.actions.retracting import warning_of
from roforlmao.actions.vouching import doubts
from roforlmao.errors import BadInput, NotFound, Remedy, Unreachable
from roforlmao.names import check_date
from roforlmao.progress import Progress
from roforlmao.text import one_line

if TYPE_CHECKING:
    from roforlmao.app import App
    from roforlmao.audit.fetching import Snapshot
    from roforlmao.git.versions import FileVersion
    from roforlmao.series.streams import Stream


class _Folder:
    """A private directory that vanishes with the last thing that knows it, or with the launcher."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="roforlmao-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


@dataclass(frozen=True)
class Located:
    """A file to read, and how to call it, in a verb too; ``folder`` keeps a fetched one there.

    ``warnings`` are what is known against it.
    """

    path: Path
    shown: str
    folder: _Folder | None = None
    warnings: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.shown


def locate(wanted: Reference | Located | Path, app: App, glob: str | None, progress: Progress) -> Located:
    """The file that is meant; ``glob`` decides where a day has several.

    Errors: BadInput (with a remedy, where it may be several), NotFound, Unreachable, GitFailed, Cancelled.
    """
    if isinstance(wanted, Located):
        return wanted
    if isinstance(wanted, Announced):
        return _announced(wanted, app, wanted.file or glob, progress)
    if isinstance(wanted, Path):
        wanted = FileAt(wanted)
    if not wanted.at:
        return Located(wanted.path, str(wanted.path))
    if wanted.path.is_dir() or "*" in str(wanted.path):
        return _of_day(wanted, glob)
    return _version(wanted, progress)


def stream_at(pattern: Path, glob: str | None = None) -> Stream:
    """The stream in a directory, or of a path with ``*`` for the date. Errors: BadInput, NotFound."""
    from roforlmao.series.streams import find_stream

    directory = pattern
    while "*" in str(directory):
        directory = directory.parent
    name = pattern.relative_to(directory).as_posix()
    return find_stream(directory, glob if name == "." else name)


def _of_day(wanted: FileAt, glob: str | None) -> Located:
    days = stream_at(wanted.path, glob).days
    day = dt.date.fromisoformat(check_date(wanted.at))
    if day not in days:
        raise _no_such_day(wanted, list(days))
    return Located(days[day], str(days[day]))


def _no_such_day(wanted: FileAt, days: Sequence[dt.date]) -> NotFound:
    day = dt.date.fromisoformat(check_date(wanted.at))
    nearest = sorted(sorted(days, key=lambda other: abs(other - day))[:4])
    named = ", ".join(map(str, nearest))
    return NotFound(
        f"{one_line(str(wanted.path))} has nothing of {day}.", f"The nearest days: {named or 'none'}."
    )


def _version(wanted: FileAt, progress: Progress) -> Located:
    """A version from git, copied to a private file; its name tells where it is from."""
    from roforlmao.compare.options import MAX_FILE
    from roforlmao.git.versions import file_at, file_versions, write_version

    try:
        day = dt.date.fromisoformat(check_date(wanted.at))
    except BadInput:
        repository, version = file_at(wanted.path, wanted.at, progress)
    else:
        repository, versions = file_versions(wanted.path, progress)
        version = _last_of(versions, day, wanted)
    name = f"{wanted.path.name}@{version.commit[:10]}"
    if version.size > MAX_FILE:
        raise BadInput(
            f"{one_line(name)} holds {version.size:,} bytes; at most {MAX_FILE:,} can be compared."
        )
    folder = _Folder()
    write_version(repository, version, folder.path / name)
    return Located(folder.path / name, f"{wanted.path}@{version.commit[:10]}", folder)


def _last_of(versions: Sequence[FileVersion], day: dt.date, wanted: FileAt) -> FileVersion:
    there = [version for version in versions if version.blob]
    for version in reversed(there):
        if version.day == day:
            return version
    raise _no_such_day(wanted, [version.day for version in there])


def _announced(wanted: Announced, app: App, glob: str | None, progress: Progress) -> Located:
    from roforlmao.audit.fetching import fetch
    from roforlmao.audit.selection import OfDay

    entry = app.catalog.announcement(wanted.hub, wanted.date, wanted.operator)
    folder = _Folder()
    progress.start(f"Fetching {wanted}")
    snapshot = fetch(
        entry,
        OfDay(wanted.date, glob or ""),
        folder.path / wanted.operator,
        progress,
        local=app.catalog.trusts_paths_of(wanted.operator, entry.url),
    )
    path = _only_file(snapshot, wanted)
    shown = f"{wanted.hub}/{wanted.date}/{wanted.operator}/{path.name}"
    return Located(path, shown, folder, (*warning_of(entry), *doubts(app, [entry])))


def _only_file(snapshot: Snapshot, wanted: Announced) -> Path:
    from roforlmao.anomaly.readings import undated

    if snapshot.absence:
        why = f"{wanted}: {'; '.join(snapshot.notes)}"
        hint = "`hub operators HUB DATE` shows what was announced."
        raise (
            Unreachable(why, "Try again later.") if snapshot.absence == "unreachable" else NotFound(why, hint)
        )
    found = list(snapshot.files.values())
    if len(found) == 1:
        return found[0]
    several = (f"{wanted} holds {len(found):,} tables of that day",)
    patterns = [undated(path.name) for path in found]
    ways = [Remedy("file", pattern, f"Compare {pattern}", several) for pattern in patterns]
    raise BadInput(
        f"{several[0]}.",
        "Say which by a pattern, such as 'contents-*.csv'.",
        remedy=replace(ways[0], instead=tuple(ways[1:])),
    )
