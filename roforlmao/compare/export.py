"""A comparison to take along: JSON, CSV for a spreadsheet, Markdown, and the added rows by themselves."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from roforlmao.compare.result import Comparison
from roforlmao.compare.summary import summary
from roforlmao.compare.table import Table
from roforlmao.errors import BadInput
from roforlmao.models import as_json
from roforlmao.text import counted, one_line

# What a spreadsheet would take for a formula (CSV injection, OWASP).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]<>#|~$!"})


def formats() -> Mapping[str, Callable[[Comparison], str]]:
    """How a comparison is written, by the file's ending."""
    return {".json": to_json, ".csv": to_csv, ".md": to_markdown}


def exporter(path: Path) -> Callable[[Comparison], str]:
    """The one for that file. Errors: BadInput."""
    found = formats().get(path.suffix.lower())
    if found is None:
        raise BadInput(
            f"'{one_line(path.name, 60)}' does not say in what form to write.",
            "Let it end in .json, .csv or .md.",
        )
    return found


def to_json(found: Comparison) -> str:
    """The same document as ``--json``."""
    import json

    return json.dumps(as_json(found), indent=2) + "\n"


def to_csv(found: Comparison) -> str:
    """One row for each changed cell, and for each cell of an added or removed row.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("change", "key", "column", "old", "new"))
    for row in _cell_rows(found):
        writer.writerow([_quoted(cell) for cell in row])
    return out.getvalue()


def to_markdown(found: Comparison) -> str:
    """For a paper or an issue: the summary, then the three lists as tables."""
    lines = ["# Comparison", "", *(f"- {_marked(line)}" for line in summary(found)), ""]
    changed = [
        (_joined(row.key), cell.column, cell.old, cell.new) for row in found.changed for cell in row.cells
    ]
    lines += _section("Changed", found.counts.changed, ("key", "column", "old", "new"), changed)
    for title, count, rows, names in (
        ("Added", found.counts.added, found.added, found.new.names),
        ("Removed", found.counts.removed, found.removed, found.old.names),
    ):
        lines += _section(title, count, names, [row.row for row in rows])
    return "\n".join(lines) + "\n"


def added_rows(new: Table, added: Sequence[int]) -> str:
    """The added rows as they stand in the new file, with its header and delimiter."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=new.delimiter, lineterminator="\n")
    if new.head:
        writer.writerow(new.head)
    writer.writerows(new.rows[place] for place in added)
    return out.getvalue()


def _cell_rows(found: Comparison) -> Iterator[tuple[str | None, ...]]:
    for row in found.changed:
        for cell in row.cells:
            yield "changed", _joined(row.key), cell.column, cell.old, cell.new
    for lone in found.removed:
        for column, value in _labelled(found.old.names, lone.row):
            yield "removed", _joined(lone.key), column, value, None
    for lone in found.added:
        for column, value in _labelled(found.new.names, lone.row):
            yield "added", _joined(lone.key), column, None, value


def _labelled(names: Sequence[str], row: Sequence[str]) -> Iterator[tuple[str, str]]:
    for place, value in enumerate(row):
        yield names[place] if place < len(names) else f"column {place + 1}", value


def _joined(key: Sequence[str | None]) -> str:
    return " | ".join(cell or "" for cell in key)


def _quoted(cell: str | None) -> str:
    return f"'{cell}" if cell and cell.startswith(_FORMULA) else cell or ""


def _section(title: str, count: int, names: Sequence[str], rows: Sequence[Sequence[str | None]]) -> list[str]:
    if not rows:
        return []
    width = max([len(names), *map(len, rows)])
    heads = [*names, *(f"column {place + 1}" for place in range(len(names), width))]
    table = [heads, ["---"] * width, *(_filled(row, width) for row in rows)]
    return [f"## {title}: {counted(count, 'row')}", "", *map(_line, table), ""]


def _filled(row: Sequence[str | None], width: int) -> list[str]:
    return [_marked(cell or "") for cell in row] + [""] * (width - len(row))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _marked(text: str) -> str:
    """On one line, and nothing in it read as markup."""
    return one_line(text).translate(_MARKS)
