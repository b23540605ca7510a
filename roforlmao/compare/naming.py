"""The column that tells people which row is which, where the key is an address or a number."""

from __future__ import annotations

from roforlmao.compare.engine import Outcome


def naming_place(outcome: Outcome) -> int | None:
    """The place of the first column, unless it belongs to the key or has changed cells itself."""
    labels = outcome.alignment.labels
    if not labels or 0 in outcome.key.places or labels[0] in outcome.columns.changed:
        return None
    return 0
