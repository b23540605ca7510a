"""An experiment: a run configuration that peers repeat exactly, known by its name and revision."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

RULE_WORDS: Final = ("rule", "at", "on", "timezone", "cron")
"""The words of a schedule, in the order in which they are shown."""

SAID: Final = ("tool", "command", "args", "env", "rule", "hub", "low", "high")
"""What makes one revision another than the next."""


@dataclass(frozen=True)
class Experiment:
    """``low`` and ``high`` bound the control metric that is expected; ``rule`` is by ``RULE_WORDS``."""

    name: str
    tool: str
    command: str = ""
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    rule: Mapping[str, str] = field(default_factory=dict)
    hub: str = ""
    low: float | None = None
    high: float | None = None
    description: str = ""
    registered_by: str = ""
    registered_at: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over all that is run, in hexadecimal: nobody can change one and keep the other."""
        said = {name: getattr(self, name) for name in SAID}
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    @property
    def revision(self) -> str:
        """The beginning of the fingerprint, as git shows commits."""
        return self.fingerprint[:12]

    @property
    def reference(self) -> str:
        """As receipts name it."""
        return f"{self.name}@{self.revision}"

    def expects(self, value: float | None) -> bool | None:
        """Whether a control metric is as expected; None where nothing is said, or it is not known."""
        if value is None or (self.low is None and self.high is None):
            return None
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)
