"""Fixtures of every room of tests: servers that a worker starts once, when a test first wants them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.faults.engines import Daemon


@pytest.fixture(scope="session")
def daemon() -> Iterator[Daemon]:
    """A dockerd of this worker's own; a test that stops it starts it again."""
    from tests.faults import engines

    with engines.running() as found:
        yield found
