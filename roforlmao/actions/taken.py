"""Whether a name is taken: asked before anything slow, and answered with whose it is."""

from __future__ import annotations

from collections.abc import Callable

from roforlmao.actions.base import Parameter
from roforlmao.errors import AlreadyExists, NotFound, Remedy
from roforlmao.models import Dataset, Tool
from roforlmao.text import one_line

REPLACE = Parameter("replace", "also where somebody registered that name", form="flag", asked=False)


def must_be_free(what: str, name: str, find: Callable[[str], Tool | Dataset], *, replace: bool) -> None:
    """Errors: AlreadyExists, whose remedy is to overwrite it; BadInput where that entry cannot be used."""
    if replace:
        return
    try:
        taken = find(name)
    except NotFound:
        return
    owner = one_line(taken.registered_by, 100) or "somebody"
    since = one_line(taken.registered_at, 40)
    raise AlreadyExists(
        f"The {what} '{name}' is registered already, by {owner}.",
        f"Choose another name, or remove it first: `{what} remove {name}`.",
        remedy=Remedy("replace", True, f"Overwrite what {owner} registered?", (f"By {owner}, {since}",)),
    )
