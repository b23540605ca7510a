"""Which files of a directory are one stream: their names differ by the date only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from roforlmao.anomaly.readings import date_of
from roforlmao.anomaly.snapshots import families, files_below
from roforlmao.errors import BadInput, NotFound
from roforlmao.text import counted, one_line

_TABLES = (".csv", ".tsv", ".txt")
_NAMED = 8  # streams named in an error


@dataclass(frozen=True)
class Stream:
    """``name`` is the path below the directory with ``*`` for the date; ``days`` are oldest first."""

    name: str
    days: Mapping[dt.date, Path]


def streams(directory: Path) -> list[Stream]:
    """Every stream of tables below a directory, that of most days first."""
    found = [
        Stream(name, dict(sorted(days.items())))
        for name, days in families(directory).items()
        if name.lower().endswith(_TABLES)
    ]
    return sorted(found, key=lambda stream: (-len(stream.days), stream.name))


def undated_tables(directory: Path) -> list[str]:
    """Tables whose names tell no day, below a directory; such a file may have a history of commits."""
    names = (path.relative_to(directory).as_posix() for path in files_below(directory))
    return sorted(name for name in names if name.lower().endswith(_TABLES) and not date_of(name))


def find_stream(directory: Path, glob: str | None = None) -> Stream:
    """The only stream, or the one that ``glob`` names: its pattern, or its files' names.

    Errors: NotFound (none), BadInput (several; they are named).
    """
    every = streams(directory)
    fitting = [stream for stream in every if glob is None or _fits(stream, directory, glob)]
    exact = [stream for stream in fitting if glob == stream.name]
    if len(fitting) > 1 and not exact:
        raise BadInput(
            f"{one_line(str(directory))} holds {counted(len(fitting), 'stream')} that this may mean.",
            f"Name one, in quotes: {_listed(fitting)}.",
        )
    if not fitting:
        what = f"no dated tables like '{one_line(glob, 60)}'" if glob else "no dated tables"
        there = f"There are: {_listed(every)}." if every else "Such as contents-2026-01-31.csv."
        raise NotFound(f"There are {what} in {one_line(str(directory))}.", there)
    return (exact or fitting)[0]


def _fits(stream: Stream, directory: Path, glob: str) -> bool:
    if glob == stream.name:
        return True
    return any(
        fnmatchcase(path.name, glob) or fnmatchcase(path.relative_to(directory).as_posix(), glob)
        for path in stream.days.values()
    )


def _listed(found: Sequence[Stream]) -> str:
    more = f" and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
    return ", ".join(f"'{one_line(stream.name, 80)}'" for stream in found[:_NAMED]) + more
