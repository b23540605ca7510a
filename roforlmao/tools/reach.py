"""Whether what an entry names can be reached, before it is shared with others."""

from __future__ import annotations

from collections.abc import Mapping

from roforlmao.errors import Remedy, Unreachable
from roforlmao.progress import Progress
from roforlmao.text import one_line

_TIMEOUT_S = 5.0


def check_repositories(urls: Mapping[str, str], progress: Progress, *, unchecked: bool) -> None:
    """Asks each repository for its branches; empty URLs are passed over.

    Errors: Unreachable, whose remedy is ``unchecked``: register all the same.
    """
    from roforlmao.git.clone import reachable

    for what, url in urls.items():
        if url and not unchecked:
            progress.start(f"Looking for the {what}")
            progress.checkpoint()
            try:
                reachable(url, timeout=_TIMEOUT_S, local=True)
            except Unreachable as error:
                raise Unreachable(
                    f"The {what} {one_line(url, 80)} cannot be reached: {error.message}",
                    error.hint,
                    remedy=Remedy("unchecked", True, "Register it all the same?", safe=True),
                ) from error
