"""The screen of a hub's calendar: a mark for each operator and day, to page through."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from roforlmao.actions.calendar import (
    ABSENT,
    MARKS,
    CalendarView,
    heading,
    held,
    legend,
    marks,
    notes,
    spaced,
)
from roforlmao.ui.prompter import Back
from roforlmao.ui.sheet import Field, Place, Rows, Sheet
from roforlmao.ui.viewer import view

if TYPE_CHECKING:
    from roforlmao.series.calendar import Calendar
    from roforlmao.ui.painted import Cell, Fragment
    from roforlmao.ui.screens import Stage

_KEYS = {"a": "audit", "v": "vote", "r": "retrieve", "f": "fill a gap"}
_VERBS = {"a": ("", "audit"), "v": ("", "vote"), "r": ("hub", "retrieve"), "f": ("dataset", "fill")}
_STYLES = {" ": "", MARKS["present"]: "", ABSENT: "class:ask-dim"}


def open_screen(shown: CalendarView, stage: Stage) -> None:
    """Until the operator leaves it, by ``Back``."""
    found, place = shown.calendar, Place()
    while True:
        pressed = view(stage.questions.frame, sheet(found), _KEYS, place)
        if pressed.row >= 0:
            with suppress(Back):
                given = {"hub": found.hub, "date": found.days[pressed.row].date}
                stage.do(*_VERBS[pressed.key], given)


def sheet(found: Calendar) -> Sheet:
    """A row for each day, newest first."""
    return Sheet(
        f"Who has {found.hub}",
        ("date", heading(found), "notes"),
        Rows(len(found.days), lambda place: _row(found, place)),
        lines=legend(found),
        card=lambda place: _card(found, place),
        empty="Nobody has announced anything of it.",
    )


def _row(found: Calendar, place: int) -> Sequence[Cell]:
    day = found.days[place]
    return day.date, _painted(spaced(marks(found, day))), notes(day)


def _painted(signs: str) -> Sequence[Fragment]:
    """Letters carry the meaning; colour only helps to find what is wrong."""
    return [(_STYLES.get(sign, "class:ask-error"), sign) for sign in signs]


def _card(found: Calendar, place: int) -> Sequence[Field]:
    day = found.days[place]
    fields = [Field(name, (held(day.of(name)),)) for name in found.operators]
    gap = f"{day.missing:,} missing before it" if day.missing else ""
    return [Field("date", (day.date,), gap), *fields]
