"""What can be compared: a file, a day of a stream, a version of a file, an operator's snapshot of a day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from roforlmao.actions import parse
from roforlmao.errors import BadInput
from roforlmao.names import check_date, check_name
from roforlmao.text import one_line

_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_ANNOUNCED = re.compile(rf"({_NAME})/(\d{{4}}-\d{{1,2}}-\d{{1,2}})/({_NAME})(?:/(.+))?", re.DOTALL)
_REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/~^{}-]*")


@dataclass(frozen=True)
class FileAt:
    """A file as it stands or, ``at`` a commit, as it stood; ``at`` a day, the one of a stream.

    Without ``at`` it is the path itself. A stream is a directory, or a path with ``*`` for the date.
    """

    path: Path
    at: str = ""

    def __str__(self) -> str:
        return f"{self.path}@{self.at}" if self.at else str(self.path)


@dataclass(frozen=True)
class Announced:
    """What an operator announced for a hub's day; ``file`` is a pattern where that is several files."""

    hub: str
    date: str
    operator: str
    file: str = ""

    def __str__(self) -> str:
        return "/".join(filter(None, (self.hub, self.date, self.operator, self.file)))


Reference = FileAt | Announced


def reference(text: str) -> Reference:
    """What is there under that name is a file; else it may be one of the other forms. Errors: BadInput."""
    path = parse.path(text)
    if path.exists():
        return FileAt(path)
    if announced := _ANNOUNCED.fullmatch(text):
        hub, date, operator, file = announced.groups(default="")
        return Announced(
            check_name(hub, "hub name"), check_date(date), check_name(operator, "operator name"), file
        )
    place, sign, at = text.rpartition("@")
    if not sign or not place:
        return FileAt(path)
    if not _REVISION.fullmatch(at):
        raise BadInput(
            f"'{one_line(at, 40)}' is neither a day nor a commit.", "Such as FILE@HEAD~1 or DIR@2019-11-03."
        )
    return FileAt(parse.path(place), at)
