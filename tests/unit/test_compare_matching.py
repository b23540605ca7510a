"""Hashes that are sorted, paired and counted in bulk: held against loops over lists."""

from __future__ import annotations

import csv
import io
from collections import Counter
from itertools import product
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roforlmao.compare.bulk import arrays
from roforlmao.compare.bulk.arrays import Growing, Partners
from roforlmao.compare.bulk.cut import Cells, Cut, Form
from roforlmao.compare.bulk.cutter import cut, in_block
from roforlmao.compare.bulk.even import Even
from roforlmao.compare.bulk.hashing import PADDING, Hasher
from roforlmao.compare.bulk.match import common, distinct, match, ordered, sharing, unique
from roforlmao.compare.bulk.moved import count_moved, in_order
from roforlmao.compare.keys import Key
from roforlmao.compare.pairing import count_moved as count_moved_slowly
from roforlmao.compare.pairing import pair_rows
from roforlmao.progress import Progress

# few upper bits and few lower ones, so that hashes and the beginnings of hashes repeat
HASHES = st.lists(
    st.builds(lambda upper, lower: upper << 61 | lower, st.integers(0, 7), st.integers(0, 40)), max_size=60
)


def nothing() -> None:
    """There is no one who might cancel."""


SLICES = pytest.mark.parametrize("size", [1, 3, 1 << 16])


@SLICES
@settings(max_examples=150, deadline=None)
@given(HASHES, st.integers(0, 80))
def test_hashes_are_sorted_equal_ones_by_their_places(size: int, hashes: list[int], room: int) -> None:
    with patch.object(arrays, "_SLICE", size):
        found = ordered(np.array(hashes, np.uint64), np.zeros(room, np.uint64))
    wanted = sorted((value, place) for place, value in enumerate(hashes))
    assert list(zip(found.hashes.tolist(), found.places.tolist(), strict=True)) == wanted
    times = Counter(hashes)
    assert distinct(found.hashes) == len(times)
    assert sharing(found.hashes) == sum(count for count in times.values() if count > 1)
    assert unique(found.hashes) is (len(times) == len(hashes))


@SLICES
@settings(max_examples=150, deadline=None)
@given(HASHES, HASHES)
def test_equal_hashes_pair_as_equal_rows_of_small_files_do(size: int, old: list[int], new: list[int]) -> None:
    records = [[(str(value),) for value in values] for values in (old, new)]
    wanted = pair_rows(
        records[0], records[1], Key((), "whole-row", ""), lambda a, b: a == b, exact=True, progress=Progress()
    )
    first, second = (ordered(np.array(values, np.uint64)) for values in (old, new))
    with patch.object(arrays, "_SLICE", size):
        found = match(first, second, nothing)
        assert common(first.hashes, second.hashes, nothing) == len(wanted.same)
    same = Partners(found.partner)
    assert (len(same), list(same), list(same[:2])) == (len(wanted.same), wanted.same, wanted.same[:2])
    assert found.lone_old.tolist() == wanted.removed
    assert found.lone_new.tolist() == wanted.added


@SLICES
@settings(max_examples=150, deadline=None)
@given(st.sets(st.integers(0, 40)), st.sets(st.integers(0, 40)))
def test_hashes_that_come_once_are_counted_a_slice_at_a_time(size: int, old: set[int], new: set[int]) -> None:
    first, second = (ordered(np.array(list(values), np.uint64)) for values in (old, new))
    with patch.object(arrays, "_SLICE", size):
        assert common(first.hashes, second.hashes, nothing) == len(old & new)
        assert match(first, second, nothing).partner.tolist() == [
            list(new).index(value) if value in new else -1 for value in old
        ]


@settings(max_examples=200, deadline=None)
@given(st.permutations(range(50)), st.integers(0, 3_000))
def test_moved_rows_are_counted_as_in_small_files(start: list[int], rest: int) -> None:
    every = [*start, *range(50, 50 + rest)]
    for places in (every, every[::-1], every[rest // 2 :] + every[: rest // 2], every[::2] + every[1::2]):
        assert count_moved(np.array(places, np.int32), nothing) == count_moved_slowly(places)


@SLICES
@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(0, 20), unique=True, max_size=6), st.lists(st.booleans(), min_size=6, max_size=6))
def test_rows_are_in_order_where_none_moved(size: int, places: list[int], lone: list[bool]) -> None:
    partner = [
        value for place, gap in zip(places, lone, strict=False) for value in ([-1] if gap else []) + [place]
    ]
    with patch.object(arrays, "_SLICE", size):
        assert in_order(np.array(partner, np.int32)) is (count_moved_slowly(places) == 0)


def test_more_is_expected_than_fits_into_memory() -> None:
    growing = Growing(np.uint64)
    growing.expect(1 << 50)
    growing.add(np.arange(3, dtype=np.uint64))
    assert growing.taken().tolist() == [0, 1, 2]


def test_moved_rows_of_a_shuffled_table_are_counted_alike() -> None:
    places = np.random.default_rng(1).permutation(20_000).astype(np.int32)
    assert count_moved(places, nothing) == count_moved_slowly(places.tolist())


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=300).map(lambda text: text.replace(b"\0", b"x")), max_size=20))
def test_texts_have_the_same_hash_if_and_only_if_they_are_the_same(texts: list[bytes]) -> None:
    texts += [b"", b"a" * 2_048, b"a" * 2_049, b"b" * 5_000]
    hasher = Hasher()
    ends = np.cumsum([len(text) + 1 for text in texts]) - 1
    starts = ends - [len(text) for text in texts]
    hashes = hasher.spans(b"\n".join(texts) + PADDING, starts, ends).tolist()
    for text, found in zip(texts, hashes, strict=True):
        alone = hasher.spans(text + PADDING, np.array([0]), np.array([len(text)]))
        assert alone.tolist() == [found]
    assert len(set(hashes)) == len(set(texts))
    assert hashes[len(texts) - 4] == int(hasher.empty)


@pytest.mark.parametrize("pair", [b"01", b"Aa", b"0p", b"~\xff", b"~\xfe"], ids=repr)
def test_a_difference_is_not_undone_by_one_in_the_next_bytes(pair: bytes) -> None:
    """All texts of two bytes at twelve places, among them the highest bytes of words and of half words."""
    fields = np.array([*product(pair, repeat=12)], np.uint8)
    texts = np.full((len(fields), 32), ord("x"), np.uint8)
    texts[:, [1, 3, 7, 8, 11, 15, 19, 22, 23, 27, 30, 31]] = fields
    starts = np.arange(0, texts.size, 32)
    for _ in range(50):
        hashes = Hasher().spans(texts.tobytes() + PADDING, starts, starts + 32)
        assert len(np.unique(hashes)) == len(texts)


def test_every_comparison_hashes_with_seeds_of_its_own() -> None:
    one, other = (
        Hasher().spans(text + PADDING, np.array([0]), np.array([len(text)])).tolist()
        for text in (b"the same", b"the same")
    )
    assert one != other


def cells(found: Cut) -> list[list[str]]:
    """Inner marks are turned back."""
    rows: list[list[str]] = []
    if isinstance(found, Even):
        extents = zip(found.begins.tolist(), found.lines.tolist(), strict=True)
        return [found.data[begin:end].decode().split(found.delimiter) for begin, end in extents]
    assert isinstance(found, Cells)
    first, starts = 0, [0, *(found.ends[:-1] + 1).tolist()] if found.starts is None else found.starts.tolist()
    for last in found.last.tolist():
        texts = [found.data[starts[cell] : found.ends[cell]] for cell in range(first, last + 1)]
        rows.append([text.replace(b"\xff", b",").replace(b"\xfe", b"\n").decode() for text in texts])
        first = last + 1
    return rows


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(b"a,b\nc,d\n", id="plain"),
        pytest.param(b"a,b\n\n\nc\n,\n", id="empty lines and cells"),
        pytest.param(b'"a","b"\r\n"c,d",e\r\n', id="quoted"),
        pytest.param(b'a,"two\nlines",b\n"""x""",""\n""\n', id="quotes and breaks in quotes"),
        pytest.param(b'a,5" disk\nb,c\n', id="a quote in a field"),
        pytest.param(b"a,b\rc,d\r", id="returns"),
        pytest.param("é,ü\n".encode(), id="not ASCII"),
    ],
)
def test_a_block_is_cut_as_the_csv_module_does(block: bytes) -> None:
    found = cut(block, Form(",", shared=True, name="t"), 1, final=True)
    text = block.decode().replace("\r\n", "\n").replace("\r", "\n")
    assert cells(found) == [row for row in csv.reader(io.StringIO(text)) if row]
    begins = in_block(found.begins, block).tolist()
    assert all(place == 0 or block[place - 1 : place] in (b"\n", b"\r") for place in begins)


def test_a_record_that_goes_on_behind_the_block_is_left_for_the_next() -> None:
    form = Form(",", shared=True, name="t")
    for block in (b'a,b\nc,"two\n', b'a,5" b\nc,"two\n'):
        found = cut(block, form, 1, final=False)
        assert (len(found), found.used, found.breaks) == (1, block.index(b"\n") + 1, 1)


ROWS = st.integers(1, 9).flatmap(
    lambda width: st.lists(
        st.lists(st.text("ab", max_size=5) | st.just("a long cell, " * 9), min_size=width, max_size=width),
        min_size=1,
        max_size=30,
    )
)


@settings(max_examples=200, deadline=None)
@given(ROWS)
def test_a_block_without_quotes_hashes_as_one_in_quotes(rows: list[list[str]]) -> None:
    form, hasher = Form(";", shared=True, name="t"), Hasher()
    rows = [row for row in rows if row != [""]]  # an empty line
    texts = [
        "".join(";".join(mark + cell + mark for cell in row) + "\n" for row in rows) for mark in ("", '"')
    ]
    even, quoted = (cut(text.encode(), form, 1, final=True) for text in texts)
    assert isinstance(even, Even) is bool(rows)
    assert even.hashes(hasher).tolist() == quoted.hashes(hasher).tolist()
    assert even.widths.tolist() == quoted.widths.tolist()
    for place in range(len(rows[0]) + 1 if rows else 1):
        assert even.column(place, hasher).tolist() == quoted.column(place, hasher).tolist()


@pytest.mark.parametrize(
    "block", [b"a,b\nc\nd,e,f\n", b"a,b\n\nc,d,e\n", b"a\n\nb\n", b"\n", b"", b",,\n\n\n,\n"], ids=repr
)
def test_a_block_of_uneven_records_or_empty_lines_is_cut_into_cells(block: bytes) -> None:
    found = cut(block, Form(",", shared=True, name="t"), 1, final=False)
    assert isinstance(found, Cells)
    assert cells(found) == [row for row in csv.reader(io.StringIO(block.decode())) if row]
