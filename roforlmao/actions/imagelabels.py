"""What a registration form offers for a container tool: what its image's labels say."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from roforlmao.actions.base import Answers
from roforlmao.errors import BadInput
from roforlmao.names import check_url
from roforlmao.text import one_line

if TYPE_CHECKING:
    from roforlmao.app import App

_PATIENCE_S = 2.0  # how long a question waits for them; what comes later serves the next one
_LONGEST = 500
_known: dict[str, dict[str, str]] = {}


def from_label(*names: str) -> Callable[[App, Answers], str]:
    """The first of these labels that says something, cleaned; '' without an image."""

    def default(app: App, answers: Answers) -> str:
        labels = _labels(app, answers.get("image") or "")
        return next((text for name in names if (text := one_line(labels.get(name, ""), _LONGEST))), "")

    return default


def source(app: App, answers: Answers) -> str:
    """Where the image's code is, where that can be the URL of a repository."""
    url = from_label("source")(app, answers)
    try:
        return check_url(url, local=False) if url else ""
    except BadInput:
        return ""


def _labels(app: App, image: str) -> dict[str, str]:
    if not image:
        return {}
    if image not in _known:
        _known[image] = {}  # asked once, even where nothing comes
        asking = threading.Thread(target=_ask, args=(app, image), daemon=True, name="labels")
        asking.start()
        asking.join(_PATIENCE_S)
    return _known[image]


def _ask(app: App, image: str) -> None:
    from roforlmao.tools.labels import labels_of

    _known[image] = labels_of(image, app.environ, timeout=_PATIENCE_S)
