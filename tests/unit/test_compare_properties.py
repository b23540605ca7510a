"""Generated tables against an oracle of lists and loops, slow and obviously right."""

from __future__ import annotations

import csv
import io
import tempfile
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from roforlmao.compare.cells import Cell, Record
from roforlmao.compare.engine import Outcome, compare, compare_tables
from roforlmao.compare.options import Options
from roforlmao.compare.table import Table, make_table
from roforlmao.progress import Progress

Row = tuple[str, ...]
HEAD = ("id", "name", "value")

# Few values, so that keys and rows repeat; and what breaks readers of CSV.
plain = st.sampled_from(["a", "b", "c", "", "1", "1.0", "2"])
nasty = st.one_of(
    plain,
    st.sampled_from(
        ['"', '""', 'a"b', "x,y", "x;y", "x\ty", "x|y", "two\nlines", " a", "é", "=1", "\x1b[2J"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=4),
)


def rows_of(
    cell: st.SearchStrategy[str], width: int = 3, ragged: bool = False
) -> st.SearchStrategy[list[Row]]:
    widths = st.integers(1, width + 2) if ragged else st.just(width)
    row = widths.flatmap(lambda size: st.tuples(*[cell] * size))
    return st.lists(row, max_size=9)


ragged_tables = rows_of(nasty, ragged=True)
tables = rows_of(plain)
keys = st.lists(st.sampled_from([0, 1, 2]), min_size=1, max_size=3, unique=True).map(tuple)


@dataclass(frozen=True)
class Form:
    """How a file is written."""

    delimiter: str
    quoting: int
    ending: str
    encoding: str
    final_newline: bool

    def write(self, path: Path, rows: list[Row]) -> None:
        out = io.StringIO()
        # QUOTE_MINIMAL, QUOTE_ALL or QUOTE_NONNUMERIC: the constants are literals to the type checker
        writer = csv.writer(out, delimiter=self.delimiter, quoting=self.quoting, lineterminator="\n")  # type: ignore[arg-type]
        writer.writerows(rows)
        text = out.getvalue().replace("\n", self.ending)
        if not self.final_newline and text.endswith(self.ending):
            text = text[: -len(self.ending)]
        path.write_bytes(text.encode(self.encoding))


forms = st.builds(
    Form,
    st.sampled_from(",;\t|"),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.booleans(),
)


@dataclass(frozen=True)
class Answer:
    """What the oracle finds: multisets, as rows and pairs of rows."""

    added: Counter[Row]
    removed: Counter[Row]
    changed: Counter[tuple[Row, Row]]
    unchanged: int


def oracle(old: list[Row], new: list[Row], key: tuple[int, ...]) -> Answer:
    """Equal rows cancel; what is left pairs by key, the first with the first. No key: nothing pairs."""
    left, right = list(old), []
    for row in new:
        if row in left:
            left.remove(row)
        else:
            right.append(row)
    unchanged = len(old) - len(left)
    changed: Counter[tuple[Row, Row]] = Counter()
    added: Counter[Row] = Counter()
    for row in right:
        partner = next((one for one in left if key and cells(one, key) == cells(row, key)), None)
        if partner is None:
            added[row] += 1
        else:
            left.remove(partner)
            changed[partner, row] += 1
    return Answer(added, Counter(left), changed, unchanged)


def cells(row: Row, places: tuple[int, ...]) -> tuple[Cell, ...]:
    return tuple(row[place] if place < len(row) else None for place in places)


def found(outcome: Outcome) -> Answer:
    old, new, pairing = outcome.old.rows, outcome.new.rows, outcome.pairing
    return Answer(
        Counter(new[j] for j in pairing.added),
        Counter(old[i] for i in pairing.removed),
        Counter((old[i], new[j]) for i, j in pairing.changed),
        len(pairing.same),
    )


def table(rows: list[Row], head: Row = HEAD) -> Table:
    return make_table("t", [head, *rows], header=True)


def run(old: Table, new: Table, options: Options | None = None) -> Outcome:
    return compare_tables(old, new, options or Options(), Progress())


def labels(places: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(HEAD[place] for place in places)


@settings(max_examples=500, deadline=None)
@given(ragged_tables, ragged_tables, keys, forms, forms)
def test_two_files_in_any_form_compare_as_the_oracle_says(
    old: list[Row], new: list[Row], key: tuple[int, ...], first: Form, second: Form
) -> None:
    options = Options(labels(key), "yes")
    with tempfile.TemporaryDirectory() as top:
        paths = (Path(top, "old"), Path(top, "new"))
        # a header of several cells and equal forms tell the delimiter; here each side is told it by itself
        first.write(paths[0], [HEAD, *old])
        second.write(paths[1], [HEAD, *new])
        if first.delimiter == second.delimiter:
            options = Options(labels(key), "yes", first.delimiter)
            outcome = compare(*paths, options, Progress())
            assert found(outcome) == oracle(old, new, key)
        else:
            given_first = compare(paths[0], paths[0], Options((), "yes", first.delimiter), Progress())
            given_second = compare(paths[1], paths[1], Options((), "yes", second.delimiter), Progress())
            assert found(run(given_first.old, given_second.old, options)) == oracle(old, new, key)


@settings(max_examples=300, deadline=None)
@given(rows_of(st.sampled_from(["a", "b c", "1", "x", "two words", "7.5"])), forms, forms)
def test_the_form_of_a_file_is_found(rows: list[Row], first: Form, second: Form) -> None:
    with tempfile.TemporaryDirectory() as top:
        paths = (Path(top, "old"), Path(top, "new"))
        first.write(paths[0], [HEAD, *rows])
        second.write(paths[1], [HEAD, *rows])
        outcome = compare(*paths, Options(), Progress())
    assert outcome.identical
    assert [outcome.old.delimiter, outcome.new.delimiter] == [first.delimiter, second.delimiter]
    assert outcome.old.labels == outcome.new.labels == HEAD
    assert outcome.new.encoding == second.encoding


@settings(max_examples=600, deadline=None)
@given(tables, tables)
def test_a_key_that_is_found_is_what_it_is_said_to_be(old: list[Row], new: list[Row]) -> None:
    outcome = run(table(old), table(new))
    places, source = outcome.key.places, outcome.key.source
    assert found(outcome) == oracle(old, new, places)
    for rows in (old, new):
        values = [cells(row, places) for row in rows]
        if source in ("unique", "composite"):
            assert len(set(values)) == len(values)
            assert not any("" in value or None in value for value in values)
    assert len(places) == {"unique": 1, "occurrence": 1, "whole-row": 0}.get(source, len(places))
    assert source != "composite" or len(places) == 2


tolerances = st.sampled_from([None, Decimal(0), Decimal("0.5"), Decimal(1)])
numbers = st.sampled_from(["0", "0.5", "1", "1.0", "1.5", "2", "a", ""])


@settings(max_examples=400, deadline=None)
@given(
    rows_of(numbers, ragged=True),
    rows_of(numbers, ragged=True),
    st.one_of(st.just(()), keys),
    tolerances,
    st.permutations(HEAD),
    st.lists(st.sampled_from(HEAD), max_size=2, unique=True),
)
def test_new_against_old_mirrors_old_against_new(
    old: list[Row],
    new: list[Row],
    key: tuple[int, ...],
    tolerance: Decimal | None,
    order: list[str],
    ignore: list[str],
) -> None:
    options = Options(
        tuple(label for label in labels(key) if label not in ignore),
        ignore=tuple(ignore),
        tolerance=tolerance,
    )
    first, second = table(old), table(new, tuple(order))
    there, back = run(first, second, options), run(second, first, options)
    assert there.key.source == back.key.source
    assert set(there.comparison().key) == set(back.comparison().key)
    assert there.pairing.added == back.pairing.removed
    assert there.pairing.removed == back.pairing.added
    assert sorted((j, i) for i, j in there.pairing.changed) == back.pairing.changed
    assert sorted((j, i) for i, j in there.pairing.same) == back.pairing.same
    assert there.counts.moved == back.counts.moved
    assert there.columns.changed == back.columns.changed
    assert set(there.columns.reordered) == set(back.columns.reordered)
    assert there.identical is back.identical


@settings(max_examples=300, deadline=None)
@given(ragged_tables, keys, forms)
def test_nothing_differs_from_itself(rows: list[Row], key: tuple[int, ...], form: Form) -> None:
    with tempfile.TemporaryDirectory() as top:
        path = Path(top, "same")
        form.write(path, [HEAD, *rows])
        for options in (Options(), Options(labels(key), "yes", form.delimiter)):
            outcome = compare(path, path, options, Progress())
            assert outcome.identical
            assert outcome.counts.unchanged == len(outcome.old.rows) == len(outcome.new.rows)
            assert outcome.counts.moved == 0
            assert not outcome.columns.changed


def applied(record: Record, changes: dict[str, Cell], labels: tuple[str, ...]) -> Record:
    """The record with those cells; one of None ends it."""
    places = {label: place for place, label in enumerate(labels)}
    width = max([len(record), *(places.get(name, 0) + 1 for name in changes)])
    names = {place: name for name, place in places.items()}
    out = [
        changes.get(names.get(place, ""), record[place] if place < len(record) else None)
        for place in range(width)
    ]
    while len(out) > 3 and out[-1] is None:
        out.pop()
    return tuple(out)


@settings(max_examples=400, deadline=None)
@given(ragged_tables, ragged_tables, st.one_of(st.just(()), keys))
def test_the_result_applied_to_the_old_table_gives_the_new_one(
    old: list[Row], new: list[Row], key: tuple[int, ...]
) -> None:
    outcome = run(table(old), table(new), Options(labels(key)))
    pairing, comparison = outcome.pairing, outcome.comparison()
    names = (*HEAD, "column 4", "column 5")
    made = Counter(outcome.before)
    made -= Counter(outcome.before[i] for i in pairing.removed)
    for (i, _), row in zip(pairing.changed, comparison.changed, strict=True):
        before = outcome.before[i]
        made[before] -= 1
        made[applied(before, {cell.column: cell.new for cell in row.cells}, names)] += 1
    made += Counter(outcome.after[j] for j in pairing.added)
    assert made == Counter(outcome.after)
    assert [row.row for row in comparison.added] == [new[j] for j in pairing.added]
    counts = comparison.counts
    assert counts.removed + counts.changed + counts.unchanged == len(old)
    assert counts.added + counts.changed + counts.unchanged == len(new)
