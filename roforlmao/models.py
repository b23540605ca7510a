"""The things that move between the rooms; frozen, and written as JSON by ``as_json``."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Kind = Literal["script", "container"]
RunState = Literal["running", "succeeded", "failed", "cancelled", "timed-out", "lost"]
SyncState = Literal["pushed", "committed", "skipped", "refused", "failed"]
VerdictState = Literal["normal", "anomaly", "insufficient-data", "no-metric"]


@dataclass(frozen=True)
class Tool:
    """A collector in the registry; ``extra`` holds fields of other launchers, kept on rewrite."""

    name: str
    author: str = ""
    image: str = ""
    data_repo: str = ""
    code_repo: str = ""
    artefact: str = ""
    description: str = ""
    kind: Kind = "script"
    registered_by: str = ""
    registered_at: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Dataset:
    """A git repository of snapshots in the registry."""

    name: str
    url: str
    description: str = ""
    registered_by: str = ""
    registered_at: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Announcement:
    """Who has data of a hub and day, where, and at which commit."""

    hub: str
    date: str
    operator: str
    url: str
    commit: str = ""
    rows: int | None = None
    verdict: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Clone:
    """A local clone after ``dataset clone`` or ``hub retrieve``."""

    name: str
    path: Path
    commit: str
    action: Literal["cloned", "pulled"]


@dataclass(frozen=True)
class Verdict:
    """What a detector says of the newest control value; numbers are None where unknown."""

    state: VerdictState
    method: str
    value: float | None = None
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    difference: float | None = None
    gain_percent: float | None = None
    snapshots: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Sync:
    """How the sync of a run ended; ``key`` is the registry key of the announcement."""

    state: SyncState
    commit: str = ""
    key: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Run:
    """One execution of a tool."""

    id: str
    tool: str
    kind: Kind
    command: str
    args: tuple[str, ...]
    started: str
    state: RunState
    finished: str = ""
    duration_s: float | None = None
    exit_code: int | None = None
    image: str = ""
    digest: str = ""
    commit: str = ""
    data_path: str = ""
    log: str = ""
    rows: int | None = None
    verdict: Verdict | None = None
    sync: Sync | None = None
    report: str = ""


def as_json(value: Any) -> Any:
    """Plain JSON types; a model's ``extra`` fields are laid beside its own."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        own = {f.name: as_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
        extra = own.pop("extra", {})
        return {**extra, **own}
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_json(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return value
