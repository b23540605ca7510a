"""The calendar of a hub: day by day who has it, and what is known against it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_letters, digits
from typing import TYPE_CHECKING, Any

from roforlmao.actions.auditing import HUB
from roforlmao.actions.base import Action, Parameter, Report
from roforlmao.errors import BadInput
from roforlmao.progress import Progress
from roforlmao.text import counted, one_line

if TYPE_CHECKING:
    from roforlmao.app import App
    from roforlmao.series.calendar import Calendar, Day, Holding

MARKS = {"present": "+", "empty": "0", "anomaly": "!", "disagreement": "x", "retracted": "r"}
ABSENT = "."
_LETTERS = ascii_letters[26:] + ascii_letters[:26] + digits  # one for each operator in a row of marks
_FEW = 10
_THIS = "this"
_NOTED = 3  # operators whose mark is told in words in a row


@dataclass(frozen=True)
class CalendarView:
    """What the screen pages through."""

    calendar: Calendar


def show(app: App, progress: Progress, hub: str, month: str | None = None) -> Report:
    from roforlmao.series.calendar import calendar

    progress.start("Reading the registry")
    month = app.today()[:7] if month == _THIS else month
    entries, audits = app.catalog.announcements(hub, month), app.catalog.audits(hub)
    found = calendar(hub, entries.good, audits.good)
    return Report(
        [_document(hub, day) for day in found.days],
        f"Who has {hub}" + (f" in {month}" if month else ""),
        ("date", heading(found), "notes"),
        [[day.date, spaced(marks(found, day)), notes(day)] for day in found.days],
        lines=legend(found),
        warnings=[*entries.warnings, *audits.warnings],
        view=CalendarView(found),
    )


def heading(found: Calendar) -> str:
    """A letter for each operator; those without one are told in the notes."""
    return spaced(_LETTERS[: len(found.operators)]) or "operators"


def spaced(signs: Sequence[str]) -> str:
    """A few stand apart; many in groups of five, so that twenty fit beside a date on 60 columns."""
    if len(signs) <= _FEW:
        return " ".join(signs)
    return " ".join("".join(signs[start : start + 5]) for start in range(0, len(signs), 5))


def legend(found: Calendar) -> list[str]:
    """What letters and marks stand for."""
    names = [f"{letter} {name}" for letter, name in zip(_LETTERS, found.operators, strict=False)]
    more = len(found.operators) - len(names)
    lines = [", ".join(names) + (f" and {more:,} more" if more else "")] if names else []
    return [*lines, ", ".join(f"{sign} {mark}" for mark, sign in {**MARKS, "absent": ABSENT}.items())]


def marks(found: Calendar, day: Day) -> list[str]:
    """One for each operator with a letter."""
    held = {one.operator: MARKS[one.state] for one in day.holdings}
    return [held.get(name, ABSENT) for name in found.operators[: len(_LETTERS)]]


def notes(day: Day) -> str:
    """What is not as it should be, in words."""
    wrong = [one for one in day.holdings if one.state != "present"]
    said = [f"{one.operator} {one.state}" for one in wrong[:_NOTED]]
    said += [f"{len(wrong) - _NOTED:,} more"] if len(wrong) > _NOTED else []
    said += [f"before it {counted(day.missing, 'day')} missing"] if day.missing else []
    return ", ".join(said)


def held(one: Holding | None) -> str:
    """What an operator has, in a line."""
    if one is None:
        return "absent"
    rows = "" if one.rows is None else counted(one.rows, "row")
    origin = f"from {one.origin}" if one.origin else ""
    return "; ".join(filter(None, (*map(one_line, one.reasons), rows, origin))) or "present"


def _document(hub: str, day: Day) -> dict[str, Any]:
    operators = [{**vars(one), "reasons": list(one.reasons)} for one in day.holdings]
    return {"hub": hub, "date": day.date, "operators": operators, "missing_days": day.missing}


def month(text: str) -> str:
    """``2019-07``; ``2019-7`` is read too, and ``this`` stays, for whoever knows the day."""
    if text == _THIS:
        return text
    match = re.fullmatch(r"(\d{4})-(\d{1,2})", text.strip())
    if not match or not 1 <= int(match[2]) <= 12:
        raise BadInput(f"'{one_line(text, 40)}' is not a month.", "Write it as 2019-07.")
    return f"{match[1]}-{int(match[2]):02}"


ACTIONS = (
    Action(
        "hub",
        "calendar",
        "Calendar of a hub",
        show,
        (
            HUB,
            Parameter(
                "month",
                "only this month (without a value the present one)",
                month,
                "option",
                False,
                metavar="YYYY-MM",
                asked=False,
                implied=_THIS,
            ),
        ),
        help="Day by day who has data of a hub: present, empty, judged an anomaly, in disagreement by an "
        "audit, retracted, or absent.",
    ),
)
