"""Which files are one stream, how often it comes, and where versions are missing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from roforlmao.errors import BadInput, NotFound
from roforlmao.series.rhythm import gaps, rhythm
from roforlmao.series.streams import find_stream, streams, undated_tables


def touch(directory: Path, *names: str) -> Path:
    for name in names:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("id\n1\n")
    return directory


def days(*texts: str) -> list[dt.date]:
    return [dt.date.fromisoformat(text) for text in texts]


def test_streams_differ_by_what_is_left_of_the_name_without_its_date(tmp_path: Path) -> None:
    touch(
        tmp_path,
        "apps-2026-01-01.csv", "apps-2026-01-02.csv", "2026-1-3-apps.csv", "tags_20260101.tsv",
        "2026-01-01/list.csv", "2026-01-02/list.csv", "2026-01-10/list.csv",
        "control-2026-01-01.csv", "notes.csv", "photo-2026-01-01.png", ".git/apps-2026-01-09.csv",
    )  # fmt: skip
    found = {one.name: [str(day) for day in one.days] for one in streams(tmp_path)}
    assert found == {
        "*/list.csv": ["2026-01-01", "2026-01-02", "2026-01-10"],
        "apps-*.csv": ["2026-01-01", "2026-01-02"],
        "*-apps.csv": ["2026-01-03"],
        "tags_*.tsv": ["2026-01-01"],
    }


def test_tables_without_a_date_may_have_a_history_of_commits(tmp_path: Path) -> None:
    touch(tmp_path, "b.csv", "a/list.TSV", "apps-2026-01-01.csv", ".git/x.csv", "photo.png")
    assert undated_tables(tmp_path) == ["a/list.TSV", "b.csv"]


@pytest.mark.parametrize(
    ("glob", "name"),
    [
        ("apps-*.csv", "apps-*.csv"), ("tags-*", "tags-*.csv"), ("apps-old*", "apps-old-*.csv"),
        ("apps-2026-01-01.csv", "apps-*.csv"),
    ],
)  # fmt: skip
def test_a_stream_is_named_by_its_pattern_or_its_files(tmp_path: Path, glob: str, name: str) -> None:
    touch(tmp_path, "apps-2026-01-01.csv", "apps-old-2026-01-01.csv", "tags-2026-01-01.csv")
    assert find_stream(tmp_path, glob).name == name


def test_several_streams_are_named_and_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no dated tables in"):
        find_stream(touch(tmp_path / "a", "x.csv"))
    two = touch(tmp_path / "b", "a-2026-01-01.csv", "\x1b[31mb-2026-01-01.csv")
    with pytest.raises(BadInput, match="2 streams") as refused:
        find_stream(two)
    assert refused.value.hint == "Name one, in quotes: 'b-*.csv', 'a-*.csv'."
    with pytest.raises(NotFound, match="like 'c-") as missing:
        find_stream(two, "c-*")
    assert "'a-*.csv'" in missing.value.hint


def test_missing_versions_are_counted_by_the_streams_own_beat() -> None:
    daily = days("2026-01-01", "2026-01-02", "2026-01-03", "2026-01-07", "2026-01-08")
    assert [tuple(gap) for gap in gaps(daily)] == [(*days("2026-01-04", "2026-01-06"), 3)]
    weekly = days("2026-01-01", "2026-01-08", "2026-01-15", "2026-01-29", "2026-02-06")
    assert rhythm(weekly).days == 7
    assert [gap.missing for gap in gaps(weekly)] == [1]
    assert gaps(days("2026-01-01")) == []
    assert gaps(days("2026-01-01", "2026-01-01", "2025-01-01")) == []
