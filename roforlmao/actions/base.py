"""The shape of an action: declared once, called by a menu screen and by a verb."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from roforlmao.actions.lastknown import answered

if TYPE_CHECKING:
    from roforlmao.actions.chart import Chart
    from roforlmao.app import App
    from roforlmao.progress import Progress

Answers = Mapping[str, Any]


@dataclass(frozen=True)
class Choice:
    """One thing to choose: what the action gets, what the operator reads.

    ``disabled`` says why it cannot be chosen now; empty where it can.
    """

    value: Any
    title: str
    note: str = ""
    disabled: str = ""


@dataclass(frozen=True)
class Parameter:
    """One answer that an action needs; the prompt and argparse use the same ``parse``.

    ``parse`` turns text into the value or raises ``BadInput``. ``choices`` gives what a menu
    offers, from the answers so far; ``each`` names the items of a ``many`` parameter that are
    asked one by one, or is None where they are asked for on one line, as in a shell.
    A menu leaves out what is not ``asked``, and asks only ``when`` the answers so
    far call for it; it points at the last answer, unless a ``fresh`` list is in an order that matters.
    An ``either`` may be given by its place or as an option; a ``switch`` is ``--x`` or ``--no-x``, and
    undecided without; an option without a value means what is ``implied``. A ``menu`` one only narrows
    what is offered for the others: no verb has it, and the action never sees it.
    """

    name: str
    help: str
    parse: Callable[[str], Any] = str
    form: Literal["positional", "option", "either", "flag", "switch", "menu"] = "positional"
    required: bool = True
    many: bool = False
    metavar: str = ""
    default: Callable[[App, Answers], str] | None = None
    choices: Callable[[App, Answers], Sequence[Choice]] | None = None
    each: Callable[[App, Answers], Sequence[Choice] | None] | None = None
    asked: bool = True
    spelled: str = ""
    when: Callable[[Answers], bool] | None = None
    fresh: bool = False
    implied: str = ""

    @property
    def flag(self) -> str:
        """How the verb spells it."""
        if self.form == "positional":
            return self.metavar or self.name.upper()
        return "--" + (self.spelled or self.name.replace("_", "-"))


@dataclass(frozen=True)
class FollowUp:
    """What a front may offer once an action has ended: another action with these answers.

    The menus offer every one; a verb on a terminal only what ``completes`` the action itself.
    """

    group: str
    verb: str
    answers: Answers
    question: str
    details: tuple[str, ...] = ()
    safe: bool = True
    completes: bool = False


@dataclass(frozen=True)
class Report:
    """What an action leaves: ``data`` for ``--json``, a table or lines for people.

    A menu shows ``brief`` in place of ``lines`` where that is given and a ``view``, if any, can be shown.
    One that was ``streamed`` has told its records while it worked, and has no document. ``view`` is what a
    screen of its own shows (``ui/screens.py``); without one for its class, and outside the menus, the rest
    says it all.
    ``charts`` are drawn on terminals that can move their cursor, and nowhere else.
    """

    data: Any
    title: str = ""
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    lines: Sequence[str] = ()
    brief: Sequence[str] = ()
    warnings: Sequence[str] = ()
    exit_status: int = 0
    follow_up: FollowUp | None = None
    streamed: bool = False
    view: Any = None
    charts: Sequence[Chart] = ()


@dataclass(frozen=True)
class Action:
    """``run(app, progress, **answers)`` does it; confirmations belong to the fronts.

    ``unattended(app, answers, yes)`` completes the answers where nobody can be asked, or raises
    ``BadInput`` that names the missing flag. A menu asks for what is named in ``asks`` first, in that
    order, then for the other parameters.
    """

    group: str
    verb: str
    title: str
    run: Callable[..., Report]
    parameters: Sequence[Parameter] = field(default_factory=tuple)
    help: str = ""
    destructive: bool = False
    unattended: Callable[[App, Answers, bool], Answers] | None = None
    asks: Sequence[str] = ()

    def __call__(self, app: App, progress: Progress, answers: Answers) -> Report:
        menu = {parameter.name for parameter in self.parameters if parameter.form == "menu"}
        given = {name: value for name, value in answers.items() if name not in menu}
        return answered(app, lambda: self.run(app, progress, **given))

    @property
    def questions(self) -> Sequence[Parameter]:
        """The parameters in the order in which a menu asks for them."""
        first = {name: place for place, name in enumerate(self.asks)}
        return sorted(self.parameters, key=lambda parameter: first.get(parameter.name, len(first)))
