"""A snapshot as numbers: each cell a 64-bit hash, so that twenty fit into memory and compare at once.

A cell's hash is Python's own of its text (SipHash, keyed anew for each process, so that nobody can
make two cells collide on purpose); rows are mixed from cells with the finalizer of SplitMix64
(https://prng.di.unimi.it/splitmix64.c). Among 2 million rows a false match has odds of about one in
ten million. Hashes never leave the process: what an operator is shown is read back from the files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]
    Places = NDArray[np.intp]

ABSENT = 0x9E3779B97F4A7C15  # the hash of a cell that a row does not have


@dataclass(frozen=True)
class Grid:
    """``cells`` has a row for each row and a column for each column of the whole audit.

    ``shape`` names the file's own columns in the order of the audit's: what is not the same there
    is not the same snapshot. ``by_line`` says that each line of the file is a record.
    """

    cells: Hashes
    shape: tuple[str, ...]
    by_line: bool = False

    @property
    def rows(self) -> int:
        return int(self.cells.shape[0])

    def widened(self, columns: int) -> Grid:
        """With absent cells up to that number of columns."""
        import numpy as np

        lacking = columns - self.cells.shape[1]
        if lacking <= 0:
            return self
        absent = np.full((self.rows, lacking), ABSENT, np.uint64)
        return replace(self, cells=np.hstack((self.cells, absent)))

    @cached_property
    def records(self) -> Hashes:
        """A hash of each row."""
        return mixed(self.cells, range(self.cells.shape[1]))

    def keys(self, places: Sequence[int]) -> Hashes:
        """A hash of the key's cells of each row; of the whole row where there is no key."""
        return mixed(self.cells, places) if places else self.records

    @cached_property
    def fingerprint(self) -> bytes:
        """The same for the same rows in any order."""
        import numpy as np

        return blake2b(np.sort(self.records).tobytes() + repr(self.shape).encode()).digest()


def no_rows(columns: int) -> Grid:
    """What somebody has who has nothing."""
    import numpy as np

    return Grid(np.empty((0, columns), np.uint64), ())


class Pairs(NamedTuple):
    """Row numbers: pairs of which cells differ, and rows that one side has alone."""

    old: Places
    new: Places
    missing: Places
    extra: Places


def pair(old: Grid, new: Grid, key: Sequence[int]) -> Pairs:
    """As ``compare.pairing``: equal rows cancel first, the rest pair by key in order of occurrence."""
    import numpy as np

    _, same_old, same_new = _common(numbered(old.records), numbered(new.records))
    rest_old = np.delete(np.arange(old.rows), same_old)
    rest_new = np.delete(np.arange(new.rows), same_new)
    keys_old, keys_new = old.keys(key)[rest_old], new.keys(key)[rest_new]
    _, i, j = _common(numbered(keys_old), numbered(keys_new))
    order = np.argsort(rest_old[i])
    return Pairs(rest_old[i][order], rest_new[j][order], np.delete(rest_old, i), np.delete(rest_new, j))


def numbered(hashes: Hashes, by: Hashes | None = None) -> Hashes:
    """The hashes made unique: the n-th of equal ones is mixed with n, in order of ``by`` or of rows."""
    import numpy as np

    order = np.argsort(hashes, kind="stable") if by is None else np.lexsort((by, hashes))
    ordered = hashes[order]
    at = np.arange(len(hashes))
    first = np.ones(len(hashes), bool)
    first[1:] = ordered[1:] != ordered[:-1]
    turn = at - np.maximum.accumulate(np.where(first, at, 0))
    unique = np.empty_like(hashes)
    unique[order] = finalized(ordered ^ finalized((turn + 1).astype(np.uint64)))
    return unique


def mixed(cells: Hashes, places: Sequence[int]) -> Hashes:
    """One hash of these columns for each row."""
    import numpy as np

    state = np.full(cells.shape[0], ABSENT, np.uint64)
    for place in places:
        state = finalized(state ^ cells[:, place])
    return state


def finalized(state: Hashes) -> Hashes:
    """SplitMix64: a bijection that spreads each bit over all."""
    import numpy as np

    state = state + np.uint64(ABSENT)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed_up: Hashes = state ^ (state >> np.uint64(31))
    return mixed_up


def _common(old: Hashes, new: Hashes) -> tuple[Hashes, Places, Places]:
    import numpy as np

    return np.intersect1d(old, new, assume_unique=True, return_indices=True)
