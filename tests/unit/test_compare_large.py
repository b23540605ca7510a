"""Large files: what is compared in blocks by hashes is what the tier for small files finds."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roforlmao.compare.bulk import source
from roforlmao.compare.bulk.cut import Form
from roforlmao.compare.bulk.forms import guess_keys
from roforlmao.compare.options import Limits, Options
from roforlmao.compare.result import Counts
from roforlmao.errors import BadInput
from roforlmao.progress import Progress
from tests.test_boundaries import loaded_by
from tests.unit.comparing import Content, outcome
from tests.unit.test_compare_semantics import CASES, Case

IN_BLOCKS, AT_ONCE = Limits(large=0), Limits(large=1 << 40)

cell = st.sampled_from(
    [
        *[
            "a",
            "b",
            "c",
            "",
            "1",
            "1.0",
            "2",
            "01",
            "é",
            '""',
            '"a"',
            '"a,b"',
            '"a""b"',
            '"x\ny"',
            '"x\r\ny"',
        ],
        *["a;b", 'a"b', '"a" b', " a", '"', "two words", "x" * 40, '"' + "long, " * 30 + '"', "2020-01-02"],
    ]
)
plain = st.sampled_from(["a", "b", "c", "", "1", "2", "3.5", "x y", "longer than eight bytes"])
ENDINGS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r", "\n\n"])
HEADS = st.sampled_from(
    ["id,name,value", "name,value,id", "id,v", "id,name,extra,value", "", "value,name,key"]
)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Rows of some three cells; what separates and ends them may vary."""
    kind = draw(st.sampled_from([plain, plain, cell]))
    rows = draw(st.lists(st.lists(kind, min_size=3, max_size=3), max_size=12))
    delimiter = draw(st.sampled_from(",,,;\t"))
    if draw(st.booleans()):
        rows = [[f"k{number}", *row[1:]] for number, row in enumerate(rows)]
    if draw(st.booleans()):
        rows = [row[: draw(st.integers(1, 3))] + draw(st.lists(kind, max_size=2)) for row in rows]
    head = draw(HEADS)
    lines = [head.replace(",", delimiter)] if head else []
    lines += [delimiter.join(row) for row in draw(st.permutations(rows))]
    mixed = draw(st.booleans())
    ending = draw(ENDINGS)
    text = "".join(line + (draw(ENDINGS) if mixed else ending) for line in lines)
    if draw(st.booleans()):
        text = text.rstrip("\r\n")
    return (b"\xef\xbb\xbf" if draw(st.integers(0, 9)) == 0 else b"") + text.encode()


@st.composite
def pairs(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """Two files; the second is often a changed copy of the first."""
    old = draw(files())
    if draw(st.booleans()):
        return old, draw(files())
    lines = old.split(b"\n")
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(lines) - 1))
        line = draw(st.sampled_from([b"k1,a,b", b"a,b,c", b"", lines[place], lines[place] + b"x", b"k2;a;b"]))
        lines[place : place + draw(st.integers(0, 1))] = [line]
    return old, b"\n".join(lines)


OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "key": st.sampled_from([("id",), ("name",), ("1",), ("id", "name"), ("1", "2")]),
        "header": st.sampled_from(["yes", "no"]),
        "delimiter": st.sampled_from([",", ";"]),
        "ignore": st.sampled_from([("value",), ("2",)]),
        "tolerance": st.sampled_from(["0", "0.5", "2"]),
        "moved": st.just(True),
    },
)


def answer(top: Path, old: Content, new: Content, limits: Limits, **options: Any) -> Any:
    """Everything that a comparison says, or its refusal."""
    try:
        found = outcome(top, old, new, limits=limits, **options)
    except BadInput as error:
        return error.message
    whole = found.comparison()
    assert len(found.pairing.same) == whole.counts.unchanged
    counts = whole.counts if options.get("moved") else uncounted(whole.counts)
    said = {
        **vars(whole),
        "counts": counts,
        "same": list(found.pairing.same),
        "changed pairs": list(found.pairing.changed),
    }
    if old == new:  # known at once: then no key and no rows of other lengths are looked for
        return {name: said[name] for name in ("old", "new", "identical", "columns", "counts", "same")}
    return said


def uncounted(counts: Counts) -> Counts:
    """As the tier of large files counts moved rows where nobody asked for them."""
    return replace(counts, moved=None) if counts.moved else counts


@pytest.mark.parametrize("block", [16, 64, 1 << 19])
@settings(max_examples=400, deadline=None)
@given(pairs(), OPTIONS)
def test_both_tiers_say_the_same(block: int, contents: tuple[bytes, bytes], options: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as top, patch.object(source, "BLOCK", block):
        small = answer(Path(top), *contents, AT_ONCE, **options)
        assert answer(Path(top), *contents, IN_BLOCKS, **options) == small


@pytest.mark.parametrize(
    "content", [b"\xef\xbb\xbf\na\na\n", b"a,b\n\n1,2\n", b'"a"\n"x\ny"\n', b"a,b\r\n1,2", "é\nü\n".encode()]
)
def test_rows_of_identical_files_are_counted_whatever_their_lines(content: bytes, tmp_path: Path) -> None:
    for options in ({}, {"key": ("a",), "header": "yes"}):
        small = answer(tmp_path, content, content, AT_ONCE, **options)
        assert answer(tmp_path, content, content, IN_BLOCKS, **options) == small


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_case_of_the_semantics_is_the_same_in_blocks(case: Case, tmp_path: Path) -> None:
    for pair in ((case.old, case.new), (case.new, case.old)):
        small = answer(tmp_path, *pair, AT_ONCE, **case.options)
        assert answer(tmp_path, *pair, IN_BLOCKS, **case.options) == small


@pytest.mark.parametrize(
    "extra",
    ["k3,a", "k3,other", "k98,a\nk98,b", ",a", "k100,a", "k99,v99\nk100,v100"],
    ids=["of an equal row", "with another cell", "twice", "empty", "new", "two new ones"],
)
def test_a_key_that_one_of_few_rows_repeats_is_not_unique(extra: str, tmp_path: Path) -> None:
    rows = "id,value\n" + "".join(f"k{number},v{number % 5}\n" for number in range(90))
    for pair in ((rows, rows + extra), (rows + extra, rows), (rows + "k91,x", rows + extra)):
        small = answer(tmp_path, *pair, AT_ONCE)
        assert answer(tmp_path, *pair, IN_BLOCKS) == small


def test_a_cell_that_holds_the_delimiter_of_the_other_file_is_not_two_cells(tmp_path: Path) -> None:
    pair = ("x,y;z\nfoo;bar\nbar;foo\n", "z,w,q\nfoo,bar,k\nx,y,z\n")
    for contents in (pair, pair[::-1]):
        small = answer(tmp_path, *contents, AT_ONCE)
        assert small["old"].header
        assert answer(tmp_path, *contents, IN_BLOCKS) == small


def test_many_blocks_of_rows_that_moved_changed_came_and_went(tmp_path: Path) -> None:
    old = [f"{number},{number % 7},{number % 1000}" for number in range(60_000)]
    new = [line.replace(",3,", ",x,") if number % 100 == 0 else line for number, line in enumerate(old)]
    new = [f"n{number},1,2" for number in range(50)] + new[200:40_000][::-1] + new[40_000:]
    contents = ["id,kind,size\n" + "\n".join(rows) + "\n" for rows in (old, new)]
    small = outcome(tmp_path, *contents, limits=AT_ONCE)
    assert outcome(tmp_path, *contents, limits=IN_BLOCKS).counts.moved is None
    found = outcome(tmp_path, *contents, limits=IN_BLOCKS, moved=True)
    assert vars(found.comparison()) == vars(small.comparison())
    assert found.counts.moved
    changed = sum(1 for number in range(200, 60_000, 100) if number % 7 == 3)
    counts = found.counts
    assert (counts.added, counts.removed, counts.changed) == (50, 200, changed)
    assert list(found.pairing.added[10:13]) == [10, 11, 12]
    assert found.pairing.changed[0] == next(iter(found.pairing.changed))
    assert found.old.rows[-1] == ("59999", "2", "999")


@pytest.mark.parametrize(
    ("repeated_at", "guessed"), [(1, [0]), (10, [0]), (30, [0, 1])], ids=["first block", "third", "later"]
)
def test_a_column_that_repeats_in_the_first_blocks_is_not_taken_for_a_key(
    repeated_at: int, guessed: list[int], tmp_path: Path
) -> None:
    rows = [f"id{number:03},name{0 if number == repeated_at else number:03}\n" for number in range(40)]
    (tmp_path / "table.csv").write_text("id,name\n" + "".join(rows))
    file = source.Source(tmp_path / "table.csv", IN_BLOCKS)
    with patch.object(source, "BLOCK", 64):
        found = guess_keys(file, Form(",", True, file.name), True, Options(), Progress())
    assert list(found) == guessed


def test_the_tier_of_large_files_is_loaded_for_large_files_only(tmp_path: Path) -> None:
    (tmp_path / "small.csv").write_text("id,v\n1,a\n")
    (tmp_path / "large.csv").write_text(
        "id,v\n" + "".join(f"{n},aaaaaaaaaaaaaaaaaaaa\n" for n in range(330_000))
    )
    code = (
        "from pathlib import Path; from roforlmao.compare.engine import compare; "
        "from roforlmao.compare.options import Options; from roforlmao.progress import Progress; "
        f"compare(Path('{tmp_path}/small.csv'), Path('{tmp_path}/{{}}.csv'), Options(), Progress())"
    )
    small, large = (loaded_by(code.format(name)) for name in ("small", "large"))
    assert not small & {"numpy", "roforlmao.compare.bulk"}
    assert large >= {"numpy", "roforlmao.compare.bulk"}
    assert "polars" not in large


def test_numpy_starts_no_threads_takes_plain_pages_and_tools_are_told_nothing_of_that() -> None:
    code = (
        "import os; before = dict(os.environ); import roforlmao.compare.bulk; "
        "from numpy._core.multiarray import _get_madvise_hugepage as huge; "
        "print(len(os.listdir('/proc/self/task')), huge(), os.environ == before)"
    )
    wanted = ("OPENBLAS_NUM_THREADS", "NUMPY_MADVISE_HUGEPAGE")
    given = {name: value for name, value in os.environ.items() if name not in wanted}
    project = Path(__file__).resolve().parent.parent.parent
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, check=True, cwd=project, env=given, text=True)
    assert done.stdout == "1 False True\n"
