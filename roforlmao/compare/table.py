"""A snapshot as a table: labelled columns, and rows as they stand in the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from roforlmao.compare.decode import Text, decode
from roforlmao.compare.delimiter import find_delimiters
from roforlmao.compare.files import read_bytes
from roforlmao.compare.header import find_headers
from roforlmao.compare.options import Limits, Options
from roforlmao.compare.records import Row, line_of, read_records
from roforlmao.progress import Progress
from roforlmao.text import counted, one_line


@dataclass(frozen=True)
class Table:
    """``labels`` are unique: a header's cells, or numbers from 1; a ragged row has more or fewer cells.

    ``head`` is the first record where that is the header.
    """

    path: str
    labels: tuple[str, ...]
    rows: Sequence[Row]
    header: bool
    delimiter: str = ","
    encoding: str = "utf-8"
    line_ending: str = "lf"
    quoted: bool = False
    warnings: tuple[str, ...] = ()
    head: Row = ()


def read_tables(old: Path, new: Path, options: Options, progress: Progress) -> tuple[Table, Table]:
    """Both files; what one does not tell about its form is taken from the other.

    Errors: BadInput, NotFound; the message names the file, and the line where there is one.
    """
    texts = [_text(path, options.limits, progress) for path in (old, new)]
    given = options.delimiter
    delimiters = (given, given) if given else find_delimiters(texts[0].text, texts[1].text)
    read = [
        read_records(text.text, delimiter, str(path), progress)
        for text, delimiter, path in zip(texts, delimiters, (old, new), strict=True)
    ]
    if options.header == "auto":
        headers = find_headers(read[0][0], read[1][0])
    else:
        headers = (options.header == "yes",) * 2
    first, second = (
        _table(str(path), text, delimiter, records, header)
        for path, text, delimiter, records, header in zip(
            (old, new), texts, delimiters, read, headers, strict=True
        )
    )
    return first, second


def make_table(path: str, rows: Sequence[Row], *, header: bool) -> Table:
    """A table from its records, the header's row first where there is one."""
    if header and rows:
        return Table(path, unique_labels(rows[0]), rows[1:], header, head=rows[0])
    return Table(path, numbered(usual_width(Counter(map(len, rows)))), rows, header)


def unique_labels(names: Sequence[str]) -> tuple[str, ...]:
    """Repeated names are told apart by position: ``x``, ``x (2)``; an empty one is ``column 3``."""
    labels: list[str] = []
    used: set[str] = set()
    written = set(names)
    times: Counter[str] = Counter()
    for place, name in enumerate(names):
        base = label = name or f"column {place + 1}"
        while label in used or (label != name and label in written):
            times[base] += 1
            label = f"{base} ({times[base] + 1})"
        used.add(label)
        labels.append(label)
    return tuple(labels)


def _text(path: Path, limits: Limits, progress: Progress) -> Text:
    name = one_line(str(path))
    progress.start(f"Reading {name}", unit="B")
    return decode(read_bytes(path, progress, limits), name)


def _table(path: str, text: Text, delimiter: str, read: tuple[list[Row], list[str]], header: bool) -> Table:
    records, stray = read
    table = make_table(path, records, header=header)
    ragged = _ragged_warnings(table, text.text, delimiter, len(records) - len(table.rows))
    return replace(
        table,
        delimiter=delimiter,
        encoding=text.encoding,
        line_ending=text.line_ending,
        quoted='"' in text.text,
        warnings=(*text.warnings, *stray, *ragged),
    )


def _ragged_warnings(table: Table, text: str, delimiter: str, head: int) -> list[str]:
    width = len(table.labels)
    ragged = [place for place, row in enumerate(table.rows) if len(row) != width]
    if not ragged:
        return []
    name = one_line(table.path)
    line = line_of(text, delimiter, ragged[0] + head, name)
    return [ragged_warning(name, len(ragged), width, line)]


def ragged_warning(name: str, ragged: int, width: int, line: int) -> str:
    """Of rows that have not ``width`` cells; ``line`` is that of the first."""
    rows = counted(ragged, "row")
    return f"{name}: {rows} of other than {counted(width, 'cell')}, the first on line {line:,}."


def numbered(width: int) -> tuple[str, ...]:
    """The labels of columns without names."""
    return tuple(str(place + 1) for place in range(width))


def usual_width(widths: Mapping[int, int]) -> int:
    """The most frequent number of cells of a row; the larger where two are as usual."""
    return max(widths, key=lambda width: (widths[width], width), default=0)
