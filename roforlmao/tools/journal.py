"""What is being done to a tool, so that the next start can clear up after a kill."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from roforlmao.errors import StorageFailed
from roforlmao.paths import Places, storage_failed, write_atomic


@dataclass(frozen=True)
class Work:
    """``before`` is the commit that an update began with; ``new_data`` that the data clone is new."""

    name: str
    action: Literal["install", "update", "uninstall"]
    before: str = ""
    new_data: bool = False


def begin(work: Work, places: Places) -> None:
    """Errors: StorageFailed."""
    write_atomic(_path(places, work.name), json.dumps(asdict(work)))


def finish(name: str, places: Places) -> None:
    """Errors: StorageFailed."""
    path = _path(places, name)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise storage_failed(path, error) from error


def unfinished(places: Places) -> list[Work]:
    """All that was begun and not finished, also by launchers that are still at it."""
    found = []
    for path in sorted((places.state / "changing").glob("*.json")):
        try:
            found.append(Work(**json.loads(path.read_text(encoding="utf-8"))))
        except FileNotFoundError:
            continue  # just finished by its launcher
        except (ValueError, TypeError) as error:
            raise StorageFailed(f"{path} is damaged.", "Remove it, then install that tool again.") from error
    return found


def _path(places: Places, name: str) -> Path:
    return places.state / "changing" / f"{name}.json"
