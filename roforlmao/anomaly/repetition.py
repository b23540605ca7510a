"""Whether a value repeats for longer than chance allows in a series that used to change."""

from __future__ import annotations

_LEAST = 5  # repetitions below which nothing is odd
_CHANCE = 1e-4


class Repetition:
    """Counts changes; also keeps whether all values so far were whole numbers."""

    def __init__(self) -> None:
        self.same = 0  # how often the newest value has repeated
        self.whole = True
        self._last: float | None = None
        self._steps = self._changes = 0

    @property
    def stuck(self) -> bool:
        """How likely each repetition is, is told from the runs before the newest value."""
        if self.same < _LEAST:
            return False
        steady = 1 - (self._changes + 1) / (self._steps - self.same + 2)
        return steady**self.same < _CHANCE

    def learn(self, value: float) -> None:
        """Counts one more value."""
        self.whole = self.whole and value % 1 == 0
        if self._last is not None:
            self._steps += 1
            if value == self._last:
                self.same += 1
            else:
                self.same = 0
                self._changes += 1
        self._last = value
