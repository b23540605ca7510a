"""From a table to its grid of hashes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from roforlmao.audit.grid import ABSENT, Grid
from roforlmao.audit.lines import Lines, Memo
from roforlmao.compare.table import Table

if TYPE_CHECKING:
    from roforlmao.audit.grid import Hashes

_BITS = 0xFFFFFFFFFFFFFFFF
BEYOND = "(more cells)"
"""The column that holds what ragged rows have beyond their last one."""


def grid_of(table: Table, places: Sequence[int], columns: Sequence[str], memo: Memo) -> Grid | None:
    """``places`` says where in ``columns`` each of the table's stands; all others are absent.

    The first column is for the cells beyond the last of ragged rows. None where the table's lines
    are not records: it is to be read carefully.
    """
    import numpy as np

    cells = np.full((len(table.rows), len(columns) + 1), ABSENT, np.uint64)
    if isinstance(table.rows, Lines):
        found = memo.cells(table.rows)
        if found is None:
            return None
        cells[:, np.array(places, np.intp) + 1] = found
    else:
        _fill(cells, table, places)
    named = sorted(zip(places, table.labels, strict=True))
    shape = tuple(f"{place} {label if table.header else ''}" for place, label in named)
    return Grid(cells, shape, by_line=isinstance(table.rows, Lines))


def _fill(cells: Hashes, table: Table, places: Sequence[int]) -> None:
    import numpy as np

    width = len(table.labels)
    for n, row in enumerate(table.rows):
        for column, cell in enumerate(row[:width]):
            cells[n, places[column] + 1] = np.uint64(hash(cell) & _BITS)
        if len(row) > width:
            cells[n, 0] = np.uint64(hash(row[width:]) & _BITS)
