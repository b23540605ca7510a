"""How a series grows from run to run, and how much its good runs scatter around that."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final, Literal

Sensitivity = Literal["low", "normal", "high"]
"""How many scales of scatter are still usual: the measured figures are those of ``normal``."""

WIDEST: Final = 0.5  # what the second run is allowed, and the most that any is
SCATTER_RUNS: Final = 60
GROWTH_RUNS = 21
PRIOR, PRIOR_RUNS = 0.015, 10  # the scatter believed without data, and the runs that is worth
SCALES: Final[Mapping[Sensitivity, float]] = {"low": 6.0, "normal": 4.0, "high": 3.0}
NARROWEST = 0.02
MOST_GROWTH = 0.3  # against the median of five runs: some 9 % a run
TELLING = 4  # residuals from which growth can be told


class Scatter:
    """Learns relative residuals of good runs against the level before; each step costs the same."""

    def __init__(self, sensitivity: Sensitivity = "normal") -> None:
        self._scales = SCALES[sensitivity]
        self.growth = 0.0
        self.limit = WIDEST
        self._residuals: deque[float] = deque()
        self._ordered: list[float] = []  # the newest residuals, from which growth is told
        self._sum = self._squares = 0.0

    def __len__(self) -> int:
        return len(self._residuals)

    def learn(self, residual: float) -> None:
        """Takes one more good run into account."""
        residuals = self._residuals
        residuals.append(residual)
        self._sum += residual
        self._squares += residual * residual
        insort(self._ordered, residual)
        if len(residuals) > GROWTH_RUNS:
            del self._ordered[bisect_left(self._ordered, residuals[-GROWTH_RUNS - 1])]
        if len(residuals) > SCATTER_RUNS:
            old = residuals.popleft()
            self._sum -= old
            self._squares -= old * old
        self._estimate(len(residuals))

    def _estimate(self, count: int) -> None:
        if count >= TELLING:
            self.growth = max(-MOST_GROWTH, min(MOST_GROWTH, median(self._ordered)))
        growth = self.growth
        scatter = self._squares - 2 * growth * self._sum + count * growth * growth
        variance = (PRIOR_RUNS * PRIOR * PRIOR + max(scatter, 0.0)) / (PRIOR_RUNS + count)
        self.limit = max(NARROWEST, min(WIDEST, self._scales * math.sqrt(variance)))


def median(ordered: Sequence[float]) -> float:
    """Of values that are in order already."""
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
