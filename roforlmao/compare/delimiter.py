"""The delimiter of a file, from its first records."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass

DELIMITERS = ("\t", ";", "|", ",")
_SAMPLE = 65_536  # characters
_RECORDS = 200


@dataclass(frozen=True, order=True)
class _Score:
    """How well one delimiter cuts: share of records of the usual width, and that width."""

    share: float
    width: int


def find_delimiters(old: str, new: str) -> tuple[str, str]:
    """One for each; a file that none of them cuts takes that of the other, else a comma."""
    first, second = _found(old), _found(new)
    return first or second or ",", second or first or ","


def _found(text: str) -> str:
    """The delimiter that cuts most records alike, and finest; empty where none cuts."""
    scores = {delimiter: _score(text, delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: scores[delimiter])
    return best if scores[best].share else ""


def _score(text: str, delimiter: str) -> _Score:
    widths: Counter[int] = Counter()
    lines = io.StringIO(text[:_SAMPLE])
    reader = csv.reader(lines, delimiter=delimiter)
    records = []
    try:
        for row in reader:
            records.append(len(row))
            if len(records) == _RECORDS:
                break
    except csv.Error:  # a field longer than the sample; what was read before it counts
        pass
    if len(text) > _SAMPLE and len(records) > 1 and len(records) < _RECORDS:
        records.pop()  # cut in the middle
    widths.update(width for width in records if width)
    if not widths:
        return _Score(0, 0)
    width, times = max(widths.items(), key=lambda item: (item[1], item[0]))
    return _Score(times / widths.total(), width) if width > 1 else _Score(0, 0)
