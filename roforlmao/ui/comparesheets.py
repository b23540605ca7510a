"""The lists of a comparison's screen: columns; changed, added and removed rows; what else there is to say."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from roforlmao.compare.deltas import EDGES, Profile, percent_text
from roforlmao.compare.naming import naming_place
from roforlmao.compare.summary import summary
from roforlmao.ui.changes import Look, difference, in_a_row, side_by_side, value_text
from roforlmao.ui.painted import Cell
from roforlmao.ui.sheet import Field, Lines, Rows, Sheet

if TYPE_CHECKING:
    from roforlmao.compare.outcome import Outcome
    from roforlmao.compare.table import Table

_DEEP = 40  # changed cells of a record whose differences are looked for within


@dataclass(frozen=True)
class Entry:
    """A row of the list of columns; ``state`` says what is special about it."""

    label: str
    changed: int
    state: str = ""


def entries(outcome: Outcome) -> list[Entry]:
    """Every column of either file, those with most changed cells first."""
    found, changed = outcome.columns, outcome.columns.changed
    labels = outcome.alignment.labels
    keys = {labels[place] for place in outcome.key.places}
    renamed = {one.new: f"called {one.old} before" for one in found.renamed}
    states = {label: "key" if label in keys else renamed.get(label, "") for label in labels}
    states |= {label: "beyond the last column" for label in changed if label not in states}
    states |= dict.fromkeys(found.added, "only in the new file")
    states |= dict.fromkeys(found.removed, "only in the old file")
    states |= dict.fromkeys(outcome.options.ignore, "ignored")
    listed = [Entry(label, changed.get(label, 0), state) for label, state in states.items()]
    return sorted(listed, key=lambda entry: -entry.changed)


class Sheets:
    """Makes each list from the outcome; rows and their cells are made when they are seen."""

    def __init__(self, outcome: Outcome, profiles: Mapping[str, Profile], look: Look) -> None:
        self._outcome = outcome
        self._profiles = profiles
        self._look = look
        self.entries = entries(outcome)
        self._places = {label: place for place, label in enumerate(outcome.alignment.labels)}
        beyond = [label for label in outcome.columns.changed if label not in self._places]
        keys, naming = set(outcome.key.places), naming_place(outcome)
        beside = [label for label, place in self._places.items() if place not in keys] + beyond
        named = "" if naming is None else outcome.label(naming)
        changed = outcome.columns.changed
        self.labels = sorted(beside, key=lambda label: (label != named, -changed.get(label, 0)))
        """The columns beside the key's: what rows are called, then those with most changed cells."""

    def columns(self, title: Cell, lines: Lines) -> Sheet:
        heads = ("column", "changed", "of rows", "median", "fall  rise", "falls", "rises")
        rows = Rows(len(self.entries), lambda row: self._column(self.entries[row]))
        return Sheet(title, heads, rows, right=(1, 2, 3, 5, 6), lines=lines)

    def _column(self, entry: Entry) -> Sequence[Cell]:
        paired = self._outcome.counts.changed + self._outcome.counts.unchanged
        name: Cell = [("", entry.label), ("class:ask-dim", f"  {entry.state}" if entry.state else "")]
        if not entry.changed:
            return (name,)
        counted = (name, f"{entry.changed:,}", f"{100 * entry.changed / max(1, paired):.0f} %")
        profile = self._profiles.get(entry.label)
        if profile is None:
            return counted
        middle = "" if profile.median is None else percent_text(profile.median)
        return (*counted, middle, self._look.spark(profile.bars), f"{profile.falls:,}", f"{profile.rises:,}")

    def all_but(self, wanted: Collection[str]) -> set[int]:
        """The columns of the changed rows that are neither wanted nor name the rows."""
        naming = naming_place(self._outcome)
        shown = {*wanted, *([] if naming is None else [self._outcome.label(naming)])}
        return {column for column, label in enumerate(self.labels, 1) if label not in shown}

    def changed(self, title: Cell, lines: Sequence[Cell], picked: Sequence[int] | None) -> Sheet:
        """All changed rows, or the ``picked`` ones; a column for each that is compared."""
        pairs = self._outcome.pairing.changed
        places = range(len(pairs)) if picked is None else picked
        key = ", ".join(self._outcome.alignment.labels[place] for place in self._outcome.key.places)
        return Sheet(
            title,
            (key or "row", *self.labels),
            Rows(len(places), lambda row: self._changed_row(*pairs[places[row]])),
            lines=lines,
            card=lambda row: self._changed_card(*pairs[places[row]]),
            heads=("old", "new"),
            empty="No row changed.",
        )

    def _changed_row(self, i: int, j: int) -> Sequence[Cell]:
        found, after = self._outcome.changed_row(i, j), self._outcome.after[j]
        changes = {cell.column: cell for cell in found.cells}

        def cell(column: int) -> Cell:
            if not column:
                return " | ".join(value_text(part) for part in found.key) or f"row {j + 1:,}"
            label = self.labels[column - 1]
            if label in changes:
                return in_a_row(changes[label], self._look)
            place = self._places.get(label, len(after))
            return [("class:ask-dim", after[place] or "" if place < len(after) else "")]

        return Rows(len(self.labels) + 1, cell)

    def _changed_card(self, i: int, j: int) -> list[Field]:
        """Changed cells first, old and new side by side; then what stayed as it was."""
        found, after = self._outcome.changed_row(i, j), self._outcome.after[j]
        changed = {cell.column for cell in found.cells}
        fields = [
            Field(cell.column, side_by_side(cell, self._look, deep=number < _DEEP), difference(cell))
            for number, cell in enumerate(found.cells)
        ]
        same = (label for label in self._places if label not in changed)
        return fields + [
            Field(label, (value_text(after[self._places[label]]),))
            for label in same
            if self._places[label] < len(after)
        ]

    def added(self, title: Cell, lines: Sequence[Cell]) -> Sheet:
        new = [pair[1] for pair in self._outcome.alignment.pairs]
        return self._lone(title, lines, self._outcome.new, self._outcome.pairing.added, new)

    def removed(self, title: Cell, lines: Sequence[Cell]) -> Sheet:
        old = [pair[0] for pair in self._outcome.alignment.pairs]
        return self._lone(title, lines, self._outcome.old, self._outcome.pairing.removed, old)

    def _lone(
        self, title: Cell, lines: Sequence[Cell], table: Table, rows: Sequence[int], compared: Sequence[int]
    ) -> Sheet:
        """Rows of one file, with the key's columns and the one that names rows first."""
        naming, width = naming_place(self._outcome), len(table.labels)
        first = [*self._outcome.key.places, *([] if naming is None else [naming])]
        front = [compared[place] for place in first if compared[place] < width]
        order = [*front, *(place for place in range(width) if place not in set(front))]

        def row(number: int) -> Sequence[Cell]:
            cells = table.rows[rows[number]]
            return [*(cells[place] if place < len(cells) else "" for place in order), *cells[width:]]

        return Sheet(
            title,
            [table.labels[place] for place in order],
            Rows(len(rows), row),
            lines=lines,
            empty="No row.",
        )

    def about(self, title: Cell, lines: Sequence[Cell]) -> Sheet:
        """What the summary says, warnings, and how to read the list of columns."""
        told = [_split(line) for line in summary(self._outcome.comparison(0))]
        told += [("Warning", warning) for warning in self._outcome.warnings]
        return Sheet(title, ("about", "what"), [*told, ("fall  rise", _LEGEND)], lines=lines)


def _split(line: str) -> tuple[str, str]:
    name, sign, rest = line.partition(": ")
    return (name, rest) if sign else ("", line)


_LEGEND = (
    "The bars count changes of numbers between these limits, in percent, and beyond the outer ones: "
    + ", ".join(f"{edge:g}" for edge in EDGES)
)
