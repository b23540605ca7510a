"""Whose a name is: asked before it is taken, and before what is registered under it is removed."""

from __future__ import annotations

from collections.abc import Callable

from roforlmao.actions.base import Parameter
from roforlmao.errors import AlreadyExists, BadInput, NotFound, Refused, Remedy
from roforlmao.experiment import Experiment
from roforlmao.models import Dataset, Tool
from roforlmao.text import one_line

OTHERS = Parameter("others", "also what another operator registered", form="flag", asked=False)
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


def must_be_own(
    what: str,
    name: str,
    find: Callable[[str], Tool | Dataset | Experiment],
    operator: str,
    *,
    others: bool,
) -> None:
    """Passes what ``operator`` registered, or nobody says they did; what is missing or cannot be used, too.

    Errors: Refused, whose remedy is to remove what another registered.
    """
    try:
        found = find(name)
    except BadInput:
        return
    if others or found.registered_by in ("", operator):
        return
    owner, since = one_line(found.registered_by, 100), one_line(found.registered_at, 40)
    raise Refused(
        f"The {what} '{name}' was registered by {owner}, not by you ({operator}).",
        f"Ask {owner} to remove it.",
        remedy=Remedy("others", True, f"Remove what {owner} registered?", (f"By {owner}, {since}",)),
    )
