"""Looks for a text in rows that may be many: in slices, so that keys are heard meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from roforlmao.ui.listing import folded
from roforlmao.ui.painted import Cell, plain

_SLICE = 0.03  # seconds between two looks at the keyboard


def seek(rows: Sequence[Sequence[Cell]], query: str, start: int, step: int) -> Iterator[int | None]:
    """None after each slice; at last the row that holds the query, or -1 where none does.

    From ``start`` on, down (``step`` 1) or up (-1), around the ends; letters of either case match.
    """
    needle, count = folded(query), len(rows)
    began = time.monotonic()
    for offset in range(count):
        row = (start + step * offset) % count
        if any(needle in folded(plain(cell)) for cell in rows[row]):
            yield row
            return
        if time.monotonic() - began > _SLICE:
            yield None
            began = time.monotonic()
    yield -1
