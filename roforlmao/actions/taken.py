"""Whether a name is taken: asked before anything slow, and answered with whose it is."""

from __future__ import annotations

from collections.abc import Callable

from roforlmao.errors import AlreadyExists, NotFound
from roforlmao.models import Dataset, Tool
from roforlmao.text import one_line


def must_be_free(what: str, name: str, find: Callable[[str], Tool | Dataset]) -> None:
    """Errors: AlreadyExists; BadInput where the entry of that name cannot be used."""
    try:
        taken = find(name)
    except NotFound:
        return
    raise AlreadyExists(
        f"The {what} '{name}' is registered already, by {one_line(taken.registered_by) or 'somebody'}.",
        f"Choose another name, or remove it first: `{what} remove {name}`.",
    )
