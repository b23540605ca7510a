"""What differs between a script tool and a container tool, behind one seam for both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from roforlmao.models import Kind, Tool
from roforlmao.tools import (
    image_install,
    image_review,
    image_update,
    script_install,
    script_review,
    script_update,
)
from roforlmao.tools.records import Installed
from roforlmao.tools.review import Standing
from roforlmao.tools.wish import Wish


@dataclass(frozen=True)
class ToolKind:
    """``install`` and ``update`` return what is to be recorded; the caller holds the tool and its journal.

    ``check`` raises BadInput for an entry that cannot be installed. ``standing`` says what a run would
    start. ``only_here`` names results of the tool that lie nowhere else.
    """

    check: Callable[[Tool], None]
    install: Callable[[Tool, Wish], Installed]
    update: Callable[[Tool, Installed, Wish], Installed]
    standing: Callable[[Installed, Tool | None], Standing]
    only_here: Callable[[Installed], list[str]]


_SCRIPT = ToolKind(
    script_install.check,
    script_install.install,
    script_update.update,
    script_review.standing,
    script_install.only_here,
)
_CONTAINER = ToolKind(
    image_install.check,
    image_install.install,
    image_update.update,
    image_review.standing,
    image_install.only_here,
)


def of(kind: Kind) -> ToolKind:
    return _SCRIPT if kind == "script" else _CONTAINER
