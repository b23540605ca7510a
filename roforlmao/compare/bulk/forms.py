"""How two large files are written, from their first block: delimiters, headers, columns worth a look."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np

from roforlmao.compare.bulk.cut import Form
from roforlmao.compare.bulk.cutter import cut, unified
from roforlmao.compare.bulk.hashing import Hasher
from roforlmao.compare.bulk.match import unique
from roforlmao.compare.bulk.source import WIDEST, Source, Unsuited
from roforlmao.compare.bulk.survey import SAMPLED
from roforlmao.compare.delimiter import find_delimiters
from roforlmao.compare.header import SAMPLE, find_headers
from roforlmao.compare.options import Options
from roforlmao.compare.records import Row, records_of
from roforlmao.progress import Progress

_BEGIN = 1 << 18  # bytes: more than the characters that the search for a delimiter looks at
_GUESSED = 2  # columns that are hashed with the records, as they may be the key


def find_forms(sources: tuple[Source, Source], options: Options) -> tuple[Form, Form]:
    """Errors: Unsuited, of a delimiter that is more than a byte."""
    if options.delimiter:
        delimiters = (options.delimiter, options.delimiter)
    else:
        delimiters = find_delimiters(*(_begin(source) for source in sources))
    if not all(delimiter.isascii() for delimiter in delimiters):
        raise Unsuited
    shared = delimiters[0] == delimiters[1]
    first, second = (
        Form(delimiter, shared, source.name) for delimiter, source in zip(delimiters, sources, strict=True)
    )
    return first, second


def find_heads(
    sources: tuple[Source, Source], forms: tuple[Form, Form], options: Options, progress: Progress
) -> tuple[bool, bool]:
    """Whether each has a header. Errors: BadInput, Unsuited."""
    if options.header != "auto":
        return (options.header == "yes",) * 2
    old, new = (first_rows(*one, progress) for one in zip(sources, forms, strict=True))

    def elsewhere() -> bool:
        return _holds(sources[1], forms[1], old[0], progress) or _holds(
            sources[0], forms[0], new[0], progress
        )

    return find_headers(old, new, elsewhere)


def first_rows(source: Source, form: Form, progress: Progress) -> list[Row]:
    """Enough to tell whether the first is a header."""
    rows: list[Row] = []
    for block in source.blocks(form, progress):
        found, wanted = block.cut, SAMPLE + 1 - len(rows)
        end = int(found.begins[wanted]) if len(found) > wanted else found.used
        rows += [row for _, row, _ in records_of(found.text[:end].decode(), form.delimiter, form.name)]
        if len(rows) > SAMPLE:
            break
    return rows


def guess_keys(source: Source, form: Form, head: bool, options: Options, progress: Progress) -> Sequence[int]:
    """Columns that are the key or may be it: given ones, else what does not repeat in the first blocks."""
    rows = first_rows(source, form, progress)
    if not rows:
        return ()
    if options.key:
        labels = rows[0] if head else [str(place + 1) for place in range(len(rows[0]))]
        return [labels.index(name) for name in options.key if name in labels][:_GUESSED]
    hasher = Hasher()
    sample = [block.cut for block in islice(source.blocks(form, progress), SAMPLED)]
    places = list(range(min(len(rows[0]), WIDEST)))
    for cuts in (sample[:1], sample):
        columns = ((place, [cut.column(place, hasher) for cut in cuts]) for place in places)
        places = [place for place, found in columns if unique(np.sort(np.concatenate(found)[head:]))]
    return places[:_GUESSED]


def _begin(source: Source) -> str:
    """The first characters."""
    return unified(source.read(source.start, _BEGIN)).decode(errors="ignore")


def _holds(source: Source, form: Form, row: Row, progress: Progress) -> bool:
    """Whether that row stands below the first one."""
    # else one cell that holds a delimiter would be like two
    form = form._replace(shared=True)
    wanted = _as_bytes(row, form)
    hasher = Hasher()
    whole = cut(wanted, form, 1, final=True).hashes(hasher)[0]
    for number, block in enumerate(source.blocks(form, progress)):
        found = block.cut.hashes(hasher)
        if bool((found[0 if number else 1 :] == whole).any()):
            return True
    return False


def _as_bytes(row: Row, form: Form) -> bytes:
    cells = ['"{}"'.format(cell.replace('"', '""')) for cell in row]
    return form.delimiter.join(cells).encode()
