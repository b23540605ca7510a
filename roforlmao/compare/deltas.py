"""By how much numbers changed: of one cell, and over all changed cells of a column."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from roforlmao.compare.cells import Cell
from roforlmao.compare.numbers import EXACT, number_of
from roforlmao.compare.result import ChangedRow
from roforlmao.progress import Progress

EDGES = (-50.0, -20.0, -5.0, -1.0, 0.0, 1.0, 5.0, 20.0, 50.0)
"""Percent; changes between two edges are counted together, as are those beyond the outer ones."""

MOST_CELLS = 200_000  # that a profile is made of
_BATCH = 1_000  # rows between two looks at the progress
_PLAIN = 15  # digits before the point that are written out


@dataclass(frozen=True)
class Delta:
    """``percent`` is of the old value; None where that is 0."""

    difference: Decimal
    percent: float | None

    def __str__(self) -> str:
        """Such as ``+12 (+8.3 %)``."""
        relative = "" if self.percent is None else f" ({percent_text(self.percent)})"
        return _signed(self.difference) + relative


@dataclass(frozen=True)
class Profile:
    """Of a column's changed cells that are numbers on both sides.

    ``bars`` counts them by ``EDGES``; a change from 0 stands at the outer end of its direction.
    """

    falls: int
    rises: int
    median: float | None
    bars: tuple[int, ...]


def delta(old: Cell, new: Cell) -> Delta | None:
    """None unless both are numbers."""
    before, after = number_of(old), number_of(new)
    if before is None or after is None:
        return None
    difference = EXACT.subtract(after, before)
    percent = float(EXACT.divide(EXACT.multiply(difference, Decimal(100)), abs(before))) if before else None
    return Delta(difference, percent)


def percent_text(percent: float) -> str:
    """Such as ``+8.3 %``; what is beyond all measure is said to be."""
    return f"{percent:+,.1f} %" if abs(percent) < 1e6 else f"{'>+' if percent > 0 else '<-'}999,999 %"


def profiles(rows: Iterable[ChangedRow], progress: Progress) -> Mapping[str, Profile]:
    """By column; at most ``MOST_CELLS`` cells are looked at."""
    found: defaultdict[str, list[Delta]] = defaultdict(list)
    looked = 0
    for number, row in enumerate(rows):
        if number % _BATCH == 0:
            progress.checkpoint()
        for cell in row.cells:
            change = delta(cell.old, cell.new)
            if change is not None:
                found[cell.column].append(change)
        looked += len(row.cells)
        if looked > MOST_CELLS:
            break
    return {column: _profile(changes) for column, changes in found.items()}


def _profile(changes: list[Delta]) -> Profile:
    bars = [0] * (len(EDGES) + 1)
    for change in changes:
        bars[_place(change)] += 1
    falls = sum(change.difference < 0 for change in changes)
    percents = [change.percent for change in changes if change.percent is not None]
    rises = sum(change.difference > 0 for change in changes)
    return Profile(falls, rises, median(percents) if percents else None, tuple(bars))


def _place(change: Delta) -> int:
    if change.percent is None:
        return 0 if change.difference < 0 else len(EDGES)
    return bisect_right(EDGES, change.percent)


def _signed(difference: Decimal) -> str:
    if -_PLAIN < difference.adjusted() < _PLAIN:
        text = f"{difference:+,f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{difference:+.3e}"
