"""Two files that are the same, byte for byte: known without cutting them into cells."""

from __future__ import annotations

from codecs import IncrementalDecoder, getincrementaldecoder
from collections import Counter
from collections.abc import Callable, Sequence
from typing import overload

import numpy as np

from roforlmao.compare.bulk.arrays import Pairs
from roforlmao.compare.bulk.cut import Form
from roforlmao.compare.bulk.forms import find_forms, find_heads, first_rows
from roforlmao.compare.bulk.hashing import Hasher
from roforlmao.compare.bulk.rows import FileRows
from roforlmao.compare.bulk.source import BLOCK, Source
from roforlmao.compare.bulk.survey import survey
from roforlmao.compare.columns import align
from roforlmao.compare.decode import refuse_nul
from roforlmao.compare.keys import Key
from roforlmao.compare.options import Options
from roforlmao.compare.outcome import Outcome, Totals
from roforlmao.compare.pairing import Pairing
from roforlmao.compare.records import Row
from roforlmao.compare.table import Table, numbered, unique_labels, usual_width
from roforlmao.progress import Progress

_REASON = "the files are the same, byte for byte"


def compare_alike(sources: tuple[Source, Source], options: Options, progress: Progress) -> Outcome | None:
    """None where they differ, or where only their cells tell what is to be said of them.

    Rows are counted as lines, columns in the first ones; no key is looked for, nor rows of other lengths.
    Errors: BadInput, Unsuited.
    """
    old, new = sources
    if options.key or options.ignore or old.size != new.size or old.size == old.start:
        return None
    lines = _common_lines(old, new, progress)
    if not lines:
        return None
    forms = find_forms(sources, options)
    header, _ = find_heads(sources, forms, options, progress)
    first, second = (_table(*one, lines, header, progress) for one in zip(sources, forms, strict=True))
    same = np.arange(len(first.rows), dtype=np.int32)
    pairing = Pairing(Pairs(same, same), (), (), ())
    key = Key((), "whole-row", _REASON)
    return Outcome(
        first, second, align(first, second), first.rows, second.rows, key, pairing, Totals(), options
    )


class _Rows(Sequence[Row]):
    """Counted; where they are in the file is looked up when the first one is asked for."""

    def __init__(self, count: int, find: Callable[[], Sequence[Row]]) -> None:
        self._count = count
        self._find = find
        self._rows: Sequence[Row] | None = None

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        self._rows = self._rows or self._find()
        return self._rows[index]


def _common_lines(old: Source, new: Source, progress: Progress) -> int:
    """How many lines both have; 0 where they differ, or where lines are not simply rows."""
    progress.start(f"Comparing {old.name}", old.size, "B")
    lines, last = 0, b"\n"
    decoder = getincrementaldecoder("utf-8")()
    for at in range(old.start, old.size, BLOCK):
        progress.checkpoint()
        block = old.read(at, BLOCK)
        final = at + BLOCK >= old.size
        if block != new.read(at, BLOCK) or not _is_plain(block, decoder, final):
            return 0
        refuse_nul(block, old.name, lines + 1)
        breaks = np.frombuffer(block, np.uint8) == ord("\n")
        if (last == block[:1] == b"\n") or bool((breaks[1:] & breaks[:-1]).any()):
            return 0
        lines += int(np.count_nonzero(breaks))
        last = block[-1:]
        progress.update(at, old.size)
    for source in (old, new):
        source.check_unchanged("while it was read")
    return lines + (last != b"\n")


def _is_plain(block: bytes, decoder: IncrementalDecoder, final: bool) -> bool:
    """Whether it is UTF-8 without quotes and returns."""
    if b'"' in block or b"\r" in block:
        return False
    if block.isascii() and not decoder.getstate()[0]:
        return True
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _table(source: Source, form: Form, lines: int, header: bool, progress: Progress) -> Table:
    first = first_rows(source, form, progress)
    head = first[0]
    labels = unique_labels(head) if header else numbered(usual_width(Counter(map(len, first))))

    def find() -> Sequence[Row]:
        return FileRows(survey(source, form, Hasher(), (), progress), int(header))

    rows = _Rows(lines - header, find)
    ending = "lf" if lines > 1 or source.read(source.size - 1, 1) == b"\n" else "none"
    encoding = "utf-8-sig" if source.start else "utf-8"
    return Table(
        str(source.path),
        labels,
        rows,
        header,
        form.delimiter,
        encoding,
        ending,
        head=head if header else (),
    )
