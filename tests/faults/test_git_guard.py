"""The loss guard over a real repository: what a sync would take away from what is published."""

from __future__ import annotations

import csv
import tracemalloc
from pathlib import Path

import pytest

from roforlmao.git.clone import clone, update
from roforlmao.git.guard import Loss
from roforlmao.git.sync import commit, prepare
from tests.faults.gitrepos import MESSAGE, git, isolate, remote_with, sync, write

PUBLISHED = {
    "day.csv": "a,1\nb,2\nc,3\n",
    "insights.json": '{\n "n": 3\n}\n',
    "deep/er.csv": "x\ny\n",
    "void.csv": "v\n",
}
REAL = Path(__file__).parents[2].parent / "shared" / "data" / "aws-sar"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    isolate(monkeypatch, tmp_path / "home")
    clone(remote_with(tmp_path / "r.git", PUBLISHED), tmp_path / "clone", local=True)
    return tmp_path / "clone"


@pytest.mark.parametrize(
    ("path", "text", "losses"),
    [
        ("day.csv", None, [Loss("day.csv", "deleted", 3, 0)]),
        ("day.csv", "", [Loss("day.csv", "empty", 3, 0)]),
        ("day.csv", "a,1\nc,3\n", [Loss("day.csv", "shrunk", 3, 2)]),
        ("day.csv", "a,1\nb,9\nc,3\n", [Loss("day.csv", "overwritten", 3, 3)]),
        ("day.csv", "c,3\nb,2\na,1\n", [Loss("day.csv", "overwritten", 3, 3)]),
        ("day.csv", "a,1\nb,2\nd,4\ne,5\n", [Loss("day.csv", "overwritten", 3, 4)]),
        ("day.csv", "a,1\nb,2\nc,3\nd,4\n", []),
        ("day.csv", "h\na,1\nb,2\nbb\nc,3", []),
        ("day.csv", "a,1\r\nb,2\r\nc,3\r\n", []),
        ("insights.json", '{"n": 4}\n', []),
        ("insights.json", "", [Loss("insights.json", "empty", 3, 0)]),
        ("insights.json", None, [Loss("insights.json", "deleted", 3, 0)]),
        ("deep/insights.json", "1\n", []),
        ("new.csv", "1\n", []),
        ("new.csv", "", [Loss("new.csv", "empty", 0, 0)]),
        (".gitkeep", "", []),
        ("deep/.gitkeep", "", []),
    ],
)
def test_each_kind_of_loss_is_found_and_additions_are_none(
    place: Path, path: str, text: str | None, losses: list[Loss]
) -> None:
    if text is None:
        (place / path).unlink()
    else:
        write(place, {path: text})
    assert list(prepare(place).losses) == losses


def test_a_loss_that_is_committed_but_not_pushed_is_found_too(place: Path) -> None:
    write(place, {"day.csv": "a,1\n"})
    (place / "deep" / "er.csv").unlink()
    commit(prepare(place), MESSAGE, operator="alice")
    git(place, "rm", "-q", "void.csv")
    git(place, "commit", "-qm", "by hand")
    assert [(loss.path, loss.kind) for loss in prepare(place).losses] == [
        ("day.csv", "shrunk"),
        ("deep/er.csv", "deleted"),
        ("void.csv", "deleted"),
    ]


def test_what_a_peer_added_meanwhile_is_no_loss(place: Path, tmp_path: Path) -> None:
    clone(str(tmp_path / "r.git"), tmp_path / "bob", local=True)
    write(tmp_path / "bob", {"bob.csv": "1\n", "day.csv": PUBLISHED["day.csv"] + "d,4\n"})
    sync(tmp_path / "bob", "bob")
    git(place, "fetch", "-q")
    write(place, {"mine.csv": "1\n"})
    prepared = prepare(place)
    assert [change.path for change in prepared.changes] == ["mine.csv"]
    assert prepared.losses == ()


def test_several_changed_files_are_each_compared_with_their_own_past(place: Path) -> None:
    write(
        place,
        {"day.csv": "a,1\nb,2\nc,3\nd\n", "deep/er.csv": "x\n", "void.csv": "v\nw\n", "insights.json": "1\n"},
    )
    assert list(prepare(place).losses) == [Loss("deep/er.csv", "shrunk", 2, 1)]


def test_big_files_and_endless_lines_are_compared_in_bounded_memory(place: Path, tmp_path: Path) -> None:
    rows = "".join(f"{number},some text that repeats,{number % 7}\n" for number in range(120_000))
    write(place, {"big.csv": rows, "line.json": "x" * 5_000_000})
    sync(place, "alice")
    write(place, {"big.csv": rows.replace("119999,some", "119999,other"), "line.json": "x" * 5_000_001})
    del rows
    tracemalloc.start()
    losses = prepare(place).losses
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [(loss.path, loss.kind) for loss in losses] == [
        ("big.csv", "overwritten"),
        ("line.json", "overwritten"),
    ]
    assert losses[0].rows_before == losses[0].rows_after == 120_000
    assert peak < 4_500_000


def test_the_real_zero_byte_day_and_the_real_drop_are_stopped(place: Path) -> None:
    days = sorted(REAL.rglob("*2019-07-2*.csv")) if REAL.is_dir() else []
    if not days:
        pytest.skip("../shared/data/aws-sar is absent")
    sizes = {day.name: day.stat().st_size for day in days}
    for day in days:
        (place / day.name).write_bytes(day.read_bytes())
    prepared = prepare(place)
    assert {loss.path for loss in prepared.losses} == {name for name, size in sizes.items() if not size}
    assert {loss.kind for loss in prepared.losses} <= {"empty"}
    whole = next(day for day in days if sizes[day.name])
    with whole.open(newline="", encoding="utf-8", errors="replace") as handle:
        assert prepared.rows >= sum(1 for _ in csv.reader(handle))
    sync(place, "alice")
    write(place, {whole.name: ""})
    assert [loss.kind for loss in prepare(place).losses] == ["empty"]


def test_an_update_never_counts_as_a_change_of_the_operators(place: Path, tmp_path: Path) -> None:
    clone(str(tmp_path / "r.git"), tmp_path / "bob", local=True)
    (tmp_path / "bob" / "void.csv").unlink()
    sync(tmp_path / "bob", "bob")
    update(place)
    assert prepare(place).nothing
