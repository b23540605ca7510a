"""Types of the arrays that are handed around, and lists of row numbers that read like tuples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias, overload

import numpy as np
import numpy.typing as npt

Hashes: TypeAlias = npt.NDArray[np.uint64]
Places: TypeAlias = npt.NDArray[np.int64]
AnyPlaces: TypeAlias = npt.NDArray[np.int64] | npt.NDArray[np.int32]
Flags: TypeAlias = npt.NDArray[np.bool_]
_BATCH = 4_096  # numbers that are unpacked at a time


class Numbers(Sequence[int]):
    """Row numbers, 8 bytes each."""

    def __init__(self, values: Places) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Numbers: ...
    def __getitem__(self, index: int | slice) -> int | Numbers:
        if isinstance(index, slice):
            return Numbers(self.values[index])
        return int(self.values[index])

    def __iter__(self) -> Iterator[int]:
        for start in range(0, len(self.values), _BATCH):
            yield from self.values[start : start + _BATCH].tolist()


class Pairs(Sequence[tuple[int, int]]):
    """Pairs of row numbers, old and new."""

    def __init__(self, old: AnyPlaces, new: AnyPlaces) -> None:
        self.old, self.new = old, new

    def __len__(self) -> int:
        return len(self.old)

    def where(self, flags: Flags) -> Pairs:
        return Pairs(self.old[flags], self.new[flags])

    @overload
    def __getitem__(self, index: int) -> tuple[int, int]: ...
    @overload
    def __getitem__(self, index: slice) -> Pairs: ...
    def __getitem__(self, index: int | slice) -> tuple[int, int] | Pairs:
        if isinstance(index, slice):
            return Pairs(self.old[index], self.new[index])
        return int(self.old[index]), int(self.new[index])

    def __iter__(self) -> Iterator[tuple[int, int]]:
        for start in range(0, len(self.old), _BATCH):
            piece = slice(start, start + _BATCH)
            yield from zip(self.old[piece].tolist(), self.new[piece].tolist(), strict=True)
