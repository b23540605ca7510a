"""Operators' words on runs, laid upon the readings that they are about."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from roforlmao.anomaly.readings import Reading
from roforlmao.models import Mark
from roforlmao.text import one_line

Marks = Mapping[str, Mark]
"""By the names of readings."""

_NOTE = 300  # characters of a note in a verdict


def heeding(readings: Sequence[Reading], marks: Marks) -> list[Reading]:
    """The readings with their marks; what holds other values by now, as after a new run, has none."""
    if not marks:
        return list(readings)
    return [
        dataclasses.replace(one, mark=marks[one.name]) if is_of(marks.get(one.name), one.values) else one
        for one in readings
    ]


def is_of(mark: Mark | None, values: Mapping[str, float | None]) -> bool:
    """Whether the mark was set on these values."""
    if mark is None:
        return False
    both = mark.values.keys() & values.keys()
    return bool(both or not (mark.values or values)) and all(
        mark.values[name] == values[name] for name in both
    )


def told(mark: Mark | None) -> str:
    """The mark as a sentence; empty without one."""
    if mark is None:
        return ""
    note = one_line(mark.note, _NOTE)
    return f"Marked as {mark.words}{': ' + note if note else ''}."
