"""What the menus need of a terminal; ``questions`` (questionary) and ``plain`` provide it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from roforlmao.actions.base import Choice


class Back(Exception):
    """Esc: one level back."""


class Interrupt(Exception):
    """Ctrl-C: back to the menu; at the top it asks to quit."""


class Closed(Exception):
    """The terminal is gone (end of file on it)."""


Validate = Callable[[str], object]
"""Parses a text or raises ``BadInput``, whose message is shown inline."""


class Prompter(Protocol):
    """Every question raises ``Back``, ``Interrupt`` or ``Closed`` where the operator wants out."""

    def select(self, title: str, choices: Sequence[Choice], *, default: Any = None) -> Any:
        """The value of the choice made; an empty list says so and goes ``Back``."""

    def text(
        self, title: str, *, default: str = "", note: str = "", validate: Validate | None = None
    ) -> str: ...

    def confirm(self, question: str, *, details: Sequence[str] = (), default: bool = False) -> bool: ...
