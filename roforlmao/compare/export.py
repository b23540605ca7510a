"""A comparison to take along: JSON, CSV for a spreadsheet, Markdown, HTML, and the added rows by themselves.

Each is written piece by piece, so that a large one never stands in memory as a whole.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from roforlmao.compare.outcome import Outcome
from roforlmao.compare.result import ChangedRow, LoneRow, Side
from roforlmao.compare.summary import summary
from roforlmao.errors import BadInput
from roforlmao.models import as_json
from roforlmao.text import counted, one_line

Exporter = Callable[[Outcome, "int | None"], Iterator[str]]
"""The text in pieces, at most so many rows of each list in it (None: all)."""

# What a spreadsheet would take for a formula (CSV injection, OWASP).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]<>#|~$!&"})


def exporter(path: Path) -> Exporter:
    """What writes the form that the file's ending tells. Errors: BadInput."""
    found = _forms().get(path.suffix.lower())
    if found is None:
        raise BadInput(
            f"'{one_line(path.name, 60)}' does not say in what form to write.",
            "Let it end in .json, .csv, .md or .html.",
        )
    return found


def _forms() -> Mapping[str, Exporter]:
    from roforlmao.compare.html import to_html

    return {".json": to_json, ".csv": to_csv, ".md": to_markdown, ".html": to_html, ".htm": to_html}


def to_json(outcome: Outcome, limit: int | None) -> Iterator[str]:
    """The same document as ``--json``."""
    document = as_json(outcome.comparison(0))
    lists: dict[str, Iterable[object]] = {
        "changed": changed_rows(outcome, limit),
        "added": added(outcome, limit),
        "removed": removed(outcome, limit),
    }
    document["truncated"] = limit is not None and any(document["counts"][name] > limit for name in lists)
    rest = {name: value for name, value in document.items() if name not in lists}
    yield json.dumps(rest, indent=2).removesuffix("\n}")
    for name, rows in lists.items():
        yield f',\n  "{name}": ['
        for number, row in enumerate(rows):
            yield f"{',' if number else ''}\n    {json.dumps(as_json(row))}"
        yield "\n  ]"
    yield "\n}\n"


def to_csv(outcome: Outcome, limit: int | None) -> Iterator[str]:
    """One row for each changed cell, and for each cell of an added or removed row.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    line = _Line(",")
    yield line.of(("change", "key", "column", "old", "new"))
    for row in _cell_rows(outcome, limit):
        yield line.of([_quoted(cell) for cell in row])


def to_markdown(outcome: Outcome, limit: int | None) -> Iterator[str]:
    """For a paper or an issue: the summary, then the three lists as tables."""
    found = outcome.comparison(0)
    yield "\n".join(["# Comparison", "", *(f"- {_marked(line)}" for line in summary(found)), "", ""])

    def changed() -> Iterator[tuple[str | None, ...]]:
        for row in changed_rows(outcome, limit):
            for cell in row.cells:
                yield joined(row.key), cell.column, cell.old, cell.new

    def came() -> Iterator[tuple[str, ...]]:
        return (lone.row for lone in added(outcome, limit))

    def went() -> Iterator[tuple[str, ...]]:
        return (lone.row for lone in removed(outcome, limit))

    columns = ("key", "column", "old", "new")
    yield from _section("Changed", found.counts.changed, limit, columns, changed)
    yield from _section("Added", found.counts.added, limit, found.new.names, came)
    yield from _section("Removed", found.counts.removed, limit, found.old.names, went)


def added_rows(outcome: Outcome) -> Iterator[str]:
    """The added rows as they stand in the new file, with its header and delimiter."""
    new, line = outcome.new, _Line(outcome.new.delimiter)
    if new.head:
        yield line.of(new.head)
    for place in outcome.pairing.added:
        yield line.of(new.rows[place])


def changed_rows(outcome: Outcome, limit: int | None) -> Iterator[ChangedRow]:
    return (outcome.changed_row(i, j) for i, j in islice(outcome.pairing.changed, limit))


def added(outcome: Outcome, limit: int | None) -> Iterator[LoneRow]:
    return map(outcome.added_row, islice(outcome.pairing.added, limit))


def removed(outcome: Outcome, limit: int | None) -> Iterator[LoneRow]:
    return map(outcome.removed_row, islice(outcome.pairing.removed, limit))


class _Line:
    """Writes one row at a time as CSV."""

    def __init__(self, delimiter: str) -> None:
        self._out = io.StringIO()
        self._writer = csv.writer(self._out, delimiter=delimiter, lineterminator="\n")

    def of(self, cells: Sequence[str | None]) -> str:
        self._writer.writerow(cells)
        text = self._out.getvalue()
        self._out.seek(0)
        self._out.truncate()
        return text


def _cell_rows(outcome: Outcome, limit: int | None) -> Iterator[tuple[str | None, ...]]:
    for row in changed_rows(outcome, limit):
        for cell in row.cells:
            yield "changed", joined(row.key), cell.column, cell.old, cell.new
    sides = outcome.comparison(0)
    for lone in removed(outcome, limit):
        for column, value in _labelled(sides.old, lone.row):
            yield "removed", joined(lone.key), column, value, None
    for lone in added(outcome, limit):
        for column, value in _labelled(sides.new, lone.row):
            yield "added", joined(lone.key), column, None, value


def _labelled(side: Side, row: Sequence[str]) -> Iterator[tuple[str, str]]:
    for place, value in enumerate(row):
        yield side.names[place] if place < len(side.names) else f"column {place + 1}", value


def joined(key: Sequence[str | None]) -> str:
    """The cells of a row's key, as one text."""
    return " | ".join(cell or "" for cell in key)


def _quoted(cell: str | None) -> str:
    return f"'{cell}" if cell and cell.startswith(_FORMULA) else cell or ""


def _section(
    title: str,
    count: int,
    limit: int | None,
    names: Sequence[str],
    rows: Callable[[], Iterable[Sequence[str | None]]],
) -> Iterator[str]:
    """The rows are read twice: cells of a ragged one beyond the last column need a head."""
    if not count:
        return
    width = max([len(names), *map(len, rows())])
    heads = [*names, *(f"column {place + 1}" for place in range(len(names), width))]
    shown = f", the first {limit:,} here" if limit is not None and limit < count else ""
    yield f"## {title}: {counted(count, 'row')}{shown}\n\n{_row(heads)}|{' --- |' * width}\n"
    for row in rows():
        yield _row([*row, *[None] * (width - len(row))])
    yield "\n"


def _row(cells: Sequence[str | None]) -> str:
    return f"| {' | '.join(_marked(cell or '') for cell in cells)} |\n"


def _marked(text: str) -> str:
    """On one line, and nothing in it read as markup."""
    return one_line(text).translate(_MARKS)
