"""The newest few values of many series, side by side."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Newest:
    """At most ``length`` values of each series: a row each, the newest last; infinite where there is none."""

    def __init__(self, series: int, length: int) -> None:
        self.values: Floats = np.full((series, length), np.inf)
        self.size: Ints = np.zeros(series, np.int64)

    def push(self, at: Ints, values: Floats) -> None:
        """One more value for each series in ``at``; the oldest falls out where it is full."""
        rows = self.values[at]
        rows[:, :-1] = rows[:, 1:]
        rows[:, -1] = values
        self.values[at] = rows
        self.size[at] = np.minimum(self.size[at] + 1, rows.shape[1])

    def clear(self, at: Ints) -> None:
        self.values[at] = np.inf
        self.size[at] = 0

    def copy(self, at: Ints) -> tuple[Floats, Ints]:
        """Rows and sizes, to be taken over by another."""
        return self.values[at], self.size[at]

    def take(self, at: Ints, values: Floats, size: Ints) -> None:
        """Takes rows over; of longer ones the newest, of shorter ones all."""
        length = self.values.shape[1]
        self.values[at] = np.inf
        self.values[at, -values.shape[1] :] = values[:, -length:]
        self.size[at] = np.minimum(size, length)


def middle_of(values: Newest, at: Ints) -> Floats:
    """The median of each row."""
    return median_of(values.values[at], values.size[at])


def median_of(rows: Floats, size: Ints) -> Floats:
    """The median of the first ``size`` of each row once it is sorted."""
    ordered = np.sort(rows, axis=1)
    half, places = size // 2, np.arange(len(rows))
    upper = ordered[places, np.minimum(half, rows.shape[1] - 1)]
    lower = ordered[places, np.maximum(half - 1, 0)]
    return np.asarray(np.where(size % 2 == 1, upper, (lower + upper) / 2))


def upper_middle_of(values: Newest, at: Ints) -> Floats:
    """Of two in the middle, the greater one."""
    ordered = np.sort(values.values[at], axis=1)
    half = np.minimum(values.size[at] // 2, ordered.shape[1] - 1)
    return np.asarray(ordered[np.arange(len(at)), half])
