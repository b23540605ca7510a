"""How long the registry has not answered, and when it is asked again."""

from __future__ import annotations

from collections.abc import Callable

_FRESH_S = 5.0  # so long nobody asks again whether it is still away
_FIRST_WAIT_S, _LONGEST_WAIT_S = 5.0, 30.0


class Absence:
    """``clock`` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since = 0.0
        self._failures = 0

    def met(self) -> None:
        """It did not answer: rounds look again later and later."""
        self._since = self._clock()
        self._failures += 1

    def over(self) -> None:
        self._failures = 0

    @property
    def is_fresh(self) -> bool:
        """Whether it was met a moment ago."""
        return bool(self._failures) and self._clock() < self._since + _FRESH_S

    @property
    def is_due(self) -> bool:
        """Whether a round is to look again."""
        wait = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2 ** min(8, max(0, self._failures - 1)))
        return not self._failures or self._clock() >= self._since + wait
