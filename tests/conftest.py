"""Fixtures of every room of tests: servers that a worker starts once, when a test first wants them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults import engines


@pytest.fixture(scope="session")
def daemon() -> Iterator[engines.Daemon]:
    """A dockerd of this worker's own; a test that stops it starts it again."""
    with engines.running() as found:
        yield found
