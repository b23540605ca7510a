"""A comparison in sentences, and its three lists cut to what fits on a screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from roforlmao.compare.result import Comparison, Counts, LoneRow, Side
from roforlmao.text import counted, one_line

_MOST_COLUMNS = 12  # named in a sentence
_CELL = 60  # characters shown of one


def summary(found: Comparison) -> list[str]:
    """Files, verdict, key, columns; one line each."""
    counts = found.counts
    rows = f"{counts.added:,} added, {counts.removed:,} removed, {counts.changed:,} changed"
    lines = [_side("Old", found.old), _side("New", found.new)]
    lines.append("The two are identical." if found.identical else "The two differ.")
    lines.append(f"Rows: {found.old.rows:,} before, {found.new.rows:,} after; {rows}.")
    lines.append(f"Unchanged: {counts.unchanged:,}{_moved(counts)}.")
    key = ", ".join(one_line(label, 40) for label in found.key) or "whole rows"
    lines.append(f"Key: {key} ({found.key_source}): {found.key_reason}.")
    return lines + list(_columns(found))


def lists(found: Comparison, rows: int, width: int) -> list[str]:
    """At most ``rows`` rows of each list, in lines of at most ``width`` characters."""
    changed = [
        f"{_key(row.key) or f'row {number}'}: "
        + "; ".join(f"{_named(found, c.column)} {_cell(c.old)} -> {_cell(c.new)}" for c in row.cells)
        for number, row in enumerate(found.changed[:rows], 1)
    ]
    parts = (
        ("Changed", found.counts.changed, changed),
        ("Added", found.counts.added, [_lone(row) for row in found.added[:rows]]),
        ("Removed", found.counts.removed, [_lone(row) for row in found.removed[:rows]]),
    )
    lines: list[str] = []
    for title, count, shown in parts:
        if count:
            lines += ["", f"{title}: {counted(count, 'row')}"]
            lines += [f"  {one_line(line, width - 2)}" for line in shown]
            if count > len(shown):
                lines.append(f"  ... and {count - len(shown):,} more; --output FILE or --json has them.")
    return lines


def _moved(counts: Counts) -> str:
    if counts.moved is None:
        return ", of which some moved (--moved counts them)"
    return f", of which {counts.moved:,} moved" if counts.moved else ""


def _side(title: str, side: Side) -> str:
    character = side.delimiter if side.delimiter.isprintable() else f"character {ord(side.delimiter)}"
    delimiter = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}.get(side.delimiter, character)
    header = "header" if side.header else "no header"
    form = f"{delimiter}, {header}, {side.encoding}"
    return f"{title}: {one_line(side.path)} ({counted(side.columns, 'column')}, {form})"


def _columns(found: Comparison) -> Iterator[str]:
    columns = found.columns
    for title, labels in (
        ("added", columns.added),
        ("removed", columns.removed),
        ("renamed", [f"{one.old} -> {one.new}" for one in columns.renamed]),
        ("in another order", columns.reordered),
        ("with changed cells", [f"{label} ({times:,})" for label, times in columns.changed.items()]),
    ):
        if labels:
            yield f"Columns {title}: {_some(labels)}."


def _some(labels: Sequence[str]) -> str:
    shown = ", ".join(one_line(label, 60) for label in labels[:_MOST_COLUMNS])
    more = len(labels) - _MOST_COLUMNS
    return f"{shown} and {more:,} more" if more > 0 else shown


def _lone(row: LoneRow) -> str:
    return " | ".join(_cell(cell) for cell in row.row)


def _key(key: Sequence[str | None]) -> str:
    return " | ".join(_cell(cell) for cell in key)


def _named(found: Comparison, label: str) -> str:
    """A column's name; a number is said to be one."""
    return one_line(label, 30) if found.new.header or found.old.header else f"column {label}"


def _cell(cell: str | None) -> str:
    """Short; what is not there is told from what is empty."""
    text = "(none)" if cell is None else one_line(cell) or '""'
    # identifiers often differ at their end only
    return text if len(text) <= _CELL else f"{text[: _CELL // 2 - 1]}…{text[-_CELL // 2 :]}"
