"""Which columns of a sheet are shown: one after the other is switched on or off."""

from __future__ import annotations

from roforlmao.actions.base import Choice
from roforlmao.ui.chooser import Chooser
from roforlmao.ui.frame import Frame
from roforlmao.ui.listing import Listing
from roforlmao.ui.prompter import Back
from roforlmao.ui.sheet import Place, Sheet

_ALL, _NONE = -1, -2


def pick_columns(frame: Frame, sheet: Sheet, place: Place) -> None:
    """Until the operator goes back; the first column is always shown."""
    others = range(1, len(sheet.columns))
    chosen = 1
    while True:
        choices = [
            Choice(column, f"[{' ' if column in place.hidden else 'x'}] {sheet.columns[column]}")
            for column in others
        ]
        choices += [Choice(_ALL, "Show all"), Choice(_NONE, "Hide all")]
        title = f"{len(others) - len(place.hidden):,} of {len(others):,} columns shown; Esc when done"
        try:
            chosen = choices[Chooser(frame, title, Listing(choices, chosen), keep=False).ask()].value
        except Back:
            return
        if chosen == _ALL:
            place.hidden.clear()
        elif chosen == _NONE:
            place.hidden.update(others)
        else:
            place.hidden ^= {chosen}
