"""Containers that a launcher which died left behind, found by their labels."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from roforlmao.containers.faults import translating
from roforlmao.containers.plan import END_LABEL, RUN_LABEL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from roforlmao.containers.engine import Engine

STOP_S = 4
"""Seconds between SIGTERM and SIGKILL."""


@dataclass(frozen=True)
class Found:
    """A container of ours; ``state`` is the engine's, ``end`` when its time is up (seconds since 1970)."""

    id: str
    state: Mapping[str, Any]
    end: float

    @property
    def is_running(self) -> bool:
        return bool(self.state.get("Running"))

    @property
    def is_overdue(self) -> bool:
        return bool(self.end) and time.time() >= self.end

    @property
    def allowed_s(self) -> float:
        """Its time limit in whole seconds."""
        return round(self.end - instant(str(self.state["StartedAt"])).timestamp())

    @property
    def was_started(self) -> bool:
        return str(self.state.get("Status", "")) != "created"


def find(engine: Engine, run_id: str) -> Found | None:
    """The container of a run, or None. Errors: EngineFailed and its kin."""
    with translating("looking for the container"):
        found = engine.api.containers(all=True, quiet=True, filters={"label": f"{RUN_LABEL}={run_id}"})
        if not found:
            return None
        about = engine.api.inspect_container(found[0]["Id"])
    labels = (about.get("Config") or {}).get("Labels") or {}
    return Found(str(about["Id"]), about["State"], float(labels.get(END_LABEL) or 0))


def stop(engine: Engine, container: str) -> None:
    """SIGTERM, then SIGKILL. Errors: EngineFailed and its kin."""
    with translating("stopping the container"):
        engine.api.stop(container, timeout=STOP_S)


def remove(engine: Engine, container: str) -> None:
    """With what it holds beside the mounts; one that is gone is as good. Errors: EngineFailed."""
    from docker.errors import NotFound

    with translating("removing the container"):
        try:
            engine.api.remove_container(container, force=True, v=True)
        except NotFound:
            return


def instant(text: str) -> dt.datetime:
    """A time of the engine, such as ``2026-11-22T08:32:14.745297806Z``; now where it has none."""
    try:
        return dt.datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        return dt.datetime.now(dt.UTC).astimezone()
