"""What one run left to be judged: named numbers, and the day that its name tells."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from roforlmao.errors import BadInput
from roforlmao.models import Mark
from roforlmao.text import one_line

MOST_METRICS = 64
_FURTHEST = 1e150  # beyond this, ratios leave the range of floating point numbers
_DATE = re.compile(
    r"(?<!\d)(?:(\d{4})([-_.])(\d{1,2})\2(\d{1,2})(?!\d)|(\d{4})(\d{2})(\d{2})(?=\D|$|\d{4}(?:\d\d)?(?!\d)))"
)


@dataclass(frozen=True)
class Reading:
    """The numbers of one run by metric, None where one cannot be read; ``""`` is the only metric.

    ``fault`` says why nothing could be read at all; ``note`` what was left out; ``mark`` is an
    operator's word on it.
    """

    name: str
    day: dt.date | None = None
    values: Mapping[str, float | None] = field(default_factory=dict)
    fault: str = ""
    note: str = ""
    mark: Mark | None = None


def date_span(name: str) -> tuple[dt.date, int, int] | None:
    """The last date in a name (``2019-3-25``, ``20190325``, also with a time), and where it stands."""
    for match in reversed(list(_DATE.finditer(name))):
        year, month, day = (
            (int(part) for part in match.group(1, 3, 4) if part)
            if match[1]
            else (int(part) for part in match.group(5, 6, 7))
        )
        try:
            found = dt.date(year, month, day)
        except ValueError:
            continue
        if 1970 <= found.year <= 2999:
            return found, match.start(), match.end()
    return None


def date_of(name: str) -> dt.date | None:
    """The day that a file's name or a cell tells."""
    span = date_span(name)
    return span[0] if span else None


def undated(name: str) -> str:
    """The name with ``*`` in the place of each date, which is the same for each day of a family."""
    while span := date_span(name):
        name = f"{name[: span[1]]}*{name[span[2] :]}"
    return name


def number(cell: str) -> float:
    """A finite number from a cell. Errors: ValueError, with what is wrong as its text."""
    if not cell.strip():
        raise ValueError("is empty")
    try:
        value = float(cell)
    except ValueError:
        raise ValueError("does not begin with a number") from None
    if not math.isfinite(value) or abs(value) > _FURTHEST:
        raise ValueError("holds no finite number")
    return value if abs(value) > 1 / _FURTHEST else 0.0


def number_or_none(cell: str) -> float | None:
    """As ``number``; None where there is none."""
    try:
        return number(cell)
    except ValueError:
        return None


def named(names: Sequence[str], cells: Sequence[str], most: int = MOST_METRICS) -> dict[str, float | None]:
    """The numbers by column, at most so many; names are made harmless and unique, what is missing is None."""
    return {
        name: number_or_none(cells[place]) if place < len(cells) else None
        for place, name in enumerate(unique_names(names[:most]))
    }


def unique_names(names: Sequence[str]) -> list[str]:
    """Made harmless; one that is empty or repeated is told by its place."""
    found: dict[str, None] = {}
    for place, name in enumerate(names, 1):
        shown = one_line(name, 60) or f"column {place}"
        while shown in found:
            shown = f"{shown} ({place})"
        found[shown] = None
    return list(found)


def too_many(columns: int, most: int = MOST_METRICS) -> str:
    """What to say of columns that are not judged; empty where there are none."""
    return f"Of {columns:,} columns the first {most:,} are judged." if columns > most else ""


def metrics_of(readings: Sequence[Reading]) -> list[str]:
    """The names of the metrics that hold a number somewhere, in the order of their appearance."""
    found = (name for one in readings for name, value in one.values.items() if value is not None)
    return list(dict.fromkeys(found))


def only(readings: Sequence[Reading], metric: str) -> list[Reading]:
    """The readings with that metric alone, as if there were no other. Errors: BadInput."""
    names = metrics_of(readings)
    if metric not in names:
        there = ", ".join(name or "(the only one)" for name in names[:20])
        raise BadInput(f"There is no metric '{one_line(metric, 60)}'.", f"There are: {there or 'none'}.")
    kept = [dataclasses.replace(one, values={"": one.values.get(metric)}, note="") for one in readings]
    first = next(place for place, one in enumerate(kept) if one.values[""] is not None)
    return kept[first:]
