"""Growth and scatter of many series: ``scatter.Scatter`` on columns of numpy."""

from __future__ import annotations

import numpy as np

from roforlmao.anomaly import scatter as one
from roforlmao.anomaly.columns import Floats, Ints, median_of
from roforlmao.anomaly.scatter import SCALES, SCATTER_RUNS, WIDEST, Sensitivity


class ManyScatter:
    """As ``scatter.Scatter``, with one place in each array for each series; ``count`` is its length."""

    def __init__(self, series: int, sensitivity: Sensitivity) -> None:
        self._scales = SCALES[sensitivity]
        self.growth: Floats = np.zeros(series)
        self.limit: Floats = np.full(series, WIDEST)
        self.count: Ints = np.zeros(series, np.int64)
        self._learned: Ints = np.zeros(series, np.int64)
        self._residuals: Floats = np.zeros((series, SCATTER_RUNS))
        self._newest: Floats = np.full((series, one.GROWTH_RUNS), np.inf)  # in no order
        self._sum: Floats = np.zeros(series)
        self._squares: Floats = np.zeros(series)

    def learn(self, at: Ints, residual: Floats) -> None:
        """Takes one more good run of each series in ``at`` into account."""
        turn = self._learned[at]
        full = turn >= SCATTER_RUNS
        old = np.where(full, self._residuals[at, turn % SCATTER_RUNS], 0.0)
        self._residuals[at, turn % SCATTER_RUNS] = residual
        self._newest[at, turn % one.GROWTH_RUNS] = residual
        self._sum[at] = (self._sum[at] + residual) - old
        self._squares[at] = (self._squares[at] + residual * residual) - old * old
        self._learned[at] = turn + 1
        self.count[at] = np.minimum(turn + 1, SCATTER_RUNS)
        self._estimate(at)

    def _estimate(self, at: Ints) -> None:
        count = self.count[at]
        middle = median_of(self._newest[at], np.minimum(count, one.GROWTH_RUNS))
        bounded = np.maximum(-one.MOST_GROWTH, np.minimum(one.MOST_GROWTH, middle))
        growth = np.where(count >= one.TELLING, bounded, self.growth[at])
        scatter = self._squares[at] - 2 * growth * self._sum[at] + count * growth * growth
        known = one.PRIOR_RUNS * one.PRIOR * one.PRIOR
        variance = (known + np.maximum(scatter, 0.0)) / (one.PRIOR_RUNS + count)
        self.growth[at] = growth
        self.limit[at] = np.maximum(one.NARROWEST, np.minimum(WIDEST, self._scales * np.sqrt(variance)))
