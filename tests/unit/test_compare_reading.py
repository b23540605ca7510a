"""What cannot be compared is refused in a sentence with its line; what is odd is read and told."""

from __future__ import annotations

import gzip
import os
import threading
import zlib
from pathlib import Path
from typing import Any

import pytest

from roforlmao.compare import options, records
from roforlmao.compare.delimiter import find_delimiters
from roforlmao.compare.engine import compare
from roforlmao.compare.header import find_headers
from roforlmao.compare.options import Limits, Options
from roforlmao.compare.table import unique_labels
from roforlmao.errors import BadInput, Cancelled, NotFound
from roforlmao.progress import Progress
from tests.unit.comparing import document, outcome

GOOD = "id,v\n1,a\n2,b\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(
            'id,v\n1,a\n2,"b\n3,c\n', "line 3: a quote opens there and never closes", id="open quote"
        ),
        pytest.param('id,v\n1,a\n2,"b', "line 3: a quote opens there and never closes", id="open at the end"),
        pytest.param('id,v\n1,a\n2,"b" c,"d\n', "line 3: a quote opens there", id="stray, then open"),
        pytest.param('id,v\n1,"tis\n2,"twas\n', "line 2: the quotes of that record", id="records swallowed"),
        pytest.param("id,v\n1,a\0b\n", "line 2: a NUL byte", id="NUL"),
        pytest.param("id,v\n1,a\0b\n".encode("utf-16"), "line 2: a NUL character", id="NUL in UTF-16"),
        pytest.param(gzip.compress(os.urandom(500)), "this is not a text file", id="gzip"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + zlib.compress(GOOD.encode()), "not a text file", id="image"),
        pytest.param(b"id,v\n1,\xff\x05\n", "line 2: control characters", id="binary without NUL"),
        pytest.param(b"\xff\xfei\0d\0\n\0\x00\xd8", "line 2: not valid utf-16", id="half a surrogate"),
        pytest.param(b"\xff\xfei\0d\0,", "not valid utf-16", id="half a character"),
    ],
)
def test_what_is_no_table_is_refused_with_its_line(content: Any, said: str, tmp_path: Path) -> None:
    for pair in ((GOOD, content), (content, GOOD)):
        with pytest.raises(BadInput, match=said) as refused:
            outcome(tmp_path, *pair)
        assert refused.value.exit_status == 2
        assert refused.value.hint


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    good = tmp_path / "good.csv"
    good.write_text(GOOD)
    os.mkfifo(tmp_path / "pipe")
    cases = {
        tmp_path / "missing.csv": "There is no file",
        tmp_path: "is a directory",
        tmp_path / "pipe": "a pipe or a device",
        Path("/dev/zero"): "a pipe or a device",
        good / "below": "Cannot read",
    }
    for path, said in cases.items():
        for pair in ((good, path), (path, good)):
            with pytest.raises(BadInput, match=said):
                compare(*pair, Options(), Progress())
    with pytest.raises(NotFound):
        compare(good, tmp_path / "missing.csv", Options(), Progress())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.csv"
    path.write_text(GOOD)
    path.chmod(0)
    with pytest.raises(BadInput, match="may not read"):
        compare(path, path, Options(), Progress())


class Writer(Progress):
    """Someone who writes to the file while it is read."""

    def __init__(self, path: Path, content: str) -> None:
        super().__init__()
        self._path, self._content = path, content

    def update(self, done: int, total: int | None = None) -> None:
        self._path.write_text(self._content)


@pytest.mark.parametrize("content", [GOOD + "3,c\n", "id\n"], ids=["grows", "shrinks"])
def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "crawl.csv"
    path.write_text(GOOD)
    with pytest.raises(BadInput, match="changed while it was read"):
        compare(path, path, Options(), Writer(path, content))


def test_limits_are_told_with_the_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = Limits(line=1000)
    with pytest.raises(BadInput, match="line 3: longer than 1,000 bytes"):
        outcome(tmp_path, GOOD, "id,v\n1,a\n2," + "x" * 1001, limits=narrow)
    assert outcome(tmp_path, GOOD, "id,v\n" + "1,a\n" * 1000, limits=narrow).counts.added == 999
    with pytest.raises(BadInput, match="at most 100 can be compared"):
        outcome(tmp_path, GOOD, "x" * 101, limits=Limits(file=100))
    monkeypatch.setattr(records, "MAX_FIELD", 20)
    with pytest.raises(BadInput, match="line 2: a field of more than 20 characters"):
        outcome(tmp_path, GOOD, f"id,v\n1,{'x' * 21}\n")
    assert options.MAX_FIELD >= 1_000_000


def test_a_sparse_file_of_two_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as handle:
        handle.truncate(2 << 30)
    with pytest.raises(BadInput, match=r"2,147,483,648 bytes"):
        compare(path, path, Options(limits=Limits(file=2_000_000_000)), Progress())
    with pytest.raises(BadInput, match="line 1: a NUL byte"):
        compare(path, path, Options(), Progress())


def test_a_hundred_thousand_columns_are_compared(tmp_path: Path) -> None:
    head = ",".join(f"c{n}" for n in range(100_000))
    row = ",".join(f"v{n}" for n in range(100_000))
    found = outcome(tmp_path, f"{head}\n{row}\n", f"{head}\n{row.replace('v77777', 'x')}\n", header="yes")
    assert found.columns.changed == {"c77777": 1}
    renamed = outcome(tmp_path, f"{head}\n{row}\n", f"{head.replace('c', 'd')}\n{row}\n", header="yes")
    assert len(renamed.columns.added) == 100_000


@pytest.mark.parametrize("options", [{"key": ("idd",)}, {"ignore": ("idd",)}], ids=["key", "ignore"])
def test_a_column_that_does_not_exist_names_those_that_do(options: Any, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no column 'idd'") as refused:
        outcome(tmp_path, GOOD, GOOD, **options)
    assert "id, v" in refused.value.hint


def test_a_key_may_be_called_by_the_old_name_of_a_renamed_column(tmp_path: Path) -> None:
    new = GOOD.replace("id", "app")
    for name in ("id", "app"):
        assert document(tmp_path, GOOD, new, key=(name,))["key"] == ["app"]


def test_a_comparison_stops_when_it_is_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("id,v\n" + "".join(f"{n},x\n" for n in range(1000)))
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        compare(path, path, Options(), progress)


def test_two_comparisons_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    found: list[int] = []

    def one(number: int) -> None:
        (tmp_path / str(number)).mkdir()
        big = f"id,v\n1,{'x' * (200_000 + number)}\n"
        found.append(outcome(tmp_path / str(number), big, GOOD).counts.changed)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1] * 8


@pytest.mark.parametrize(
    ("text", "other", "wanted"),
    [
        ("a,b\n1,2\n", "a;b\n1;2\n", ",;"),
        ("a\nb\n", "a;b\n1;2\n", ";;"),
        ("a\nb\n", "c\n", ",,"),
        ("", "a|b\n", "||"),
        ("a\tb, c\n1\t2\n", "", "\t\t"),
        ('a;b;c\nx\ny\n"two\nlines";z\n', "", ";;"),
        ("name\nann; bob\ncyd\ndan\n", "", ",,"),
        ('a;b\n"x,y,z";1\n', "", ";;"),
        ("a,b,c\n" + "1,2;3,4\n" * 500, "", ",,"),
    ],
)
def test_the_delimiter_is_the_one_that_cuts_records_alike(text: str, other: str, wanted: str) -> None:
    assert "".join(find_delimiters(text, other)) == wanted


def test_a_file_that_is_longer_than_the_sample_keeps_its_delimiter() -> None:
    long = "a;b\n" + f'1;"{"x,y" * 100_000}"\n'
    assert find_delimiters(long, long) == (";", ";")


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        pytest.param("a,5 b,6", "", (False, False), id="a number in the first row"),
        pytest.param("x,y a,6", "x,y a,7", (True, True), id="numbers below words"),
        pytest.param("id,note a,b", "", (True, True), id="a usual name"),
        pytest.param("#stamp,total 2018-05-11,260", "", (True, True), id="a commented header"),
        pytest.param("red,ann blue,bob red,cyd", "", (False, False), id="a word that comes again"),
        pytest.param("item-1,x item-2,y", "", (False, False), id="the first of a count"),
        pytest.param("p,q r,s", "r,s p,q", (False, False), id="a first row that moved"),
        pytest.param("p,q r,s", "t,u r,s", (False, False), id="first rows that share nothing"),
        pytest.param("p,q r,s", "p,q r,t", (True, True), id="nothing tells"),
        pytest.param("x,y a,6", "a,6", (True, False), id="a header that was lost"),
        pytest.param("x,y a,6", "x,y", (True, True), id="a header alone"),
    ],
)
def test_whether_the_first_row_is_a_header(old: str, new: str, wanted: tuple[bool, bool]) -> None:
    first, second = ([tuple(row.split(",")) for row in text.split()] for text in (old, new))
    assert find_headers(first, second) == wanted
    assert find_headers(second, first) == wanted[::-1]


def test_labels_are_unique_whatever_the_names() -> None:
    assert unique_labels(["x", "x", "x (2)", "", "x"]) == ("x", "x (3)", "x (2)", "column 4", "x (4)")
    assert unique_labels(["", "column 1"]) == ("column 1 (2)", "column 1")
