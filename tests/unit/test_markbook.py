"""Marks on runs: kept in the home, told to peers as notes, and what strangers may write there."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from roforlmao.app import App
from roforlmao.data.judged import Judged
from roforlmao.data.markbook import MarkBook, Series, series_of
from roforlmao.errors import BadInput, Unavailable
from roforlmao.models import Announcement, Mark, Notes
from roforlmao.paths import Home
from roforlmao.registry.catalog import Catalog
from roforlmao.registry.notes import MOST_MARKS, decode_notes
from roforlmao.restoring import restore
from roforlmao.state import _HANDED, _MIGRATIONS, _VERSION, State

SERIES = Series("data-0123abcd", True)
RUN = "control-2026-03-04.csv"
MARK = Mark("known-change", "crawler v2", "2026-03-05T07:00:00+01:00", {"": 800.0, "tags": None})


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    (tmp_path / "config.yaml").write_text("operator: me\n")
    opened = App(Home.locate(None, str(tmp_path), {}), {})
    yield opened
    opened.close()


def clone(path: Path, url: str) -> Path:
    subprocess.run(["git", "init", "-q", str(path)], check=True)
    if url:
        subprocess.run(["git", "-C", str(path), "remote", "add", "origin", url], check=True)
    return path


def test_a_database_of_the_fifth_version_gets_the_table_of_marks_and_keeps_notices(
    tmp_path: Path,
) -> None:
    path = tmp_path / "launcher.sqlite"
    before = _MIGRATIONS[: _MIGRATIONS.index(_HANDED) + 1]
    with closing(sqlite3.connect(path)) as old:
        for statement in (one for statements in before for one in statements):
            old.execute(statement)
        old.execute("INSERT INTO notices (at, kind, text) VALUES ('t', 'job', 'kept')")
        old.execute(f"PRAGMA user_version = {len(before)}")
        old.commit()
    with closing(State(path)) as state:
        MarkBook(state).set(SERIES, RUN, MARK)
        assert [notes.series for notes in MarkBook(state).all()] == [SERIES.name]
        with state.read() as connection:
            assert connection.execute("PRAGMA user_version").fetchone()[0] == _VERSION
            assert connection.execute("SELECT text FROM notices").fetchone()[0] == "kept"


def test_clones_of_one_repository_are_one_series_and_what_lies_deeper_is_another(tmp_path: Path) -> None:
    url = "https://example.org/them/helm-data.git"
    one, two = clone(tmp_path / "one", url), clone(tmp_path / "two", url.removesuffix(".git") + "/")
    (one / "deep").mkdir()
    assert series_of(one) == series_of(two)
    assert series_of(one).name.startswith("helm-data-")
    assert series_of(one).shared
    assert len({series_of(one).name, series_of(one / "deep").name, series_of(one / "s.csv").name}) == 3


@pytest.mark.parametrize("make", [lambda path: path.mkdir(), lambda path: clone(path, "")])
def test_what_is_no_clone_is_a_series_of_this_machine_only(tmp_path: Path, make: Any) -> None:
    make(tmp_path / "-odd näme;")
    found = series_of(tmp_path / "-odd näme;")
    assert not found.shared
    assert found.name.startswith("odd-n-me-")


def test_a_mark_comes_back_as_it_was_set_and_can_be_taken_back(app: App, tmp_path: Path) -> None:
    data = clone(tmp_path / "data", "https://example.org/d.git")
    assert app.marks.of(data) == {}
    app.marks.set(series_of(data), RUN, MARK, "helm")
    app.marks.set(series_of(data), "other", Mark("bad-run"))
    assert app.marks.of(data) == {RUN: MARK, "other": Mark("bad-run")}
    assert app.marks.of(tmp_path) == {}
    app.marks.set(series_of(data), RUN, None)
    assert app.marks.of(data) == {"other": Mark("bad-run")}
    assert app.marks.all()[0].hub == "helm"


def test_of_too_many_marks_the_oldest_goes(app: App) -> None:
    for number in range(MOST_MARKS + 1):
        app.marks.set(SERIES, f"run {number}", Mark("real", at=f"{number:06}"))
    [notes] = app.marks.all()
    assert len(notes.marks) == MOST_MARKS
    assert "run 0" not in notes.marks


def test_peers_read_the_notes_and_a_taken_back_mark_is_gone_from_them(app: App) -> None:
    app.marks.set(SERIES, RUN, MARK, "helm")
    assert app.marks.tell(app.catalog) == 1
    assert app.marks.tell(app.catalog) == 0
    peer = Catalog(app.registry, "/mao/", "bob", False)
    assert peer.notes(SERIES.name).good == (Notes(SERIES.name, "me", "helm", {RUN: MARK}),)
    app.marks.set(SERIES, RUN, None)
    app.marks.tell(app.catalog)
    assert peer.notes().good[0].marks == {}


def test_what_the_registry_was_away_for_is_told_later(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> str:
        raise Unavailable("away")

    app.marks.set(SERIES, RUN, MARK)
    with monkeypatch.context() as patch:
        patch.setattr(Catalog, "publish_notes", away)
        with pytest.raises(Unavailable):
            app.marks.tell(app.catalog)
    assert app.marks.tell(app.catalog) == 1


def test_a_series_of_this_machine_only_is_not_told(app: App) -> None:
    app.marks.set(Series("here-0123abcd", False), RUN, MARK)
    assert app.marks.tell(app.catalog) == 0
    assert app.catalog.notes().good == ()


def test_fields_of_other_launchers_survive(app: App) -> None:
    key = f"/mao/notes/{SERIES.name}/me"
    app.registry.put(key, b'{"colour": "red", "marks": 5}')
    app.marks.set(SERIES, RUN, MARK)
    app.marks.tell(app.catalog)
    record = app.registry.get(key)
    assert record is not None
    assert json.loads(record.value)["colour"] == "red"


@pytest.mark.parametrize(
    ("place", "value", "what"),
    [
        ("s", b"{}", "series/operator"),
        ("s/b/c", b"{}", "series/operator"),
        ("../bob", b"{}", "cannot be a name of a series"),
        ("s/b\x1b", b"{}", "name of an operator"),
        ("s/bob", b"\xff", "not UTF-8"),
        ("s/bob", b"[]", "not a JSON object"),
        ("s/bob", b'{"hub": "a/b"}', "hub name"),
        ("s/bob", b'{"marks": [1]}', "an array"),
        ("s/bob", b'{"marks": {"r": "real"}}', "A mark is text"),
        ("s/bob", b'{"marks": {"r": {"as": "fine"}}}', "'fine' is not what a run can be"),
        ("s/bob", b'{"marks": {"r": {"as": "real", "note": 5}}}', "'note' is a number"),
        ("s/bob", b'{"marks": {"r": {"as": "real", "values": [1]}}}', "an array"),
        ("s/bob", b'{"marks": {"r": {"as": "real", "values": {"a": "x"}}}}', "not a finite number"),
        ("s/bob", b'{"marks": {"r": {"as": "real", "values": {"a": 1' + b"0" * 400 + b"}}}}", "finite"),
        (
            "s/bob",
            json.dumps({"marks": {str(n): {"as": "real"} for n in range(301)}}).encode(),
            "at most 300",
        ),
    ],
)
def test_a_note_that_breaks_a_rule_is_refused_in_words(place: str, value: bytes, what: str) -> None:
    with pytest.raises(BadInput) as refused:
        decode_notes(place, value)
    assert what in refused.value.message


def test_one_bad_note_hides_no_other_and_hostile_text_is_harmless(app: App) -> None:
    app.registry.put("/mao/notes/s/bad", b"5")
    hostile = {"marks": {"run\x1b[2J": {"as": "real", "note": "red \x1b[31m\nalert"}}}
    app.registry.put("/mao/notes/s/bob", json.dumps(hostile).encode())
    entries = app.catalog.notes("s")
    assert [refusal.key for refusal in entries.refused] == ["/mao/notes/s/bad"]
    assert entries.good[0].marks == {"run": Mark("real", "red alert")}


def test_peers_marks_for_a_hub_that_one_collects_are_told_once(app: App) -> None:
    bob = Catalog(app.registry, "/mao/", "bob", False)
    for hub in ("helm", "aws"):
        bob.announce(Announcement(hub, "2026-03-04", "bob", "https://example.org/b.git", "0123abcd"))
        bob.publish_notes(Notes(f"s-{hub}", "", hub, {RUN: MARK}))
    app.catalog.announce(Announcement("helm", "2026-03-04", "me", "https://example.org/m.git", "0123abcd"))
    app.catalog.publish_notes(Notes("own", "", "helm", {RUN: MARK}))
    judged = Judged(app.catalog, "me", app.places, app.notices, app.state)
    judged.tell()
    judged.tell()
    assert [(notice.kind, notice.text) for notice in app.notices.newest()] == [
        ("note", f"helm: bob marks {RUN} of s-helm as known change: crawler v2.")
    ]


def test_a_damaged_database_gets_its_marks_back_from_the_registry(app: App) -> None:
    app.marks.set(SERIES, RUN, MARK, "helm")
    app.marks.tell(app.catalog)
    app.marks.set(SERIES, RUN, None)  # stands for a new, empty database
    restore(app, app.state, "", "test")
    assert app.marks.all() == [Notes(SERIES.name, "", "helm", {RUN: MARK})]
    assert app.marks.tell(app.catalog) == 0
