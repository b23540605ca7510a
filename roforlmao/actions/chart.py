"""What a report would have drawn: numbers and words only, without a word on how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One value for each label, None where there is none; ``bars`` stand each for itself, on zero."""

    name: str
    values: Sequence[float | None]
    bars: bool = False


@dataclass(frozen=True)
class Band:
    """What is usual: from ``low`` to ``high`` at each label, None where that is not known."""

    name: str
    low: Sequence[float | None]
    high: Sequence[float | None]


@dataclass(frozen=True)
class Mark:
    """A point to look at: its place among the labels, its value, and a word that says why."""

    place: int
    value: float | None
    word: str


@dataclass(frozen=True)
class Chart:
    """``labels`` stand along the x axis; ``at`` says where (ordinals of days), else evenly spread.

    A line is not drawn over a distance that is far more than the usual one.
    """

    title: str
    labels: Sequence[str]
    lines: Sequence[Line]
    band: Band | None = None
    marks: Sequence[Mark] = ()
    at: Sequence[float] = ()
