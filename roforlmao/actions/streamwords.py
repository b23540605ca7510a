"""The history of a stream in words and drawn: a row for each version, what is missing, the charts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from roforlmao.actions.chart import Chart, Line, Mark
from roforlmao.text import one_line

if TYPE_CHECKING:
    from roforlmao.series.history import Day

COLUMNS = ("date", "rows", "added", "removed", "changed", "note")
_NAMED = 5  # gaps, or days, that are named in a sentence
_ODD = ("empty", "unreadable", "deleted")


def charts(name: str, days: Sequence[Day]) -> Sequence[Chart]:
    """Rows per day, and below what came and went: removed rows count downwards."""
    labels, at = [day.date.isoformat() for day in days], [day.date.toordinal() for day in days]
    if at != sorted(at):  # commits may be out of order
        at = []
    marks = [Mark(n, _number(day.rows), day.state) for n, day in enumerate(days) if day.state in _ODD]
    total = Line("rows", [_number(day.rows) if day.state not in _ODD else None for day in days])
    told = [day if day.state not in _ODD else None for day in days]
    moves = [
        Line("added", [None if day is None else _number(day.added) for day in told], bars=True),
        Line(
            "removed, downwards",
            [None if day is None else -float(day.removed or 0) for day in told],
            bars=True,
        ),
    ]
    shown = one_line(name, 60)
    return (
        Chart(f"Rows of {shown}", labels, [total], marks=marks, at=at),
        Chart(f"Added and removed in {shown}", labels, moves, at=at),
    )


def _number(value: int | None) -> float | None:
    return None if value is None else float(value)


def row(day: Day) -> list[str]:
    """A version as a row under ``COLUMNS``."""
    numbers = ["" if n is None else f"{n:,}" for n in (day.rows, day.added, day.removed, day.changed)]
    return [day.date.isoformat(), *numbers, "; ".join(_notes(day))]


def _notes(day: Day) -> list[str]:
    notes = [f"{day.missing:,} missing before"] if day.missing else []
    if day.state in _ODD:
        notes.append(f"{day.state}: {one_line(day.reason, 200)}" if day.reason else day.state)
    return notes


def sentences(days: Sequence[Day]) -> list[str]:
    """From where to where it went, what is missing, and the days that are odd."""
    from roforlmao.series.rhythm import gaps

    known = [day for day in days if day.rows]
    lines = []
    if known:
        first, last = known[0], known[-1]
        lines.append(f"From {first.rows:,} rows on {first.date} to {last.rows:,} on {last.date}.")
    missing = gaps([day.date for day in days])
    if missing:
        named = [f"{gap.first} to {gap.last}" if gap.first != gap.last else f"{gap.first}" for gap in missing]
        lines.append(f"Missing: {sum(gap.missing for gap in missing):,} in {_some(named)}.")
    for state in _ODD:
        found = [day.date.isoformat() for day in days if day.state == state]
        if found:
            lines.append(f"{state.capitalize()}: {_some(found)}.")
    return lines


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"
