"""Two files in, an Outcome out: read, align the columns, find the key, pair the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from roforlmao.compare.cells import Record, Same, differing, sameness
from roforlmao.compare.columns import Alignment, align
from roforlmao.compare.facts import RecordFacts
from roforlmao.compare.files import size_of
from roforlmao.compare.keys import Columns, Facts, Key, search_key
from roforlmao.compare.options import Options
from roforlmao.compare.outcome import Outcome, Totals
from roforlmao.compare.pairing import Pair, Pairing, count_moved, pair_rows
from roforlmao.compare.table import Table, read_tables
from roforlmao.progress import Progress

__all__ = ["Outcome", "compare", "compare_tables"]


def compare(old: Path, new: Path, options: Options, progress: Progress) -> Outcome:
    """Errors: BadInput, NotFound."""
    if max(size_of(old), size_of(new)) >= options.limits.large:
        from roforlmao.compare.bulk.engine import compare_large

        outcome = compare_large(old, new, options, progress)
        if outcome:
            return outcome
    return compare_tables(*read_tables(old, new, options, progress), options, progress)


def compare_tables(old: Table, new: Table, options: Options, progress: Progress) -> Outcome:
    """Errors: BadInput (a column that does not exist)."""
    progress.start("Comparing")
    first, second, options = borrowed(old, new, options)
    alignment = align(first, second, options.ignore)
    before = _records(first, [i for i, _ in alignment.pairs])
    after = _records(second, [j for _, j in alignment.pairs])
    key = choose_key(first, second, alignment, RecordFacts(before, after, progress.checkpoint), options)
    same = sameness(options.tolerance)
    if alignment.pairs or not (alignment.added or alignment.removed):
        pairing = pair_rows(before, after, key, same, options.tolerance is None, progress)
    else:  # without a column in common no row is like another
        pairing = Pairing((), (), range(len(before)), range(len(after)))
    sharing = [_sharing(rows, key) if key.places else 0 for rows in (before, after)]
    changed = changed_cells(before, after, pairing.changed, same)
    totals = Totals(count_moved([j for _, j in pairing.same]), changed, (sharing[0], sharing[1]))
    return Outcome(old, new, alignment, before, after, key, pairing, totals, options)


def borrowed(old: Table, new: Table, options: Options) -> tuple[Table, Table, Options]:
    """An empty file tells nothing about columns: it takes those of the other."""
    first = replace(old, labels=new.labels, header=new.header) if not old.labels else old
    second = replace(new, labels=old.labels, header=old.header) if not new.labels else new
    return first, second, options if first.labels else replace(options, key=(), ignore=())


def choose_key(old: Table, new: Table, alignment: Alignment, facts: Facts, options: Options) -> Key:
    """The one that is given, or the best. Errors: BadInput (no such column)."""
    if options.key:
        places = dict.fromkeys(alignment.place(name, old, new) for name in options.key)
        return Key(tuple(places), "given", "as asked for")
    ranks = [
        (min(i, j), max(i, j), tuple(sorted((old.labels[i], new.labels[j])))) for i, j in alignment.pairs
    ]
    return search_key(facts, Columns(alignment.labels, ranks))


def changed_cells(
    before: Sequence[Record], after: Sequence[Record], changed: Iterable[Pair], same: Same
) -> Counter[int]:
    """How often the cells at each place of a record differ."""
    return Counter(place for i, j in changed for place in differing(before[i], after[j], same))


def _records(table: Table, places: Sequence[int]) -> Sequence[Record]:
    """The compared cells of each row; then those of a ragged row that stand beyond the last column."""
    width = len(table.labels)
    plain = list(places) == list(range(width))
    return [
        row
        if plain and len(row) == width
        else (*(row[place] if place < len(row) else None for place in places), *row[width:])
        for row in table.rows
    ]


def _sharing(rows: Sequence[Record], key: Key) -> int:
    times = Counter(map(key.of, rows))
    return sum(count for count in times.values() if count > 1)
