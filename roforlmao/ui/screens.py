"""Which reports have a screen of their own, and what such a screen may do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from roforlmao.actions.base import Answers, Report

if TYPE_CHECKING:
    from roforlmao.app import App
    from roforlmao.progress import Progress
    from roforlmao.ui.questions import Questions

Open = Callable[[Any, "Stage"], None]

# The class of a report's view, and the module whose ``open_screen(view, stage)`` shows it; imported when
# it is shown. A module, not a function: the table must cost nothing when the menus start.
_MODULES: Mapping[str, str] = {
    "Overview": "overview",
    "ComparisonView": "comparison",
    "Backtest": "backtest",
    "StreamHistory": "streamhistory",
    "AuditView": "auditing",
    "CalendarView": "calendar",
    "RunLog": "livelog",
}


@dataclass(frozen=True)
class Stage:
    """What a screen is given. ``questions`` asks and draws, and raises ``Back`` or ``Interrupt``.

    ``again`` carries out the screen's own action anew with some answers changed, which then hold, and
    ``do`` another action (group, verb, answers) from its first question to its report; both show progress,
    can be interrupted, and ``again`` raises what the action raises. ``work`` does the same for a step of
    the screen's own.
    """

    app: App
    questions: Questions
    answers: Answers
    again: Callable[[Answers], Report]
    do: Callable[[str, str, Answers], None]
    work: Callable[[Callable[[Progress], Any]], Any]


def screen_for(view: object) -> Open | None:
    """What shows this view, or None where the report says it all."""
    name = _MODULES.get(type(view).__name__)
    return None if name is None else import_module(f"roforlmao.ui.{name}").open_screen
