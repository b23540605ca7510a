"""Whether what an entry names can be reached, before it is shared with others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from roforlmao.errors import Remedy, Unreachable
from roforlmao.progress import Progress
from roforlmao.text import one_line

_TIMEOUT_S = 5.0


def check_reachable(
    repositories: Mapping[str, str], image: str, progress: Progress, *, unchecked: bool
) -> None:
    """Asks each repository for its branches, and the image's registry for the image.

    Empty ones are passed over. Errors: Unreachable, whose remedy is ``unchecked``: register all
    the same.
    """
    from roforlmao.git.clone import reachable
    from roforlmao.tools.image import image_reachable

    if unchecked:
        return
    for what, url in repositories.items():
        if url:
            _ask(what, url, partial(reachable, url, timeout=_TIMEOUT_S, local=True), progress)
    if image:
        _ask("image", image, partial(image_reachable, image, timeout=_TIMEOUT_S), progress)


def _ask(what: str, where: str, look: Callable[[], None], progress: Progress) -> None:
    progress.start(f"Looking for the {what}")
    progress.checkpoint()
    try:
        look()
    except Unreachable as error:
        raise Unreachable(
            f"The {what} {one_line(where, 80)} cannot be reached: {error.message}",
            error.hint,
            remedy=Remedy("unchecked", True, "Register it all the same?", safe=True),
        ) from error
