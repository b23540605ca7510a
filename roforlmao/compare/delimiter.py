"""The delimiter of a file, from its first records."""

from __future__ import annotations

import csv
import io
from collections import Counter
from itertools import islice
from typing import NamedTuple

DELIMITERS = ("\t", ";", "|", ",")
_SAMPLE = 16_384  # characters
_RECORDS = 100


class _Score(NamedTuple):
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
    sample = text[:_SAMPLE]
    if delimiter not in sample:
        return _Score(0, 0)
    widths, fits = _widths(sample, delimiter, whole=len(text) <= _SAMPLE)
    if not widths:
        return _Score(0, 0)
    usual = Counter(widths)
    width = max(usual, key=lambda one: (usual[one], one))
    if width == 1:  # most rows are not cut; then the first one must be, as a header above short rows
        width = widths[0]
    share = usual[width] / len(widths)
    return _Score(share if fits else share / 2, width) if width > 1 else _Score(0, 0)


def _widths(sample: str, delimiter: str, *, whole: bool) -> tuple[list[int], bool]:
    """Cells of each record, and whether the quotes fit that delimiter."""
    reader = csv.reader(io.StringIO(sample), delimiter=delimiter, strict=True)
    widths: list[int] = []
    try:
        for row in islice(reader, _RECORDS):
            if row:
                widths.append(len(row))
    except csv.Error as error:
        # the sample may end within quotes; a field may be longer than the sample
        return widths, not whole and "expected after" not in str(error)
    if not whole and 1 < len(widths) < _RECORDS:
        widths.pop()  # cut in the middle
    return widths, True
