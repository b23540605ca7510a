"""The things that move between the rooms; frozen, and written as JSON by ``as_json``."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Kind = Literal["script", "container"]
RunState = Literal["running", "succeeded", "failed", "cancelled", "timed-out", "lost"]
EndState = Literal["succeeded", "failed", "cancelled", "timed-out"]
SyncState = Literal["pushed", "committed", "skipped", "refused", "failed"]
VerdictState = Literal["normal", "anomaly", "insufficient-data", "no-metric"]
MarkKind = Literal["real", "known-change", "bad-run"]
StandingState = Literal[
    "same", "subset", "superset", "drifted", "empty", "odd", "old", "rewritten", "unreachable", "unreadable"
]


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
class Retraction:
    """An operator's word that what they published is wrong; ``at`` is ISO 8601 with offset."""

    reason: str
    at: str = ""
    commit: str = ""


@dataclass(frozen=True)
class Announcement:
    """Who has data of a hub and day, where, and at which commit.

    ``origin`` is the operator from whom a day was taken that this one had missed.
    """

    hub: str
    date: str
    operator: str
    url: str
    commit: str = ""
    rows: int | None = None
    verdict: str = ""
    retracted: Retraction | None = None
    origin: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_retracted(self) -> bool:
        """Whether a retraction is in force: it goes with the commit, not with the day."""
        return self.retracted is not None and self.retracted.commit in ("", self.commit)


@dataclass(frozen=True)
class Standing:
    """How one operator's snapshot stands beside the others' (``audit/``).

    ``score`` counts rows and cells that nobody else has, so 0 is best; ``missing`` and ``extra`` are
    rows, ``differing`` cells, against the reference; ``columns`` those cells by column. ``rows`` and
    ``score`` are None where the snapshot could not be read.
    """

    operator: str
    state: StandingState
    rows: int | None = None
    score: int | None = None
    missing: int = 0
    extra: int = 0
    differing: int = 0
    columns: Mapping[str, int] = field(default_factory=dict)
    commit: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Audit:
    """The snapshots of one hub and day against each other; ``reference`` is who they are held against."""

    hub: str
    date: str
    operators: tuple[Standing, ...]
    winner: tuple[str, ...]
    decided: bool
    reason: str
    reference: str = ""
    auditor: str = ""
    at: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Vote:
    """Whose snapshot shall count for a day, in one voter's opinion."""

    voter: str
    operator: str
    at: str = ""


@dataclass(frozen=True)
class Ballot:
    """The votes for one hub and day, one a voter."""

    hub: str
    date: str
    votes: tuple[Vote, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tally(self) -> Mapping[str, int]:
        """Votes by operator, most first."""
        counted = Counter(vote.operator for vote in self.votes)
        return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))

    @property
    def elected(self) -> str:
        """The operator with more votes than any other; empty without votes and at a draw."""
        ranked = [*self.tally.items(), ("", 0)]
        return ranked[0][0] if ranked[0][1] > (ranked[1][1] if len(ranked) > 1 else 0) else ""


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
class Mark:
    """An operator's word on a run: ``real``, a ``known-change`` (a new level), or a ``bad-run``.

    ``values`` are those that it is about, by metric; ``at`` is ISO 8601 with offset.
    """

    kind: MarkKind
    note: str = ""
    at: str = ""
    values: Mapping[str, float | None] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """What the run is marked as, for people."""
        return self.kind.replace("-", " ")


@dataclass(frozen=True)
class Notes:
    """One operator's marks on the runs of a series, by the runs' names; ``hub`` may be empty."""

    series: str
    operator: str
    hub: str = ""
    marks: Mapping[str, Mark] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sync:
    """How the sync of a run ended; ``key`` is the registry key of the announcement.

    There is none yet where that ``waits`` for the registry.
    """

    state: SyncState
    commit: str = ""
    key: str = ""
    reason: str = ""
    waits: bool = False


@dataclass(frozen=True)
class Run:
    """One execution of a tool; ``judged`` names the control file, or the day, that its verdict is on.

    ``experiment`` is ``name@revision`` of what it repeats.
    """

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
    triggered_by: tuple[str, ...] = ()
    judged: str = ""
    experiment: str = ""


@dataclass(frozen=True)
class Execution:
    """How a tool's program ended; ``tail`` is the end of its output, at most 16 KB, as it wrote it.

    ``exit_code`` is 128 + n after signal n, as shells count; ``reason`` is empty after success.
    """

    state: EndState
    exit_code: int
    started: dt.datetime
    finished: dt.datetime
    tail: str
    reason: str = ""


def as_json(value: Any) -> Any:
    """Plain JSON types; a model's ``extra`` fields are laid beside its own."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        own = {f.name: as_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
        extra = own.pop("extra", {})  # a standing's is a number of rows
        return {**extra, **own} if isinstance(extra, dict) else {**own, "extra": extra}
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_json(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return value
