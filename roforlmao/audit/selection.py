"""Which files of a commit are the snapshot of a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from roforlmao.anomaly.readings import date_of, undated
from roforlmao.errors import NotFound

_TABLES = (".csv", ".tsv", ".txt")


@dataclass(frozen=True)
class OfDay:
    """The tables whose name tells the day, or that fit a pattern; ``everything`` takes other files too."""

    date: str
    pattern: str = ""
    everything: bool = False

    def choose(self, paths: Sequence[str]) -> list[str]:
        """Errors: NotFound, which says what there is instead."""
        day = dt.date.fromisoformat(self.date)
        visible = [path for path in paths if not path.rpartition("/")[2].startswith(".")]
        found = [path for path in visible if self._fits(path) and date_of(path) == day]
        undated_ones = [path for path in visible if self._fits(path) and date_of(path) is None]
        # a snapshot that is written anew each day has no date; a pattern may name it
        found = found or (undated_ones if self.pattern else [])
        if found:
            return found
        raise NotFound(f"There is no snapshot of {self.date}; {self._instead(visible, day)}.")

    def _fits(self, path: str) -> bool:
        name = PurePosixPath(path).name
        if self.pattern:
            return fnmatchcase(name, self.pattern) or fnmatchcase(path, self.pattern)
        if self.everything:
            return True
        return name.lower().endswith(_TABLES) and not name.startswith("control-")

    def _instead(self, paths: Sequence[str], day: dt.date) -> str:
        days = sorted({found for path in paths if self._fits(path) and (found := date_of(path))})
        if not days:
            return "no file of it is named by a day"
        earlier = [found for found in days if found < day]
        return f"its newest one before is of {earlier[-1]}" if earlier else f"its first one is of {days[0]}"


def stream_of(path: str) -> str:
    """What the names of a tool's files have in common from day to day, wherever they lie."""
    return undated(PurePosixPath(path).name).casefold()
