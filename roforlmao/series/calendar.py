"""Who has which day of a hub, and what is known against it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from roforlmao.models import Announcement, Audit
from roforlmao.series.rhythm import gaps

HoldingState = Literal["present", "empty", "anomaly", "disagreement", "retracted"]
_AGREEING = ("same", "empty")  # an empty snapshot is told as such


@dataclass(frozen=True)
class Holding:
    """What one operator has of a day; ``reasons`` say why the state is not *present*."""

    operator: str
    state: HoldingState
    rows: int | None = None
    verdict: str = ""
    commit: str = ""
    origin: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Day:
    """A day that somebody has; ``missing`` counts the days before it that nobody has, by the hub's rhythm."""

    date: str
    holdings: tuple[Holding, ...]
    missing: int = 0

    def of(self, operator: str) -> Holding | None:
        return next((one for one in self.holdings if one.operator == operator), None)


@dataclass(frozen=True)
class Calendar:
    """``days`` are newest first, ``operators`` sorted."""

    hub: str
    operators: tuple[str, ...]
    days: tuple[Day, ...]


def calendar(hub: str, announced: Sequence[Announcement], audits: Sequence[Audit]) -> Calendar:
    """``announced`` may be of one month only; where several things are known, the worst is its state."""
    against = _against(audits)
    days: defaultdict[str, list[Holding]] = defaultdict(list)
    for entry in announced:
        days[entry.date].append(_holding(entry, against.get((entry.date, entry.operator), ())))
    between = gaps([dt.date.fromisoformat(date) for date in sorted(days)])
    missing = {(gap.last + dt.timedelta(1)).isoformat(): gap.missing for gap in between}
    return Calendar(
        hub,
        tuple(sorted({entry.operator for entry in announced})),
        tuple(
            Day(date, tuple(sorted(days[date], key=lambda one: one.operator)), missing.get(date, 0))
            for date in sorted(days, reverse=True)
        ),
    )


Accusation = tuple[str, str]
"""The commit that an audit looked at, and what it found."""


def _against(audits: Sequence[Audit]) -> Mapping[tuple[str, str], Sequence[Accusation]]:
    """What audits found of which day and operator."""
    found: defaultdict[tuple[str, str], list[Accusation]] = defaultdict(list)
    for audit in audits:
        for one in audit.operators:
            if one.rows is not None and one.state not in _AGREEING:
                words = f"{one.state} by the audit of {audit.auditor}"
                found[audit.date, one.operator].append((one.commit, words))
    return found


def _holding(entry: Announcement, accusations: Sequence[Accusation]) -> Holding:
    # an audit of an earlier commit says nothing of what is announced now
    disagreements = [words for commit, words in accusations if not entry.commit or commit == entry.commit]
    state: HoldingState = "present"
    reasons = []
    if entry.verdict == "anomaly":
        state, reasons = "anomaly", ["judged an anomaly"]
    if disagreements:
        state, reasons = "disagreement", [*disagreements, *reasons]
    if entry.rows == 0:
        state, reasons = "empty", ["no rows", *reasons]
    if entry.is_retracted and entry.retracted:
        state, reasons = "retracted", [f"retracted: {entry.retracted.reason or 'no reason given'}", *reasons]
    return Holding(
        entry.operator, state, entry.rows, entry.verdict, entry.commit, entry.origin, tuple(reasons)
    )
