"""A local clone by its name, or a path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.actions import parse
from roforlmao.errors import NotFound
from roforlmao.text import one_line

if TYPE_CHECKING:
    from roforlmao.app import App


def clone_or_path(app: App, name: str) -> Path:
    """A local clone by name, else a path. Errors: NotFound."""
    from roforlmao.data.clones import data_clones, local_clones

    for clone in (*local_clones(app.places), *data_clones(app.places)):
        if clone.name == name:
            return clone.path
    path = parse.path(name)
    if not path.exists():
        raise NotFound(
            f"There is no local clone and no path '{one_line(name, 100)}'.",
            "`dataset list-local` shows the clones; `dataset clone NAME` makes one.",
        )
    return path
