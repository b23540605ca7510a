"""The images that we pulled ourselves, so that those and no others are removed again.

An entry is written before its pull, so that a kill leaves none behind unseen.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from roforlmao.errors import EngineFailed
from roforlmao.paths import Places, storage_failed, write_atomic
from roforlmao.tools import records

GRACE_S = 3600.0
"""Seconds that an image waits for the operator's yes before the next start removes it."""


@dataclass(frozen=True)
class Pulled:
    """``pinned`` as in ``containers.images``; ``tool`` is what it was pulled for."""

    pinned: str
    tool: str


def note(pinned: str, tool: str, places: Places) -> None:
    """Errors: StorageFailed."""
    write_atomic(_path(pinned, places), json.dumps(asdict(Pulled(pinned, tool))))


def drop_unused(
    places: Places, environ: Mapping[str, str], *, tool: str = "", older_than_s: float = 0
) -> list[str]:
    """Removes images of ours that no installed tool runs; those of one tool, or old ones of all.

    What cannot be removed now, because the engine is away or a container uses it, is left for the next
    time; what another tool runs becomes that one's. Returns what went. Errors: StorageFailed.
    """
    ours = [one for one, age in _entries(places) if tool in ("", one.tool) and age >= older_than_s]
    users = {one.pinned: one.name for one in records.installed(places)} if ours else {}
    unused = []
    for one in ours:
        if one.pinned not in users:
            unused.append(one.pinned)
        elif users[one.pinned] != one.tool:
            note(one.pinned, users[one.pinned], places)
    if not unused:
        return []
    with suppress(EngineFailed):
        return _remove(unused, places, environ)
    return []


def _remove(unused: list[str], places: Places, environ: Mapping[str, str]) -> list[str]:
    from roforlmao.containers.engine import connect
    from roforlmao.containers.images import remove_image

    gone = []
    with connect(environ) as engine:
        for pinned in unused:
            if remove_image(engine, pinned):
                _forget(pinned, places)
                gone.append(pinned)
    return gone


def _entries(places: Places) -> Iterator[tuple[Pulled, float]]:
    """With the age in seconds; what cannot be read is passed over, it only costs room."""
    for path in sorted((places.state / "images").glob("*.json")):
        with suppress(OSError, ValueError, TypeError):
            yield Pulled(**json.loads(path.read_text(encoding="utf-8"))), time.time() - path.stat().st_mtime


def _forget(pinned: str, places: Places) -> None:
    path = _path(pinned, places)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise storage_failed(path, error) from error


def _path(pinned: str, places: Places) -> Path:
    return places.state / "images" / f"{hashlib.sha256(pinned.encode()).hexdigest()[:32]}.json"
