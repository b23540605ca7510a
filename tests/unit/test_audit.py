"""The audit's judgement over snapshots on disk: states, winners, draws, shapes, unreadable files."""

from __future__ import annotations

import csv
import os
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roforlmao.audit import loading, reading
from roforlmao.audit.conduct import Findings, conduct
from roforlmao.audit.fetching import Snapshot, fetch_all, prune
from roforlmao.audit.selection import OfDay, stream_of
from roforlmao.compare.engine import compare
from roforlmao.compare.options import Options
from roforlmao.errors import BadInput, Cancelled, NotFound
from roforlmao.models import Announcement, Standing
from roforlmao.progress import Progress
from tests.faults.gitservers import silent_server
from tests.session.world import DATA, days

DAY = "2019-03-25"
ROWS = [f"{n},name{n},{n * 3}" for n in range(1, 9)]
FULL = "\n".join(["id,name,stars", *ROWS]) + "\n"


def snapshot(operator: str, path: Path, origin: str = "") -> Snapshot:
    return Snapshot(operator, "", {"x-*.csv": path}, origin=origin)


def audited(
    top: Path, texts: Mapping[str, str | bytes], origins: Mapping[str, str] | None = None
) -> Findings:
    snapshots = []
    for operator, text in texts.items():
        path = top / f"{operator}.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        snapshots.append(snapshot(operator, path, (origins or {}).get(operator, "")))
    return conduct("helm", DAY, snapshots, 100, Progress())


def standing(found: Findings, operator: str) -> Standing:
    return next(one for one in found.audit.operators if one.operator == operator)


def without(*places: int) -> str:
    return "\n".join(["id,name,stars", *(row for n, row in enumerate(ROWS) if n not in places)])


def test_each_state_is_told_with_its_numbers(tmp_path: Path) -> None:
    found = audited(
        tmp_path,
        {
            "ann": FULL,
            "ben": "\n".join(["id,name,stars", *reversed(ROWS)]),  # another order is the same
            "cat": "stars,id,name\n" + "\n".join(f"{n * 3},{n},name{n}" for n in range(1, 9)),
            "dan": without(2, 5),
            "eve": FULL + "99,more,1\n",
            "fay": FULL.replace("name3,9", "name3,10").replace("name4,12", "name4,13"),
            "gil": "",
            "hal": without(2) + "\n98,other,2\n",
        },
    )
    states = {
        one.operator: (one.state, one.missing, one.extra, one.differing) for one in found.audit.operators
    }
    assert states == {
        "ann": ("same", 0, 0, 0),
        "ben": ("same", 0, 0, 0),
        "cat": ("same", 0, 0, 0),
        "dan": ("subset", 2, 0, 0),
        "eve": ("superset", 0, 1, 0),
        "fay": ("drifted", 0, 0, 2),
        "gil": ("empty", 8, 0, 0),
        "hal": ("odd", 1, 1, 0),
    }
    assert found.audit.winner == ("ann", "ben", "cat")
    assert (found.audit.decided, found.agrees) == (True, False)
    assert dict(standing(found, "fay").columns) == {"stars": 2}
    assert [standing(found, name).score for name in ("ann", "eve", "fay")] == [0, 1, 2]
    cells = [(d.key, d.column, d.reference, d.value) for d in found.differences if d.operators == ("fay",)]
    assert cells == [(("3",), "stars", "9", "10"), (("4",), "stars", "12", "13")]
    lone = {(d.operators[0], d.kind, d.key) for d in found.differences if not d.column}
    assert {("dan", "missing", ("3",)), ("eve", "extra", ("99",)), ("hal", "extra", ("98",))} <= lone


def test_agreement_is_no_finding_and_who_cannot_be_read_is_none_either(tmp_path: Path) -> None:
    found = audited(tmp_path, {"ann": FULL, "ben": FULL, "cat": b"PK\x03\x04\x00\x00"})
    assert (found.agrees, found.audit.winner) == (True, ("ann", "ben"))
    assert standing(found, "cat").state == "unreadable"
    assert "NUL byte" in standing(found, "cat").notes[0]


@pytest.mark.parametrize(
    ("texts", "winner", "words"),
    [
        ({"a": FULL, "b": FULL, "c": without(1), "d": without(1)}, (), "A draw: a, b against c, d"),
        ({"a": FULL, "b": without(1)}, ("b",), "No two are identical; b"),
        ({"a": FULL.replace("name1", "A"), "b": FULL.replace("name1", "B")}, (), "A draw: a, b each have 1"),
        ({"a": FULL, "b": "id,name,stars\n1,name1,3\n"}, ("a",), "No two are identical; a"),  # b broke off
        ({"a": "", "b": "", "c": FULL}, ("c",), "No two are identical; c"),  # failed crawls agree on nothing
        ({"a": "", "b": "id,name,stars\n"}, (), "Every snapshot is empty or retracted"),
        ({"a": FULL}, (), "Only a could be looked at"),
        ({"a": b"\x00"}, (), "no snapshot to look at"),
    ],
)
def test_who_wins_and_why(
    tmp_path: Path, texts: dict[str, str | bytes], winner: tuple[str, ...], words: str
) -> None:
    audit = audited(tmp_path, texts).audit
    assert (audit.winner, audit.decided) == (winner, bool(winner))
    assert words in audit.reason


def test_who_took_the_day_from_another_is_no_second_witness(tmp_path: Path) -> None:
    texts = {"a": without(1), "b": FULL, "c": FULL}
    assert audited(tmp_path, texts).audit.winner == ("b", "c")
    assert audited(tmp_path, texts, {"c": "b"}).audit.winner == ("a",)
    assert audited(tmp_path, {"b": FULL, "c": FULL}, {"c": "b"}).audit.decided is False


def test_a_retracted_snapshot_wins_nothing(tmp_path: Path) -> None:
    paths = {name: tmp_path / f"{name}.csv" for name in ("a", "b", "c")}
    for name, path in paths.items():
        path.write_text(without(1) if name == "a" else FULL)
    snapshots = [replace(snapshot(name, path), retracted=name != "a") for name, path in paths.items()]
    audit = conduct("helm", DAY, snapshots, 100, Progress()).audit
    assert (audit.winner, audit.reason.startswith("Only a could be looked at")) == ((), True)
    audit = conduct(
        "helm", DAY, [snapshots[0], replace(snapshots[1], retracted=False), *snapshots[2:]], 9, Progress()
    ).audit
    assert audit.winner == ("a",)


def test_snapshots_of_other_shapes_are_compared_where_they_can_be(tmp_path: Path) -> None:
    wider = "\n".join(["id,name,stars,licence", *(f"{row},MIT" for row in ROWS)])
    renamed = FULL.replace("id,name,stars", "id,title,stars")
    found = audited(tmp_path, {"ann": FULL, "ben": FULL, "cat": wider, "dan": renamed})
    assert (standing(found, "cat").state, dict(standing(found, "cat").columns)) == ("drifted", {"licence": 8})
    assert "has also the column licence" in standing(found, "cat").notes
    assert (standing(found, "dan").state, standing(found, "dan").differing) == ("drifted", 0)
    assert any("title" in note for note in standing(found, "dan").notes)
    semicolons = FULL.replace(",", ";").replace("\n", "\r\n").encode("utf-16")
    assert audited(tmp_path, {"ann": FULL, "ben": semicolons}).agrees


def test_headerless_ragged_repeated_and_quoted_rows_keep_their_meaning(tmp_path: Path) -> None:
    plain = 'arn:1,"a, b",1\narn:2,c,2\narn:2,c,2\narn:3,"two\nlines",3\n'
    one_lost = 'arn:1,"a, b",1\narn:2,c,2\narn:3,"two\nlines",3\n'
    found = audited(
        tmp_path, {"ann": plain, "ben": plain, "cat": one_lost, "dan": plain + "arn:4,x,4,more\n"}
    )
    assert (standing(found, "cat").state, standing(found, "cat").missing) == ("subset", 1)
    assert (standing(found, "dan").state, standing(found, "dan").extra) == ("superset", 1)
    assert standing(found, "ann").rows == 4
    ragged = audited(tmp_path, {"ann": "k,v\n1,a\n2,b\n", "ben": "k,v\n1,a\n2,b\n", "cat": "k,v\n1,a,x\n2\n"})
    assert (standing(ragged, "cat").differing, standing(ragged, "cat").state) == (2, "drifted")
    assert {(d.column, d.reference, d.value) for d in ragged.differences} == {
        ("(more cells)", None, "x"), ("v", "b", None),
    }  # fmt: skip


def test_several_files_of_a_day_count_together(tmp_path: Path) -> None:
    snapshots = []
    for operator in ("ann", "ben", "cat"):
        files = {}
        for name in ("apps", "users"):
            if (operator, name) != ("cat", "users"):
                files[name] = tmp_path / f"{operator}-{name}.csv"
                files[name].write_text(FULL.replace("name", name))
        snapshots.append(Snapshot(operator, "", files))
    found = conduct("helm", DAY, snapshots, 100, Progress())
    assert found.audit.winner == ("ann", "ben")
    assert (standing(found, "cat").state, standing(found, "cat").missing) == ("subset", 8)
    assert standing(found, "cat").notes == ("has no users",)


def test_too_much_to_look_at_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "MOST_CELLS", 50)
    found = audited(tmp_path, {"ann": FULL, "ben": FULL, "cat": without(1)})
    assert (standing(found, "ann").state, standing(found, "cat").state) == ("same", "unreadable")
    assert "too many cells" in standing(found, "cat").notes[0]


Row = tuple[int, str, int]
TABLES = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from(["", "a", "b,", 'q"', "x\ny"]), st.integers(0, 3)),
    unique_by=lambda row: row[0],
    min_size=3,
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(TABLES, TABLES)
def test_the_audit_counts_as_compare_does(
    tmp_path_factory: pytest.TempPathFactory, old: list[Row], new: list[Row]
) -> None:
    top = tmp_path_factory.mktemp("pair")
    for name, rows in (("a", old), ("b", new)):
        with (top / f"{name}.csv").open("w", newline="") as handle:
            csv.writer(handle).writerows([("id", "name", "stars"), *rows])
    snapshots = [snapshot(name, top / f"{name}.csv") for name in ("a", "b")]
    found = conduct("helm", DAY, snapshots, 100, Progress())
    other = next(one for one in found.audit.operators if one.operator != found.audit.reference)
    pair = [top / f"{name}.csv" for name in (found.audit.reference, other.operator)]
    asked = compare(pair[0], pair[1], Options(key=next(iter((found.key or {}).values()))), Progress())
    assert (other.missing, other.extra) == (asked.counts.removed, asked.counts.added)
    assert other.differing == sum(asked.columns.changed.values())
    assert found.agrees is asked.identical


@pytest.mark.parametrize(
    ("paths", "pattern", "chosen"),
    [
        (["x-2019-03-25.csv", "x-2019-03-24.csv", "control-2019-03-25.csv"], "", ["x-2019-03-25.csv"]),
        (["a/x-20190325.tsv", "x-2019-03-25.png"], "", ["a/x-20190325.tsv"]),
        (["x-2019-03-25.csv", "y-2019-03-25.csv"], "y*", ["y-2019-03-25.csv"]),
        (["now.csv", "y-2019-03-24.csv"], "now.csv", ["now.csv"]),
    ],
)  # fmt: skip
def test_the_files_of_a_day_are_told_by_their_names(
    paths: list[str], pattern: str, chosen: list[str]
) -> None:
    assert OfDay(DAY, pattern).choose(paths) == chosen


@pytest.mark.parametrize(
    ("paths", "words"),
    [
        (["x-2019-03-20.csv", "x-2019-03-22.csv"], "its newest one before is of 2019-03-22"),
        (["x-2019-04-01.csv"], "its first one is of 2019-04-01"),
        (["README.md", ".hidden-2019-03-25.csv"], "no file of it is named by a day"),
    ],
)
def test_an_old_clone_is_told_by_what_it_has_instead(paths: list[str], words: str) -> None:
    with pytest.raises(NotFound, match=words):
        OfDay(DAY).choose(paths)


def test_a_stream_is_the_same_from_day_to_day_and_wherever_it_lies() -> None:
    assert stream_of("data/X-2019-03-25.csv") == stream_of("x-20190326.csv") == "x-*.csv"


DAPPS = DATA.parent.parent / "dapps"
CRAWLS = {
    "aws-sar": [DATA / f"autocontents-{day}.csv" for day in ("2019-07-23", "2019-07-24")],
    "wider": [DATA / f"autocontents-{day}.csv" for day in (days()[0], days()[-1])] if days() else [],
    "dapps": [DAPPS / f"DappRadar-2019-11-{day}.csv" for day in ("03", "04")],
}


@pytest.mark.skipif(not days(), reason=f"the recorded days are not at {DATA}")
@pytest.mark.parametrize("name", CRAWLS)
def test_real_days_stand_in_for_two_crawls_of_one_day_and_compare_counts_the_same(name: str) -> None:
    first, second = CRAWLS[name]
    snapshots = [snapshot("ann", first), snapshot("ben", first), snapshot("cat", second)]
    found = conduct(name, "2019-07-23", snapshots, 1000, Progress())
    cat = standing(found, "cat")
    key = next(iter((found.key or {}).values()))
    asked = compare(first, second, Options(key=key), Progress())
    assert found.audit.winner == ("ann", "ben")
    assert (cat.missing, cat.extra) == (asked.counts.removed, asked.counts.added)
    listed = [d for d in found.differences if d.operators == ("cat",)]
    assert len(listed) == min(1000, cat.missing + cat.extra + cat.differing)
    if not asked.columns.added:  # which compare tells as such, and an audit as cells
        assert cat.differing == sum(asked.columns.changed.values())


def test_files_that_would_fill_the_memory_are_refused_by_name_or_pattern(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 8)
    found = audited(tmp_path, {"a": without(1), "b": without(1), "c": FULL + "9,x,1\n"})
    assert (standing(found, "c").state, found.agrees) == ("unreadable", True)
    assert "too many to be audited" in standing(found, "c").notes[0]
    files = {f"s{number}": tmp_path / "a.csv" for number in range(21)}
    with pytest.raises(BadInput, match="21 different files"):
        conduct("helm", DAY, [Snapshot("a", "", files)], 9, Progress())


def test_an_audit_that_is_cancelled_stops(tmp_path: Path) -> None:
    paths = {name: tmp_path / f"{name}.csv" for name in ("a", "b")}
    for name, path in paths.items():
        path.write_text(FULL.replace("name1", name))
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        conduct("helm", DAY, [snapshot(name, path) for name, path in paths.items()], 9, progress)


def test_fetching_from_hosts_that_never_answer_can_be_cancelled(tmp_path: Path) -> None:
    progress = Progress()
    with silent_server() as port:
        entries = [
            Announcement("helm", DAY, f"op{number}", f"http://127.0.0.1:{port}/{number}.git", "0" * 40)
            for number in range(6)
        ]
        timer = threading.Timer(0.5, progress.cancel)
        timer.start()
        with pytest.raises(Cancelled):
            fetch_all(entries, OfDay(DAY), tmp_path, {entry.operator: False for entry in entries}, progress)
        timer.join()
    assert list(tmp_path.iterdir()) == []


def test_only_the_copies_of_the_last_days_are_kept(tmp_path: Path) -> None:
    for age in range(8):
        (tmp_path / f"2019-03-{age + 1:02}").mkdir()
        os.utime(tmp_path / f"2019-03-{age + 1:02}", (1_000_000 - age, 1_000_000 - age))
    prune(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"2019-03-0{day}" for day in range(1, 6)]
    prune(tmp_path / "absent")
