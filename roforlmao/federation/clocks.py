"""This machine's clock against those of a cluster's members, by the dates of their HTTP answers.

etcd's own interface tells no time; the ``Date`` header of its client port does, in whole seconds
(RFC 9110, section 6.6.1). A port that speaks gRPC only tells none.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from roforlmao.errors import RoforlmaoError
from roforlmao.federation.greeting import greet
from roforlmao.schema import EtcdConfig
from roforlmao.text import counted

_WRONG_S: Final = 60.0
_AT_ONCE: Final = 5


def measure(config: EtcdConfig, base: Path) -> dict[str, float]:
    """Seconds that this clock is ahead of each endpoint that tells the time; takes some 3 s at most."""

    def one(endpoint: str) -> float | None:
        try:
            return greet(endpoint, config, base).ahead_s
        except RoforlmaoError:  # whether it can be used is another question
            return None

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = dict(zip(config.endpoints, pool.map(one, config.endpoints), strict=True))
    return {endpoint: ahead for endpoint, ahead in found.items() if ahead is not None}


def wrong_here(ahead: Mapping[str, float]) -> str:
    """Says so where more than half of the members disagree with this clock by a minute or more."""
    off = [seconds for seconds in ahead.values() if abs(seconds) >= _WRONG_S]
    if len(off) * 2 <= len(ahead):
        return ""
    typical = statistics.median(off)
    by = f"{abs(typical) / 60:,.0f} minutes {'ahead of' if typical > 0 else 'behind'}"
    return f"This machine's clock is {by} the cluster's ({counted(len(off), 'member')} of {len(ahead)})."


def wrong_there(ahead: Mapping[str, float]) -> str:
    """Names the members whose clock is off where this one agrees with the others."""
    if wrong_here(ahead):
        return ""
    off = [endpoint for endpoint, seconds in ahead.items() if abs(seconds) >= _WRONG_S]
    return f"The clock of {', '.join(off)} is off: tell the cluster's administrator." if off else ""
