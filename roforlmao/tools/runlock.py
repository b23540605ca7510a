"""One launcher at a time does something with a tool: run, install, update or remove it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from roforlmao.paths import Places, make_directory


@contextmanager
def running(name: str, places: Places) -> Iterator[None]:
    """Holds the tool; the kernel lets go with the process. Errors: Busy, StorageFailed."""
    from roforlmao.git.lock import flock

    locks = make_directory(places.state / "locks")
    with flock(locks / f"tool-{name}", f"The tool '{name}' is at work in another launcher or job."):
        yield
