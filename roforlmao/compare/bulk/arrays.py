"""Types of the arrays that are handed around, and lists of row numbers that read like tuples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Generic, TypeAlias, TypeVar, overload

import numpy as np
import numpy.typing as npt

Hashes: TypeAlias = npt.NDArray[np.uint64]
Places: TypeAlias = npt.NDArray[np.int64]
AnyPlaces: TypeAlias = npt.NDArray[np.int64] | npt.NDArray[np.int32]
Flags: TypeAlias = npt.NDArray[np.bool_]
Kind = TypeVar("Kind", np.uint64, np.uint32)
_BATCH = 4_096  # numbers that are unpacked at a time
_SLICE = 1 << 16
_EXPECTED = 1 << 26  # numbers that room is made for before they are there


def slices(values: Hashes | npt.NDArray[np.int32]) -> Iterator[slice]:
    """All of them; what one takes in stays in the processor's cache."""
    return (slice(start, start + _SLICE) for start in range(0, len(values), _SLICE))


class Growing(Generic[Kind]):
    """An array that is filled from its front; one block of memory, so that all of it can be given back."""

    def __init__(self, kind: type[Kind]) -> None:
        self._whole: npt.NDArray[Kind] = np.empty(1 << 16, kind)
        self._count = 0

    def expect(self, count: int) -> None:
        """Makes room at once, within bounds; before anything is added."""
        self._whole = np.empty(min(count, _EXPECTED), self._whole.dtype)

    def add(self, values: npt.NDArray[Kind]) -> None:
        count = self._count + len(values)
        if count > len(self._whole):
            self._resize(max(count, len(self._whole) * 5 // 4))
        self._whole[self._count : count] = values
        self._count = count

    def taken(self) -> npt.NDArray[Kind]:
        """What was added; nothing may be added behind that."""
        self._resize(self._count)
        return self._whole

    def _resize(self, count: int) -> None:
        # nobody else holds it
        self._whole.resize(count, refcheck=False)


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


class Partners(Sequence[tuple[int, int]]):
    """As ``Pairs``, from the new row of each old one, -1 where it has none; made when one is asked for."""

    def __init__(self, partner: npt.NDArray[np.int32]) -> None:
        self._partner = partner
        self._count = int(np.count_nonzero(partner >= 0))

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> tuple[int, int]: ...
    @overload
    def __getitem__(self, index: slice) -> Pairs: ...
    def __getitem__(self, index: int | slice) -> tuple[int, int] | Pairs:
        return self._pairs[index]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self._pairs)

    @cached_property
    def _pairs(self) -> Pairs:
        old = np.flatnonzero(self._partner >= 0)
        return Pairs(old, self._partner[old])
