"""The history of a stream: what is counted, what is said of odd days, and what is not read again."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from roforlmao.errors import BadInput, Cancelled, NotFound
from roforlmao.progress import Progress
from roforlmao.series import counting, ledger
from roforlmao.series.counting import Counting
from roforlmao.series.history import Day, history
from roforlmao.series.sources import CommittedFile, DatedFiles
from roforlmao.series.streams import find_stream
from tests.session.world import PROJECT, World

AWS = PROJECT.parent / "shared" / "data" / "aws-sar"
START = dt.date(2026, 1, 1)
LONG_AGO = 1_700_000_000


def write(directory: Path, *contents: str | bytes | None) -> Path:
    """One file a day, written long ago; None is a day without one."""
    directory.mkdir(exist_ok=True)
    for number, content in enumerate(contents):
        if content is not None:
            put(directory, number, content)
    return directory


def put(directory: Path, number: int, content: str | bytes) -> Path:
    path = directory / f"apps-{START + dt.timedelta(number)}.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def table(*names: str, stars: int = 1) -> str:
    return "".join(["id,name,stars\n", *(f"{place},{name},{stars}\n" for place, name in enumerate(names))])


def told(directory: Path, rule: Counting | None = None, progress: Progress | None = None) -> list[Day]:
    source = DatedFiles(directory, find_stream(directory))
    return history(source, rule or Counting(), directory.parent / "s.sqlite", progress or Progress())


def numbers(days: Sequence[Day]) -> list[tuple[str, int | None, int | None, int | None, int | None]]:
    return [(day.state, day.rows, day.added, day.removed, day.changed) for day in days]


class Reads:
    """Counts what is read: files for their content, and pairs that are compared."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.files: list[str] = []
        self.pairs = 0
        digest, by_rows = ledger._digest, counting._by_rows

        def counted_digest(path: Path, progress: Progress) -> str:
            self.files.append(path.name)
            return digest(path, progress)

        def counted_pair(old: Path, new: Path, rule: Counting, progress: Progress) -> counting.Tally:
            self.pairs += 1
            return by_rows(old, new, rule, progress)

        patch.setattr(ledger, "_digest", counted_digest)
        patch.setattr(counting, "_by_rows", counted_pair)

    def since(self) -> tuple[int, int]:
        """Files and pairs since the last time."""
        found = len(self.files), self.pairs
        self.files, self.pairs = [], 0
        return found


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    # a file whose times are too fresh to be trusted is read each time; these pretend to be old
    monkeypatch.setattr(ledger, "_SETTLED_NS", 0)
    return Reads(monkeypatch)


def test_each_day_is_counted_against_the_one_before(tmp_path: Path) -> None:
    days = told(
        write(tmp_path / "d", table("a", "b"), table("a", "b", "c"), table("a", "x", "c"), table("a"))
    )
    assert numbers(days) == [
        ("first", 2, None, None, None), ("counted", 3, 1, 0, 0),
        ("counted", 3, 0, 0, 1), ("counted", 1, 0, 2, 0),
    ]  # fmt: skip
    assert days[1].against == START
    assert days[1].source == "apps-2026-01-02.csv"


def test_after_an_empty_day_the_last_that_held_rows_counts(tmp_path: Path) -> None:
    days = told(
        write(tmp_path / "d", "", table("a", "b"), "", "id,name,stars\n", table("a", "c"), table("a"))
    )
    assert numbers(days) == [
        ("empty", 0, None, None, None), ("first", 2, None, None, None), ("empty", 0, None, None, None),
        ("empty", 0, None, None, None), ("counted", 2, 0, 0, 1), ("counted", 1, 0, 1, 0),
    ]  # fmt: skip
    assert days[4].against == START + dt.timedelta(1)


def test_gaps_are_told_with_the_day_that_follows(tmp_path: Path) -> None:
    days = told(write(tmp_path / "d", *[table("a")] * 3, None, None, None, table("a"), table("b")))
    assert [day.missing for day in days] == [0, 0, 0, 3, 0]


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\0\0", b"a,b\n1\0,2\n", b'id\n"never closed\n1\n'])
def test_a_day_that_cannot_be_read_says_why_and_the_rest_goes_on(tmp_path: Path, content: bytes) -> None:
    days = told(write(tmp_path / "d", table("a"), content, table("a", "b")))
    assert numbers(days) == [
        ("first", 1, None, None, None), ("unreadable", None, None, None, None), ("counted", 2, 1, 0, 0),
    ]  # fmt: skip
    assert "apps-2026-01-02.csv" in days[1].reason
    assert days[2].against == START


def test_where_no_day_can_be_read_that_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="None of 2 versions can be read"):
        told(write(tmp_path / "d", b"\0\0", b"\0\1"))
    with pytest.raises(BadInput, match="There is no column 'nothing'"):
        told(write(tmp_path / "e", table("a"), table("b")), Counting(key=("nothing",)))


def test_one_version_has_rows_and_nothing_to_count(tmp_path: Path) -> None:
    assert numbers(told(write(tmp_path / "d", table("a", "b")))) == [("first", 2, None, None, None)]


def test_a_headerless_first_day_is_counted_as_its_followers_tell(tmp_path: Path) -> None:
    days = told(write(tmp_path / "d", "alpha,one\nbeta,two\n", "gamma,one\nalpha,one\nbeta,two\n"))
    assert numbers(days) == [("first", 2, None, None, None), ("counted", 3, 1, 0, 0)]


def test_names_are_counted_as_the_old_project_did(tmp_path: Path) -> None:
    directory = write(
        tmp_path / "d", table("a", "a", "b"), table("b", "c", "c"), "", table("x"), table("x", stars=2)
    )
    assert numbers(told(directory, Counting("names"))) == [
        ("first", 3, None, None, None),
        ("counted", 3, 2, 1, None),  # added per row, removed once
        ("empty", 0, 0, 2, None),
        ("counted", 1, 0, 0, None),  # nothing after an empty file
        ("counted", 1, 0, 0, None),
    ]
    assert numbers(told(directory, Counting("names", key=("stars",))))[-1][1:4] == (1, 1, 1)
    with pytest.raises(BadInput, match="no column 'gone'"):
        told(directory, Counting("names", key=("gone",)))


def test_columns_that_are_ignored_change_nothing(tmp_path: Path) -> None:
    directory = write(tmp_path / "d", table("a"), table("a", stars=2))
    assert numbers(told(directory))[1][4] == 1
    assert numbers(told(directory, Counting(ignore=("stars",))))[1][4] == 0


@pytest.mark.skipif(not AWS.is_dir(), reason=f"the recorded snapshots are not at {AWS}")
def test_names_agree_with_the_projects_own_count_on_every_pair_of_days(tmp_path: Path) -> None:
    source = DatedFiles(AWS, find_stream(AWS, "autocontents-*.csv"))
    days = history(source, Counting("names"), tmp_path / "s.sqlite", Progress())
    lines = [line.split(",") for line in (AWS / "plusminus.csv").read_text().splitlines()[1:]]
    own = {dt.date.fromisoformat(day): (int(plus), -int(minus)) for day, plus, minus in lines}
    consecutive = [day for day in days if not day.missing and day.added is not None and day.date in own]
    assert len(consecutive) >= 9
    for day in consecutive:
        assert (day.added, day.removed) == own[day.date], day
    assert {day.state for day in consecutive} == {"counted", "empty"}


def test_a_second_call_on_600_days_reads_only_what_is_new(tmp_path: Path, reads: Reads) -> None:
    names = [f"n{number}" for number in range(30)]
    directory = write(tmp_path / "d", *[table(*names[: 10 + run % 20]) for run in range(600)])
    first = told(directory)
    assert reads.since() == (600, 21)  # contents that repeat are compared once
    began = time.perf_counter()
    assert told(directory) == first
    assert reads.since() == (0, 0)
    assert time.perf_counter() - began < 2
    put(directory, 600, table("new"))
    assert told(directory)[:600] == first
    assert reads.since() == (1, 1)
    changed = put(directory, 300, table("other"))
    os.utime(changed, (LONG_AGO + 5, LONG_AGO + 5))
    again = told(directory)
    assert reads.since() == (1, 2)
    assert again[300].rows == 1
    assert numbers(again[:300]) == numbers(first[:300])


def test_a_file_that_was_touched_is_read_again_and_nothing_is_compared(tmp_path: Path, reads: Reads) -> None:
    directory = write(tmp_path / "d", table("a"), table("b"))
    first = told(directory)
    reads.since()
    os.utime(directory / "apps-2026-01-01.csv", (LONG_AGO + 9, LONG_AGO + 9))
    assert told(directory) == first
    assert reads.since() == (1, 0)


def test_a_change_that_keeps_size_and_time_is_seen(tmp_path: Path, reads: Reads) -> None:
    directory = write(tmp_path / "d", table("a"), table("b"))
    told(directory)
    put(directory, 1, table("a"))  # as long, and its time is put back
    assert numbers(told(directory))[1] == ("counted", 1, 0, 0, 0)


def test_a_file_written_just_now_is_not_taken_on_trust(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = write(tmp_path / "d", table("a"), table("b"))
    fresh = directory / "apps-2026-01-02.csv"
    fresh.write_text(table("b"))
    reads = Reads(monkeypatch)
    told(directory)
    reads.since()
    told(directory)
    assert set(reads.files) == {fresh.name}
    assert reads.pairs == 0


class Stopping(Progress):
    """Cancels after so many days."""

    def __init__(self, days: int) -> None:
        super().__init__()
        self._days = days

    def update(self, done: int, total: int | None = None) -> None:
        if done >= self._days:
            self.cancel()


def test_what_was_counted_before_a_ctrl_c_is_kept(tmp_path: Path, reads: Reads) -> None:
    directory = write(tmp_path / "d", *[table(*["x"] * run) for run in range(1, 11)])
    with pytest.raises(Cancelled):
        told(directory, progress=Stopping(6))
    assert reads.since() == (6, 6)
    assert len(told(directory)) == 10
    assert reads.since() == (4, 4)


@pytest.mark.parametrize("damage", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_memory_is_made_anew(tmp_path: Path, damage: bytes, reads: Reads) -> None:
    directory = write(tmp_path / "d", table("a"), table("b"))
    (tmp_path / "s.sqlite").write_bytes(damage)
    first = told(directory)
    reads.since()
    assert told(directory) == first
    assert reads.since() == (0, 0)


def test_where_nothing_can_be_kept_all_is_counted_all_the_same(tmp_path: Path) -> None:
    directory = write(tmp_path / "d", table("a"), table("b"))
    (tmp_path / "s.sqlite").mkdir()
    assert len(told(directory)) == 2


def test_what_is_kept_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "_KEPT", 5)
    monkeypatch.setattr(ledger, "_SETTLED_NS", 0)
    directory = write(tmp_path / "d", *[table(*["x"] * run) for run in range(1, 21)])
    told(directory)
    kept = sqlite3.connect(tmp_path / "s.sqlite")
    counts = [kept.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] for name in ("contents", "tallies")]
    kept.close()
    assert counts == [5, 5]
    assert len(told(directory)) == 20


@pytest.fixture
def clone(tmp_path: Path) -> tuple[World, Path]:
    world = World(tmp_path / "w")
    path = world.root / "clone"
    path.mkdir()
    world.git(path, "init", "--quiet", "--initial-branch=main")
    return world, path


def test_the_commits_of_one_file_are_its_history(clone: tuple[World, Path], reads: Reads) -> None:
    world, path = clone
    for day, names in (("2026-01-01", "ab"), ("2026-01-02", "abc"), ("2026-01-05", "c")):
        world.write(path, {"data.csv": table(*names), "other.txt": day})
        world.commit(path, f"sync {day}")
    world.write(path, {"other.txt": "only this"})
    world.commit(path, "sync 2026-01-06")
    (path / "data.csv").unlink()
    world.commit(path, "cleaned up")
    days = told_commits(path / "data.csv")
    assert [(str(day.date), *numbers([day])[0]) for day in days[:3]] == [
        ("2026-01-01", "first", 2, None, None, None), ("2026-01-02", "counted", 3, 1, 0, 0),
        ("2026-01-05", "counted", 1, 0, 2, 1),
    ]  # fmt: skip
    assert (days[3].state, days[3].rows) == ("deleted", None)
    assert [len(day.source) for day in days] == [40] * 4
    reads.since()
    assert told_commits(path / "data.csv") == days
    assert reads.since() == (0, 0)


def told_commits(path: Path) -> list[Day]:
    source = CommittedFile(path, Progress())
    return history(source, Counting(), path.parent.parent / "s.sqlite", Progress())


def test_a_file_without_history_is_a_sentence(clone: tuple[World, Path], tmp_path: Path) -> None:
    world, path = clone
    (path / "new.csv").write_text("id\n1\n")
    with pytest.raises(NotFound, match="was never committed"):
        told_commits(path / "new.csv")
    world.write(path, {"x.csv": "id\n1\n"})
    world.commit(path)
    (path / "late.csv").write_text("id\n1\n")
    with pytest.raises(NotFound, match="was never committed"):
        told_commits(path / "late.csv")
    (tmp_path / "plain.csv").write_text("id\n1\n")
    with pytest.raises(BadInput, match="not in a git repository"):
        told_commits(tmp_path / "plain.csv")


@pytest.mark.parametrize("name", ["-x.csv", "a b:c.csv", "ü.csv", ":(glob)x.csv"])
def test_odd_names_in_a_clone_are_names(clone: tuple[World, Path], name: str) -> None:
    world, path = clone
    world.write(path, {name: table("a")})
    world.commit(path)
    world.write(path, {name: table("a", "b")})
    world.commit(path)
    assert numbers(told_commits(path / name))[1] == ("counted", 2, 1, 0, 0)
