"""The streams of dated tables below the work and import directories."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from roforlmao.app import App
    from roforlmao.series.streams import Stream


class LocalStream(NamedTuple):
    """A stream below ``top``, and its newest day."""

    newest: dt.date
    top: Path
    stream: Stream

    @property
    def pattern(self) -> Path:
        """The path of its files, with ``*`` for the date."""
        return Path(self.top, self.stream.name)

    @property
    def directory(self) -> Path:
        """The innermost one that holds all its days."""
        parts = Path(self.stream.name).parts[:-1]
        dated = next((place for place, part in enumerate(parts) if "*" in part), len(parts))
        return Path(self.top, *parts[:dated])


def local_streams(app: App) -> list[LocalStream]:
    """Those of two days or more, the most recent first."""
    from roforlmao.series.streams import streams

    found = [
        LocalStream(max(stream.days), top, stream)
        for top in (app.places.work, app.places.imports)
        if top.is_dir()
        for stream in streams(top)
        if len(stream.days) > 1
    ]
    return sorted(found, key=lambda one: (one.newest, one.stream.name), reverse=True)
