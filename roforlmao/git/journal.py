"""What a work tree is being moved from and to, so that a killed launcher's next start finishes it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from roforlmao.paths import write_atomic

_NAME = "journal.json"


@dataclass(frozen=True)
class Move:
    """The work tree, index and branch go from one commit to another ('' is no commit yet)."""

    branch: str
    source: str
    target: str


def write(place: Path, move: Move) -> None:
    """Notes the move durably before it begins. Errors: StorageFailed."""
    write_atomic(place / _NAME, json.dumps(asdict(move)))


def read(place: Path) -> Move | None:
    """The move that was begun and not finished; None where there is none, or it is unreadable."""
    try:
        fields = json.loads((place / _NAME).read_text("utf-8"))
        return Move(**fields)
    except (FileNotFoundError, ValueError, TypeError):
        return None


def clear(place: Path) -> None:
    """The move is finished."""
    (place / _NAME).unlink(missing_ok=True)
