"""Rows and cells that nobody else has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from roforlmao.audit.grid import Grid, finalized, numbered
from roforlmao.progress import Progress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from roforlmao.audit.grid import Hashes


def strangeness(grids: Sequence[Grid], key: Sequence[int], progress: Progress) -> list[int]:
    """For each of several different snapshots how many rows (by key) and cells it has alone.

    The cells of a row that is alone are not counted as well. Column by column: all together would
    take a gigabyte for twenty snapshots.
    """
    import numpy as np

    if len(grids) < 2:
        return [0] * len(grids)
    ids = [numbered(grid.keys(key), by=grid.records) for grid in grids]
    lone = _lone(ids)
    found = [int(alone.sum()) for alone in lone]
    shared = [~alone for alone in lone]
    for column in range(grids[0].cells.shape[1]):
        progress.checkpoint()
        cells = [
            finalized(rows[kept] ^ finalized(grid.cells[kept, column] + np.uint64(column)))
            for grid, rows, kept in zip(grids, ids, shared, strict=True)
        ]
        found = [count + int(alone.sum()) for count, alone in zip(found, _lone(cells), strict=True)]
    return found


def _lone(ids: Sequence[Hashes]) -> list[NDArray[np.bool_]]:
    """For each list of unique hashes, which of them no other list has."""
    import numpy as np

    every = np.concatenate(ids)
    order = np.argsort(every)
    ordered = every[order]
    differs = np.ones(len(every) + 1, bool)
    differs[1:-1] = ordered[1:] != ordered[:-1]
    lone = np.empty(len(every), bool)
    lone[order] = differs[1:] & differs[:-1]
    return np.split(lone, np.cumsum([len(one) for one in ids])[:-1])
