"""The tables below the work and import directories, local datasets among them."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from roforlmao.actions.base import Choice
from roforlmao.errors import NotFound

if TYPE_CHECKING:
    from roforlmao.app import App

_MOST = 2000  # files that a menu offers
_ENDINGS = (".csv", ".tsv")


class LocalTable(NamedTuple):
    """``changed`` in seconds since 1970, ``size`` in bytes; ``shown`` is the path as a menu gives it."""

    changed: float
    size: int
    path: Path
    shown: str

    @property
    def note(self) -> str:
        changed = dt.datetime.fromtimestamp(self.changed).astimezone()
        return f"{changed:%Y-%m-%d %H:%M}, {self.size:,} bytes"

    @property
    def in_clone(self) -> bool:
        """Whether it lies in a git repository."""
        return any((directory / ".git").exists() for directory in self.path.parents)


def tables(app: App) -> list[LocalTable]:
    """The newest ``_MOST`` of them, newest first."""
    found = []
    for top in (app.places.work, app.places.imports):
        for path in _below(top):
            try:
                about = path.stat()
            except OSError:  # gone since the directory was read
                continue
            found.append(LocalTable(about.st_mtime, about.st_size, path, str(path.relative_to(top.parent))))
    return sorted(found, reverse=True)[:_MOST]


def at_least_one(app: App, offered: list[Choice], what: str) -> list[Choice]:
    """What was found there. Errors: NotFound, where that is nothing."""
    if offered:
        return offered
    raise NotFound(
        f"There is {what} below {app.places.work} and {app.places.imports}.",
        "Retrieve a peer's data or clone a dataset first; the verbs take any path.",
    )


def _below(top: Path) -> Iterator[Path]:
    for directory, below, names in os.walk(top):
        below[:] = [name for name in below if not name.startswith(".")]
        for name in names:
            if name.lower().endswith(_ENDINGS):
                yield Path(directory, name)
