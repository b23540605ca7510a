"""A block of a file cut into records and cells: thousands at a time where its quotes are regular.

The result is that of the csv module of the standard library, which reads the other blocks.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from roforlmao.compare.bulk.arrays import Flags, Places
from roforlmao.compare.bulk.cut import Cells, Cut, Form, after
from roforlmao.compare.bulk.even import cut_even
from roforlmao.compare.bulk.hashing import PADDING
from roforlmao.compare.options import MAX_FIELD
from roforlmao.compare.records import OpenQuote, records_of

_NEWLINE, _RETURN, _QUOTE = 10, 13, 34
# No bytes of UTF-8 text: they stand for a delimiter and a line break inside a cell, so that the
# bytes of a record tell how it was cut.
_INNER_DELIMITER, _INNER_NEWLINE = 0xFF, 0xFE
_Bytes = npt.NDArray[np.uint8]


def cut(block: bytes, form: Form, line: int, *, final: bool) -> Cut:
    """The records that end in the block, which ends with a line break unless it is the final one.

    ``line`` is the number of its first line, for errors. Errors: BadInput.
    """
    text = unified(block)
    if final and not text.endswith(b"\n"):
        text += b"\n"
    if b'"' in text:
        found = _quoted(text, form, final=final)
    elif len(text) <= MAX_FIELD and (even := cut_even(text, form.delimiter)):
        return even
    else:
        found = _plain(text, form)
    # the csv module says which field is too long
    if found is None or (len(text) > MAX_FIELD and bool((np.diff(found.ends, prepend=-1) > MAX_FIELD).any())):
        return _by_record(text, form, line, final=final)
    return found


def unified(block: bytes) -> bytes:
    """With ``\\n`` for every line break."""
    return block.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in block else block


def in_block(places: Places, block: bytes) -> Places:
    """Where places of the text, which has ``\\n`` for every line break, stand in the block itself."""
    if b"\r" not in block:
        return places
    content = np.frombuffer(block, np.uint8)
    returns = np.flatnonzero((content[:-1] == _RETURN) & (content[1:] == _NEWLINE))
    return places + np.searchsorted(returns - np.arange(len(returns)), places)


def _plain(text: bytes, form: Form) -> Cells:
    content = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero((content == _NEWLINE) | (content == ord(form.delimiter)))
    last = np.flatnonzero(content[ends] == _NEWLINE)
    return _without_blank(text, text + PADDING, (ends, ends), last, len(text), len(last))


def _quoted(text: bytes, form: Form, *, final: bool) -> Cells | None:
    """None where a quote stands in the middle of a field, or text behind a closing one."""
    content = np.frombuffer(text, np.uint8)
    quotes = np.flatnonzero(content == _QUOTE)
    separators = np.flatnonzero((content == ord(form.delimiter)) | (content == _NEWLINE))
    # an odd number of quotes before it: inside
    inner = (np.searchsorted(quotes, separators) & 1).astype(np.bool_)
    outer = separators[~inner]
    breaks = outer[content[outer] == _NEWLINE]
    if len(quotes) & 1 and final:
        return None
    used = int(breaks[-1]) + 1 if len(breaks) else 0
    if not _regular(content, quotes, ord(form.delimiter)):
        return None
    quotes = quotes[quotes < used]
    data, dropped = _unquoted(content[:used], quotes, separators[inner], form)
    outer = outer[outer < used]
    ends = outer - np.searchsorted(dropped, outer)
    last = np.flatnonzero(content[outer] == _NEWLINE)
    return _without_blank(text, data, (ends, outer), last, used, text.count(b"\n", 0, used))


def _regular(content: _Bytes, quotes: Places, delimiter: int) -> bool:
    """Whether every quoted field begins and ends at a separator; two quotes inside it are one."""
    opening, closing = quotes[::2], quotes[1::2]
    before = content[opening - 1]
    if len(opening) and opening[0] == 0:
        before[0] = _NEWLINE
    behind = content[np.minimum(closing + 1, len(content) - 1)]
    return all(
        bool(((found == delimiter) | (found == _NEWLINE) | (found == _QUOTE)).all())
        for found in (before, behind)
    )


def _unquoted(content: _Bytes, quotes: Places, inner: Places, form: Form) -> tuple[bytes, Places]:
    """The text without the quotes around fields, and the places of what was dropped."""
    closing = quotes[1::2]
    doubled = content[np.minimum(closing + 1, len(content) - 1)] == _QUOTE
    dropped = np.sort(np.concatenate((quotes[::2], closing[~doubled])))
    kept = np.ones(len(content), np.bool_)
    kept[dropped] = False
    marked = content.copy()
    inner = inner[inner < len(content)]
    breaks = content[inner] == _NEWLINE
    marked[inner[breaks]] = _INNER_NEWLINE
    if form.shared:
        marked[inner[~breaks]] = _INNER_DELIMITER
    return marked[kept].tobytes() + PADDING, dropped


def _without_blank(
    text: bytes, data: bytes, ends: tuple[Places, Places], last: Places, used: int, breaks: int
) -> Cells:
    """Without empty lines; ``ends`` are those of the cells in ``data`` and in ``text``."""
    begins, firsts = after(ends[1]), after(last)
    blank: Flags = (last == firsts) & (ends[1][last] == begins[firsts])
    if not bool(blank.any()):
        return Cells(text, data, _common_width(last), begins[firsts], used, breaks, ends[0], last)
    kept = np.ones(len(begins), np.bool_)
    kept[last[blank]] = False
    last = (np.cumsum(kept) - 1)[last[~blank]]
    begins, starts = begins[firsts[~blank]], after(ends[0])[kept]
    return Cells(text, data, _common_width(last), begins, used, breaks, ends[0][kept], last, starts)


def _common_width(last: Places) -> int:
    """0 where the records have different ones, or there are none."""
    widths = np.diff(last, prepend=-1)
    return int(widths[0]) if len(widths) and bool((widths == widths[0]).all()) else 0


def _by_record(text: bytes, form: Form, line: int, *, final: bool) -> Cells:
    """By the csv module."""
    cells: list[bytes] = []
    last: list[int] = []
    lines: list[int] = []
    stray: list[int] = []
    open_from = None
    separator = form.delimiter.encode()
    try:
        for start, row, is_stray in records_of(text.decode(), form.delimiter, form.name, line - 1):
            cells += [_marked(cell.encode(), form) for cell in row]
            last.append(len(cells) - 1)
            lines.append(start - line)
            stray += [start] if is_stray else []
    except OpenQuote as error:
        if final:
            raise
        open_from = error.line - line
    breaks = np.flatnonzero(np.frombuffer(text, np.uint8) == _NEWLINE)
    begins = after(breaks)
    ends = np.cumsum(np.fromiter((len(cell) + 1 for cell in cells), np.int64, len(cells))) - 1
    numbers = np.array(last, np.int64)
    return Cells(
        text,
        b"".join([cell + separator for cell in cells]) + PADDING,
        _common_width(numbers),
        begins[lines],
        len(text) if open_from is None else int(begins[open_from]),
        len(breaks) if open_from is None else open_from,
        ends,
        numbers,
        stray=tuple(stray),
    )


def _marked(cell: bytes, form: Form) -> bytes:
    cell = cell.replace(b"\n", bytes([_INNER_NEWLINE]))
    return cell.replace(form.delimiter.encode(), bytes([_INNER_DELIMITER])) if form.shared else cell
