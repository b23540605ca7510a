"""Two large files in, an Outcome out, as ``compare.engine`` makes it of small ones.

Both are read in blocks. Equal records cancel by their hashes; only what is left is read again:
cell by cell as hashes where it is counted, as rows where it is shown.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from roforlmao.compare.bulk.alike import compare_alike
from roforlmao.compare.bulk.arrays import Hashes, Pairs
from roforlmao.compare.bulk.cells import CellCounter
from roforlmao.compare.bulk.facts import HashFacts, HashLikeness
from roforlmao.compare.bulk.forms import find_forms, find_heads, guess_keys
from roforlmao.compare.bulk.hashing import Hasher
from roforlmao.compare.bulk.match import Matched, distinct, match, ordered, sharing
from roforlmao.compare.bulk.moved import count_moved, in_order
from roforlmao.compare.bulk.near import pair_by_key, pair_near
from roforlmao.compare.bulk.rows import FileRows, Records
from roforlmao.compare.bulk.side import Side
from roforlmao.compare.bulk.source import WIDEST, Source, Unsuited
from roforlmao.compare.bulk.survey import survey
from roforlmao.compare.cells import sameness
from roforlmao.compare.columns import Alignment, align
from roforlmao.compare.engine import borrowed, changed_cells, choose_key
from roforlmao.compare.keys import Key
from roforlmao.compare.options import MAX_FIELD, MAX_FILE, Options
from roforlmao.compare.outcome import Outcome, Totals
from roforlmao.compare.pairing import Pair, Pairing
from roforlmao.compare.table import Table
from roforlmao.errors import BadInput
from roforlmao.progress import Progress

_BATCH = 1_000  # pairs between two looks at the progress
_KEPT = 31 << 20  # bytes; glibc learns from up to 32 MiB


def compare_large(old: Path, new: Path, options: Options, progress: Progress) -> Outcome | None:
    """None where the files have to be read as a whole, and can be. Errors: BadInput, NotFound."""
    csv.field_size_limit(MAX_FIELD)
    _keep_freed_memory()
    sources = (Source(old, options.limits), Source(new, options.limits))
    try:
        for source in sources:
            source.check_encoding()
        return compare_alike(sources, options, progress) or _compare(sources, options, progress)
    except Unsuited as error:
        for source in sources:
            if source.size > MAX_FILE:
                raise BadInput(
                    f"{source.name} holds {source.size:,} bytes; files that are not UTF-8, or have more than "
                    f"{WIDEST:,} columns, are compared up to {MAX_FILE:,}.",
                    "Convert them to UTF-8, as with iconv, or compare parts of them.",
                ) from error
        return None


@cache
def _keep_freed_memory() -> None:
    """Freeing a large piece once makes glibc keep smaller ones: each block would fault its pages in anew."""
    bytes(_KEPT)


class _Two(NamedTuple):
    """Both files: their hashes, tables, and compared records."""

    sides: tuple[Side, Side]
    alignment: Alignment
    records: tuple[Records, Records]

    def places(self, which: int) -> list[int]:
        """The compared columns of the old (0) or the new (1) file."""
        return [pair[which] for pair in self.alignment.pairs]


def _compare(sources: tuple[Source, Source], options: Options, progress: Progress) -> Outcome:
    sides = _read(sources, options, progress)
    old, new = _table(sides[0]), _table(sides[1])
    first, second, options = borrowed(old, new, options)
    alignment = align(first, second, options.ignore, HashLikeness(*sides))
    before = Records(first.rows, [i for i, _ in alignment.pairs], len(first.labels))
    after = Records(second.rows, [j for _, j in alignment.pairs], len(second.labels))
    two = _Two(sides, alignment, (before, after))
    matched, different = _match(two, progress)
    facts = HashFacts(sides, alignment.pairs, matched, different)
    key = choose_key(first, second, alignment, facts, options)
    pairing, shared = _pair(two, matched, key, options, progress)
    changed = _changed_cells(two, pairing, options, progress)
    totals = Totals(_moved(matched.partner, options, progress), changed, shared)
    return Outcome(old, new, alignment, before, after, key, pairing, totals, options)


def _read(sources: tuple[Source, Source], options: Options, progress: Progress) -> tuple[Side, Side]:
    forms = find_forms(sources, options)
    headers = find_heads(sources, forms, options, progress)
    hasher = Hasher()
    found = []
    for source, form, header in zip(sources, forms, headers, strict=True):
        guessed = guess_keys(source, form, header, options, progress)
        found.append(Side(survey(source, form, hasher, guessed, progress), header, hasher, progress))
    return found[0], found[1]


def _table(side: Side) -> Table:
    found = side.survey
    rows = FileRows(found, side.head)
    return Table(
        str(found.source.path),
        side.labels,
        rows,
        side.header,
        found.form.delimiter,
        "utf-8-sig" if found.source.start else "utf-8",
        found.line_ending,
        found.quoted,
        tuple(found.warnings(side.width, side.head)),
        side.first_row if side.head else (),
    )


def _match(two: _Two, progress: Progress) -> tuple[Matched, tuple[int, int]]:
    """Equal records, and how many different ones either side has."""
    progress.start("Comparing")
    old, new = two.sides
    if two.alignment.pairs or not (two.alignment.added or two.alignment.removed):
        hashes = _records(two, 0)
        before, after = ordered(hashes), ordered(_records(two, 1), hashes)
        return match(before, after, progress.checkpoint), (distinct(before.hashes), distinct(after.hashes))
    # without a column in common no row is like another
    lone = Matched(np.full(old.count, -1, np.int32), np.arange(old.count), np.arange(new.count))
    return lone, (old.count, new.count)


def _records(two: _Two, which: int) -> Hashes:
    """The hash of each record; that of the whole record where all columns stand where they stood."""
    old, new = two.sides
    plain = list(range(old.width)) == two.places(0) == two.places(1) and old.width == new.width
    whole = two.sides[which].take_whole()
    if plain and old.survey.form.shared:
        return whole
    return two.sides[which].projected(two.places(which))


def _pair(
    two: _Two, matched: Matched, key: Key, options: Options, progress: Progress
) -> tuple[Pairing, tuple[int, int]]:
    """How rows pair, and how many of either side share their key with another."""
    keys: tuple[Hashes, Hashes] | None = None
    shared = (0, 0)
    if key.places:
        old, new = (
            side.combined([two.places(which)[place] for place in key.places])
            for which, side in enumerate(two.sides)
        )
        keys = (old[matched.lone_old], new[matched.lone_new])
        if key.source in ("given", "occurrence"):
            shared = (sharing(np.sort(old)), sharing(np.sort(new)))
    for side in two.sides:
        side.forget()
    if options.tolerance is None or not two.alignment.pairs:
        return pair_by_key(matched, keys, progress), shared
    return pair_near(matched, keys, key, two.records, sameness(options.tolerance), progress), shared


def _changed_cells(two: _Two, pairing: Pairing, options: Options, progress: Progress) -> Mapping[int, int]:
    changed = pairing.changed
    if not changed:
        return {}
    same = sameness(options.tolerance)
    if options.tolerance is not None or not isinstance(changed, Pairs):
        return changed_cells(*two.records, _watched(changed, progress), same)
    counter = CellCounter(*two.sides, two.alignment.pairs)
    odd = counter.odd(changed)
    found: Counter[int] = changed_cells(*two.records, _watched(changed.where(odd), progress), same)
    return found + counter.count(changed.where(~odd))


def _moved(partner: npt.NDArray[np.int32], options: Options, progress: Progress) -> int | None:
    if in_order(partner):
        return 0
    return count_moved(partner[partner >= 0], progress.checkpoint) if options.moved else None


def _watched(pairs: Sequence[Pair], progress: Progress) -> Iterator[Pair]:
    """The same pairs, which can be stopped at."""
    for turn, pair in enumerate(pairs):
        if turn % _BATCH == 0:
            progress.update(turn, len(pairs))
            progress.checkpoint()
        yield pair
