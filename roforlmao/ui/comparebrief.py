"""What stands above the lists of a comparison: which list it is, and what an operator looks for first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from roforlmao.text import counted, one_line
from roforlmao.ui.painted import Cell, Fragment

if TYPE_CHECKING:
    from roforlmao.actions.comparing import ComparisonView
    from roforlmao.compare.outcome import Outcome
    from roforlmao.compare.result import Counts

_SHORTEST = 10  # characters of a path


def tabs(counts: Counts, here: int, changed: str) -> list[Fragment]:
    """The names of the five lists, the open one in brackets; ``changed`` says which rows of all."""
    names = (
        "Columns",
        f"Changed {changed or f'{counts.changed:,}'}",
        f"Added {counts.added:,}",
        f"Removed {counts.removed:,}",
        "About",
    )
    shown = [
        ("class:ask-title", f"[{name}] ") if number == here else ("class:ask-dim", f"{name}  ")
        for number, name in enumerate(names)
    ]
    style, last = shown[-1]
    return [*shown[:-1], (style, last.rstrip())]


def brief(shown: ComparisonView, room: int, profiled: int) -> list[Cell]:
    """The two files, the counts, the key, and what is out of the ordinary.

    ``profiled`` is of how many changed rows at most the numbers are summed up.
    """
    outcome = shown.outcome
    counts, key = outcome.counts, outcome.key
    moved = "some" if counts.moved is None else f"{counts.moved:,}"
    labels = ", ".join(outcome.alignment.labels[place] for place in key.places) or "whole rows"
    rows = f"{counts.changed:,} changed, {counts.added:,} added, {counts.removed:,} removed"
    return [
        _side("Old", shown.old.shown, len(outcome.old.rows), room),
        _side("New", shown.new.shown, len(outcome.new.rows), room),
        f"{rows}, {counts.unchanged:,} unchanged" + (f", {moved} moved" if counts.moved != 0 else ""),
        f"Key: {one_line(labels, 60)} ({key.source}); {key.reason}",
        *_circumstances(outcome, profiled),
    ]


def _side(name: str, path: str, rows: int, room: int) -> str:
    """The end of a long path tells more than its beginning."""
    shown, told = one_line(path), counted(rows, "row")
    left = max(_SHORTEST, room - len(f"{name}: , {told}"))
    return f"{name}: {shown if len(shown) <= left else '…' + shown[1 - left :]}, {told}"


def _circumstances(outcome: Outcome, profiled: int) -> list[Cell]:
    options, warnings = outcome.options, outcome.warnings
    told = [f"Ignored: {one_line(', '.join(options.ignore), 60)}."] if options.ignore else []
    told += [] if options.tolerance is None else [f"Tolerance: {options.tolerance}."]
    if outcome.counts.changed > profiled:
        told.append(f"Falls and rises are of the first {profiled:,} changed rows.")
    told += [f"{counted(len(warnings), 'warning')}: see About."] if warnings else []
    return [[("class:ask-error" if warnings else "", " ".join(told))]] if told else []
