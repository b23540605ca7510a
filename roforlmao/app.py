"""The seam: opens configuration, registry and state lazily; tests put their own here."""

from __future__ import annotations


class App:
    """Every handle to the world."""
