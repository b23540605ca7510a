"""An engine that went away in mid-run: waits for it, and finds the container again by its label."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from roforlmao.containers.leftovers import Found, find
from roforlmao.errors import EngineFailed, EngineLost
from roforlmao.progress import Progress

if TYPE_CHECKING:
    from roforlmao.containers.engine import Engine

_BACK_S = 120.0
_EVERY = 0.5  # seconds between two attempts


def reconnect(connect: Callable[[], Engine], run_id: str, progress: Progress) -> tuple[Engine, Found]:
    """A connection that stands, and the container.

    Errors: EngineLost where the engine stays away for two minutes or until the operator has had enough,
    or is back without the container.
    """
    deadline = time.monotonic() + _BACK_S
    while True:
        try:
            engine, found = _once(connect, run_id)
        except EngineFailed as error:
            if time.monotonic() > deadline or progress.wait(_EVERY):
                raise EngineLost(f"The engine went away in mid-run: {error.message}") from error
            continue
        if found is None:
            engine.close()
            raise EngineLost("The engine went away in mid-run and came back without the container.")
        return engine, found


def _once(connect: Callable[[], Engine], run_id: str) -> tuple[Engine, Found | None]:
    engine = connect()
    try:
        return engine, find(engine, run_id)
    except BaseException:
        engine.close()
        raise
