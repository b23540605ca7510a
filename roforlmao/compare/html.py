"""A comparison as one page that opens from disk: nothing is fetched, every cell is escaped.

The page's policy (CSP) lets nothing run but its own few lines of script, named by their hash.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib.resources import files
from itertools import islice

from roforlmao.compare.cells import Cell
from roforlmao.compare.deltas import delta
from roforlmao.compare.export import added, joined, removed
from roforlmao.compare.marks import Piece, mark
from roforlmao.compare.naming import naming_place
from roforlmao.compare.outcome import Outcome
from roforlmao.compare.result import CellChange, ChangedRow, Comparison, LoneRow
from roforlmao.compare.summary import summary
from roforlmao.text import clean, counted

_ROWS = 2_000  # of each list; a browser shows a table of more with delay
_COLUMNS = 40  # with changed cells that get a place of their own
_TEXT = 2_000  # characters of a cell


def to_html(outcome: Outcome, limit: int | None) -> Iterator[str]:
    """The page in pieces; at most ``limit`` rows of each list (None: ``_ROWS``), the counts are exact."""
    found, most = outcome.comparison(0), _ROWS if limit is None else limit
    yield _head(found)
    yield f"<ul>{''.join(f'<li>{_text(line)}' for line in summary(found))}</ul>\n"
    for warning in found.warnings:
        yield f'<p class="warning">{_text(warning)}</p>\n'
    yield '<p><input id="filter" type="search" placeholder="Filter rows" aria-label="Filter rows"> '
    yield '<output id="count"></output></p>\n'
    counts = found.counts
    yield from _list("Changed", counts.changed, most, _changed(outcome, found, most))
    yield from _list("Added", counts.added, most, _lone(added(outcome, most), found.new.names, "new"))
    yield from _list("Removed", counts.removed, most, _lone(removed(outcome, most), found.old.names, "old"))
    yield f"<script>{_part('page.js')}</script>\n</body>\n</html>\n"


def _head(found: Comparison) -> str:
    script = base64.b64encode(hashlib.sha256(_part("page.js").encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{script}'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{_text(f'{found.old.path} and {found.new.path}')}</title>\n"
        f"<style>{_part('page.css')}</style>\n</head>\n<body>\n<h1>Comparison</h1>\n"
    )


def _part(name: str) -> str:
    return (files("roforlmao.compare") / name).read_text("utf-8")


def _list(title: str, count: int, most: int, table: Iterable[str]) -> Iterator[str]:
    if not count:
        return
    cut = f", the first {most:,} are here" if count > most else ""
    yield f"<h2>{title}: {counted(count, 'row')}{cut}</h2>\n<table>\n"
    yield from table
    yield "</table>\n"


def _changed(outcome: Outcome, found: Comparison, most: int) -> Iterator[str]:
    """A column for each that has changed cells, those with most of them; the others' cells stand last."""
    changed = found.columns.changed
    columns = sorted(changed, key=lambda column: -changed[column])[:_COLUMNS]
    naming = naming_place(outcome)
    heads = [", ".join(found.key) or "row"]
    heads += [] if naming is None else [outcome.label(naming)]
    heads += [f"{column} ({changed[column]:,})" for column in columns]
    yield _heads(heads + (["other columns"] if len(changed) > len(columns) else []))
    yield "<tbody>\n"
    for number, (i, j) in enumerate(islice(outcome.pairing.changed, most), 1):
        row = outcome.changed_row(i, j)
        key = joined(row.key) or f"row {number:,}"
        name = "" if naming is None else f"<td>{_text(_shown(outcome.after[j][naming]))}"
        yield f"<tr><th>{_text(key)}{name}{_cells(row, columns)}</tr>\n"
    yield "</tbody>\n"


def _cells(row: ChangedRow, columns: Sequence[str]) -> str:
    by_column = {cell.column: cell for cell in row.cells}
    changes = [by_column.pop(column, None) for column in columns]
    cells = [f'<td class="changed">{_pair(change)}' if change else "<td>" for change in changes]
    rest = [f"{_text(cell.column)}: {_pair(cell)}" for cell in by_column.values()]
    return "".join(cells) + (f"<td>{'<br>'.join(rest)}" if rest else "")


def _pair(cell: CellChange) -> str:
    """Numbers with their difference, other texts with what differs in them marked."""
    old, new = _shown(cell.old), _shown(cell.new)
    if told := delta(cell.old, cell.new):
        return f"<del>{_text(old)}</del> → <ins>{_text(new)}</ins> <small>{_text(str(told))}</small>"
    before, after = mark(old, new)
    return f"<del>{_pieces(before)}</del> → <ins>{_pieces(after)}</ins>"


def _pieces(pieces: Sequence[Piece]) -> str:
    return "".join(f"<mark>{_text(p.text)}</mark>" if p.differs else _text(p.text) for p in pieces)


def _lone(rows: Iterable[LoneRow], names: Sequence[str], kind: str) -> Iterator[str]:
    yield _heads(names)
    yield "<tbody>\n"
    for row in rows:
        cells = "".join(f"<td>{_text(_shown(cell))}" for cell in row.row)
        yield f'<tr class="{kind}">{cells}</tr>\n'
    yield "</tbody>\n"


def _heads(names: Sequence[str]) -> str:
    return f"<thead><tr>{''.join(f'<th>{_text(name)}' for name in names)}</tr></thead>\n"


def _shown(cell: Cell) -> str:
    """What is not there is told from what is empty; what is too long is cut, and said to be."""
    if not cell:
        return "(none)" if cell is None else '""'
    return cell if len(cell) <= _TEXT else f"{cell[:_TEXT]}… ({len(cell):,} characters)"


def _text(text: str) -> str:
    return escape(clean(text))
