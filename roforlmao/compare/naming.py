"""The column that tells people which row is which, where the key is an address or a number."""

from __future__ import annotations

from roforlmao.compare.outcome import Outcome

_LEADING = 3  # columns, of which one usually holds the name


def naming_place(outcome: Outcome) -> int | None:
    """The first of the leading columns that is neither in the key nor changed anywhere; None without."""
    for place, label in enumerate(outcome.alignment.labels[:_LEADING]):
        if place not in outcome.key.places and label not in outcome.columns.changed:
            return place
    return None
