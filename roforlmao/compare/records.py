"""Text to records, with the csv module of the standard library: one record over all its lines.

RFC 4180 quoting. What breaks it is read where that harms no other record, and refused with its
line number where a quote would swallow other records.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice

from roforlmao.compare.options import MAX_FIELD
from roforlmao.errors import BadInput
from roforlmao.progress import Progress

Row = tuple[str, ...]
_HINT = 'Inside a quoted field, a quote is written twice: "".'
_BATCH = 20_000  # records between two looks at the progress


class OpenQuote(BadInput):
    """The text ends within a quoted field that begins on that line."""

    def __init__(self, name: str, line: int) -> None:
        super().__init__(_never_closes(name, line), _HINT)
        self.line = line


def read_records(text: str, delimiter: str, name: str, progress: Progress) -> tuple[list[Row], list[str]]:
    """The records, without empty lines, and warnings. Errors: BadInput."""
    csv.field_size_limit(MAX_FIELD)
    try:
        return _quick(text, delimiter, progress), []
    except csv.Error:
        return _careful(text, delimiter, name, progress)


def line_of(text: str, delimiter: str, index: int, name: str) -> int:
    """The line, from 1, on which the record of that index begins."""
    line, _, _ = next(islice(records_of(text, delimiter, name), index, None))
    return line


def _quick(text: str, delimiter: str, progress: Progress) -> list[Row]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    while batch := list(islice(reader, _BATCH)):
        rows.extend(map(tuple, filter(None, batch)))
        progress.checkpoint()
    return rows


def _careful(text: str, delimiter: str, name: str, progress: Progress) -> tuple[list[Row], list[str]]:
    rows: list[Row] = []
    stray: list[int] = []
    for line, row, is_stray in records_of(text, delimiter, name):
        rows.append(row)
        if is_stray:
            stray.append(line)
        if len(rows) % _BATCH == 0:
            progress.checkpoint()
    if not stray:
        return rows, []
    return rows, [stray_warning(name, stray)]


def stray_warning(name: str, stray: Sequence[int]) -> str:
    """Of lines with text after a closing quote."""
    lines = ", ".join(f"{line:,}" for line in stray[:5]) + (" ..." if len(stray) > 5 else "")
    return f"{name} has text after a closing quote (line {lines}); it was kept as part of the field."


def records_of(text: str, delimiter: str, name: str, before: int = 0) -> Iterator[tuple[int, Row, bool]]:
    """First line, record, and whether a stray quote had to be excused; ``before``: lines above the text.

    Errors: BadInput, of which OpenQuote where the text ends within quotes.
    """
    last = [""]

    def lines() -> Iterator[str]:
        for line in io.StringIO(text):
            last[0] = line
            yield line

    reader = csv.reader(lines(), delimiter=delimiter, strict=True)
    while True:
        start = before + reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "end of data" in str(error):
                raise OpenQuote(name, start) from error
            if before + reader.line_num > start or "limit" in str(error):
                raise _unreadable(name, start, error) from error
            yield start, _excused(last[0], delimiter, name, start), True
        else:
            if row:
                yield start, tuple(row), False


def _excused(line: str, delimiter: str, name: str, start: int) -> Row:
    """A single line with text after a closing quote; the second line shows whether a quote stays open."""
    rows = list(csv.reader([line.rstrip("\n") + "\n", "end"], delimiter=delimiter))
    if len(rows) != 2:
        raise BadInput(_never_closes(name, start), _HINT)
    return tuple(rows[0])


def _unreadable(name: str, line: int, error: csv.Error) -> BadInput:
    if "limit" in str(error):
        return BadInput(f"{name}, line {line}: a field of more than {MAX_FIELD:,} characters.", _HINT)
    return BadInput(f"{name}, line {line}: the quotes of that record do not match.", _HINT)


def _never_closes(name: str, line: int) -> str:
    return f"{name}, line {line}: a quote opens there and never closes."
