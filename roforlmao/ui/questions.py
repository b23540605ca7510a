"""Questions for a full terminal: questionary for text and yes or no, our own list to choose from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from roforlmao.actions.base import Choice
from roforlmao.ui.frame import Frame
from roforlmao.ui.prompter import Back, Validate

if TYPE_CHECKING:
    from prompt_toolkit.input import Input
    from prompt_toolkit.output import Output


class Questions:
    """A ``Prompter`` on prompt_toolkit.

    ``status`` gives the line at the bottom, ``notices`` what to print above (each once); both are
    called in the main thread several times a second and must be quick and not raise. Without
    ``color`` no colour or attribute is ever written. Screens of their own draw on ``frame``.
    """

    def __init__(
        self,
        status: Callable[[], str],
        notices: Callable[[], Sequence[str]],
        *,
        input: Input | None = None,  # noqa: A002 (prompt_toolkit's name for it)
        output: Output | None = None,
        color: bool,
    ) -> None:
        self.frame = Frame(status, notices, input=input, output=output, color=color)

    def select(self, title: str, choices: Sequence[Choice], *, default: Any = None) -> Any:
        from roforlmao.ui.chooser import Chooser
        from roforlmao.ui.listing import Listing

        if not choices:
            self.frame.tell(f"{title}: there is nothing to choose from.")
            raise Back
        listing = Listing(choices, default)
        return choices[Chooser(self.frame, title, listing).ask()].value

    def text(self, title: str, *, default: str = "", note: str = "", validate: Validate | None = None) -> str:
        """The answer without blanks at its ends."""
        from roforlmao.ui.forms import ask_text

        return ask_text(self.frame, title, default, note, validate)

    def confirm(self, question: str, *, details: Sequence[str] = (), default: bool = False) -> bool:
        from roforlmao.ui.forms import ask_confirm

        return ask_confirm(self.frame, question, details, default)
