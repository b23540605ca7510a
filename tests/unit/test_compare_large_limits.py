"""Large files that cannot be compared are refused in a sentence, in little memory and time."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from roforlmao.compare.bulk import engine as bulk
from roforlmao.compare.engine import compare
from roforlmao.compare.options import Limits, Options
from roforlmao.errors import BadInput, Cancelled
from roforlmao.progress import Progress
from tests.unit.comparing import Content, document, outcome

IN_BLOCKS = Limits(large=0)
GOOD = "id,v\n1,a\n2,b\n"
ROWS = "id,v\n" + "".join(f"{number},value {number}\n" for number in range(50_000))
PROJECT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(ROWS + '7,"a\n', "line 50002: a quote opens there and never closes", id="open quote"),
        pytest.param(ROWS + '7,"a" b,"c\n8,d\n', "line 50002: a quote opens there", id="stray, then open"),
        pytest.param(ROWS + "7,a\0b\n", "line 50002: a NUL byte", id="NUL"),
        pytest.param(ROWS.encode() + b"7,\xff\x05\n", "line 50002: control characters", id="binary"),
        pytest.param(ROWS + f"7,{'x' * 3_000_000}\n", "line 50002: longer than 2,000,000 bytes", id="line"),
        pytest.param("x" * 5_000_000, "line 1: longer than 2,000,000 bytes", id="one line"),
        pytest.param('id\n"' + "x,\n" * 2_000_000, "longer than 2,000,000|field of more", id="one record"),
    ],
)
def test_what_is_no_table_is_refused_with_its_line(content: Content, said: str, tmp_path: Path) -> None:
    for pair in ((GOOD, content), (content, GOOD)):
        with pytest.raises(BadInput, match=said) as refused:
            outcome(tmp_path, *pair, limits=Limits(line=2_000_000, large=0))
        assert refused.value.hint


def test_a_line_without_end_is_refused_in_little_memory_and_time(tmp_path: Path) -> None:
    path = tmp_path / "line.csv"
    with path.open("wb") as handle:
        for _ in range(400):
            handle.write(b"0123456789" * 100_000)
    code = (
        "import resource, sys; from pathlib import Path; from roforlmao.compare.engine import compare\n"
        "from roforlmao.compare.options import Options; from roforlmao.errors import BadInput\n"
        "from roforlmao.progress import Progress\n"
        "try: compare(Path(sys.argv[1]), Path(sys.argv[1] + '.other'), Options(), Progress())\n"
        "except BadInput as error: print(error.message)\n"
        "used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print(used.ru_maxrss // 1024, used.ru_utime + used.ru_stime)\n"
    )
    (tmp_path / "line.csv.other").write_text(GOOD)
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, cwd=PROJECT
    )
    said, figures = done.stdout.splitlines()
    assert "line 1: longer than 64,000,000 bytes" in said
    megabytes, seconds = figures.split()
    assert int(megabytes) < 400
    assert float(seconds) < 5


@pytest.mark.parametrize("options", [{"key": ("idd",)}, {"ignore": ("idd",)}], ids=["key", "ignore"])
def test_a_column_that_does_not_exist_names_those_that_do(options: Any, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no column 'idd'") as refused:
        outcome(tmp_path, ROWS, ROWS, limits=IN_BLOCKS, **options)
    assert "id, v" in refused.value.hint


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    large.write_text(ROWS)
    os.mkfifo(tmp_path / "pipe")
    for path, said in (
        (tmp_path / "gone", "no file"),
        (tmp_path, "a directory"),
        (tmp_path / "pipe", "a pipe"),
    ):
        for pair in ((large, path), (path, large)):
            with pytest.raises(BadInput, match=said):
                compare(*pair, Options(limits=IN_BLOCKS), Progress())


WIDE, CUT_OFF = GOOD.encode("utf-16-be"), ROWS.encode() + b"7,\xc3"


@pytest.mark.parametrize(
    ("old", "new", "delimiter"),
    [
        pytest.param(GOOD, GOOD.replace("b", "é").encode("latin-1"), None, id="Latin-1"),
        pytest.param(GOOD.encode("utf-16"), GOOD.replace("b", "c"), None, id="UTF-16"),
        pytest.param(WIDE, GOOD, None, id="UTF-16 without a mark"),
        pytest.param(WIDE, GOOD, ",", id="UTF-16 of a known delimiter"),
        pytest.param(WIDE, WIDE, None, id="UTF-16 twice"),
        pytest.param(CUT_OFF, CUT_OFF, None, id="half a character at the end twice"),
        pytest.param(",".join(map(str, range(2_500))) + "\n", GOOD, None, id="many columns"),
        pytest.param(
            GOOD.replace(",", "·"), GOOD.replace(",", "·").replace("b", "c"), "·", id="delimiter of two bytes"
        ),
    ],
)
def test_what_cannot_be_cut_in_blocks_is_read_at_once(
    old: Content, new: Content, delimiter: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options: dict[str, Any] = {"delimiter": delimiter}
    small = document(tmp_path, old, new, limits=Limits(), **options)
    assert document(tmp_path, old, new, limits=IN_BLOCKS, **options) == small
    monkeypatch.setattr(bulk, "MAX_FILE", 10)
    with pytest.raises(BadInput, match="are compared up to 10"):
        outcome(tmp_path, old, new, limits=IN_BLOCKS, **options)


def test_a_hundred_thousand_columns_are_compared(tmp_path: Path) -> None:
    head = ",".join(f"c{n}" for n in range(100_000))
    row = ",".join(f"v{n}" for n in range(100_000))
    rows = [f"{head}\n{row}\n", f"{head}\n{row.replace('v77777', 'x')}\n"]
    found = outcome(tmp_path, *rows, header="yes", limits=IN_BLOCKS)
    assert found.columns.changed == {"c77777": 1}


def test_a_file_that_changes_is_noticed(tmp_path: Path) -> None:
    class Writer(Progress):
        def update(self, done: int, total: int | None = None) -> None:
            with (tmp_path / "new.csv").open("a") as handle:
                handle.write("9,z\n")

    (tmp_path / "old.csv").write_text(GOOD)
    (tmp_path / "new.csv").write_text(ROWS)
    with pytest.raises(BadInput, match="changed while it was read"):
        compare(tmp_path / "old.csv", tmp_path / "new.csv", Options(limits=IN_BLOCKS), Writer())
    found = outcome(tmp_path, GOOD, ROWS, limits=IN_BLOCKS)
    assert found.added_row(0).row == ("0", "value 0")
    (tmp_path / "new.csv").write_text(GOOD)
    with pytest.raises(BadInput, match="changed after it was compared"):
        found.added_row(30_000)


class Watched(Progress):
    """Notes how far it came, and stops the work there."""

    def __init__(self, stop_at: int) -> None:
        super().__init__()
        self.seen: list[int] = []
        self.stopped = 0.0
        self._stop_at = stop_at

    def update(self, done: int, total: int | None = None) -> None:
        self.seen.append(done)
        if len(self.seen) == self._stop_at:
            self.cancel()
            self.stopped = time.monotonic()


def test_a_large_comparison_shows_how_far_it_is_and_stops_within_a_second(tmp_path: Path) -> None:
    paths = (tmp_path / "old.csv", tmp_path / "new.csv")
    for path, turn in zip(paths, (1, -1), strict=True):
        rows = [f"{number},{'some words ' * 4}{number % 1000}" for number in range(300_000)][::turn]
        path.write_text("id,about\n" + "\n".join(rows))
    whole = Watched(stop_at=0)
    assert compare(*paths, Options(), whole).identical
    assert len(whole.seen) > 60
    for stop_at in (2, len(whole.seen) // 2, len(whole.seen) - 1):
        progress = Watched(stop_at)
        with pytest.raises(Cancelled):
            compare(*paths, Options(), progress)
        assert time.monotonic() - progress.stopped < 1
