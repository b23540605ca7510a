"""The verb compare: exit statuses, files to take along, real days of both streams."""

from __future__ import annotations

import csv
import json
import os
import subprocess
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from roforlmao.actions.comparechoices import newer, older
from roforlmao.actions.references import FileAt
from roforlmao.app import App
from roforlmao.paths import Home
from tests.session.world import DATA, Operator, World, clean_environment, days

ABSENT = pytest.mark.skipif(not days(), reason=f"the recorded days are not at {DATA}")
DAPPS = DATA.parent.parent / "dapps"
OLD = "id,name,stars\n1,Kyber,5\n2,Maker,7\n"
NEW = "id,name,stars\n1,Kyber,6\n3,Aave,1\n"


@pytest.fixture
def alice(world: World) -> Operator:
    return world.operator("alice")


def written(top: Path, **contents: str) -> list[Path]:
    paths = []
    for name, content in contents.items():
        paths.append(top / f"{name}.csv")
        paths[-1].write_text(content)
    return paths


def test_the_exit_status_tells_whether_they_differ(alice: Operator, tmp_path: Path) -> None:
    old, new = written(tmp_path, old=OLD, new=NEW)
    same = alice.verb("compare", old, old)
    assert (same.status, same.data["identical"]) == (0, True)
    differ = alice.verb("compare", old, new)
    assert (differ.status, differ.data["identical"]) == (1, False)
    assert differ.data["counts"] == {"added": 1, "removed": 1, "changed": 1, "unchanged": 0, "moved": 0}
    assert differ.data["changed"] == [
        {"key": ["1"], "cells": [{"column": "stars", "old": "5", "new": "6"}]}
    ]  # fmt: skip
    missing = alice.verb("compare", old, tmp_path / "gone.csv")
    assert (missing.status, missing.data["error"]["code"]) == (2, "not-found")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--tolerance", "abc"], "'abc' is not a tolerance"),
        (["--tolerance", "-1"], "tolerance"),
        (["--tolerance", "nan"], "not a tolerance"),
        (["--header", "maybe"], "not a choice for the header"),
        (["--delimiter", ";;"], "not a delimiter"),
        (["--delimiter", '"'], "not a delimiter"),
        (["--limit", "0"], "not a number"),
        (["--key", "ID"], "no column 'ID'"),
        (["--ignore", "4"], "no column '4'"),
        (["--output", "result.xls"], "does not say in what form"),
        (["--added-to", "/dev/null"], "is not a file"),
    ],
)
def test_a_wrong_option_is_told_and_nothing_is_done(
    options: list[str], said: str, alice: Operator, tmp_path: Path
) -> None:
    answer = alice.verb("compare", *written(tmp_path, old=OLD, new=NEW), *options)
    assert answer.status == 2
    assert said in answer.data["error"]["message"] + answer.data["error"]["hint"]


def test_options_reach_the_engine(alice: Operator, tmp_path: Path) -> None:
    old, new = written(tmp_path, old=OLD, new=NEW)
    assert alice.verb("compare", old, new, "--key", "id", "--key", "name").data["key"] == ["id", "name"]
    assert alice.verb("compare", old, new, "--tolerance", "1").data["counts"]["changed"] == 0
    assert alice.verb("compare", old, new, "--ignore", "stars").data["counts"]["changed"] == 0
    assert alice.verb("compare", old, new, "--header", "no").data["old"]["rows"] == 3
    assert alice.verb("compare", old, new, "--delimiter", "tab").data["old"]["columns"] == 1
    cut = alice.verb("compare", old, tmp_path / "old.csv", "--limit", "1")
    assert cut.data["truncated"] is False


def test_results_are_taken_along_and_inputs_are_never_written_over(alice: Operator, tmp_path: Path) -> None:
    old, new = written(tmp_path, old=OLD, new=NEW)
    update, result = tmp_path / "update.csv", tmp_path / "deep" / "result.json"
    answer = alice.verb("compare", old, new, "--added-to", update, "--output", result)
    assert answer.status == 1
    assert update.read_text() == "id,name,stars\n3,Aave,1\n"
    assert json.loads(result.read_text()) == answer.data
    (tmp_path / "link.csv").symlink_to(old)
    for target in (old, new, tmp_path / "link.csv"):
        for option in ("--added-to", "--output"):
            assert alice.verb("compare", old, new, option, target).status == 2
    assert (old.read_text(), new.read_text()) == (OLD, NEW)


def test_a_file_holds_all_rows_though_the_document_is_cut(alice: Operator, tmp_path: Path) -> None:
    rows = "".join(f"{n},x\n" for n in range(1500))
    old, new = written(tmp_path, old="id,v\n", new=f"id,v\n{rows}")
    result = tmp_path / "result.json"
    answer = alice.verb("compare", old, new, "--output", result)
    assert (len(answer.data["added"]), answer.data["truncated"]) == (1000, True)
    assert len(json.loads(result.read_text())["added"]) == 1500
    alice.verb("compare", old, new, "--output", result, "--overwrite", "--limit", "7")
    assert len(json.loads(result.read_text())["added"]) == 7


def test_people_get_a_summary_and_the_lists_without_escape_sequences(alice: Operator, tmp_path: Path) -> None:
    old, new = written(tmp_path, old=OLD, new=NEW + "4,\x1b[31mred\x1b]0;owned\x07,2\n5\n")
    command = alice.command("compare", old, new)
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env=clean_environment(), timeout=60
    )
    assert done.returncode == 1
    assert "Rows: 2 before, 4 after; 3 added, 1 removed, 1 changed." in done.stdout
    assert "Key: id (unique)" in done.stdout
    assert "  1: stars 5 -> 6" in done.stdout
    assert "  4 | red | 2" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    assert "Warning: " in done.stderr
    assert "1 row of other than 3 cells" in done.stderr


def test_the_menu_offers_tables_below_work_and_imports_newest_first(world: World, alice: Operator) -> None:
    app = App(Home.locate(None, str(alice.home), {}), {})
    paths = []
    for age, name in enumerate(("work/a.csv", "imports/data/x/b.CSV", "work/deep/er/c.tsv")):
        paths.append(alice.home / name)
        paths[-1].parent.mkdir(parents=True, exist_ok=True)
        paths[-1].write_text(OLD)
        os.utime(paths[-1], (1_000_000 - age, 1_000_000 - age))
    for name in ("work/notes.txt", "imports/data/x/.git/d.csv", "state/e.csv"):
        other = alice.home / name
        other.parent.mkdir(parents=True, exist_ok=True)
        other.write_text(OLD)
    offered = [FileAt(path) for path in paths]
    assert [choice.value for choice in newer(app, {})] == offered
    assert [choice.value for choice in older(app, {"new": offered[1]})] == [offered[2], offered[0]]
    assert newer(app, {})[0].title == "work/a.csv"


def read(path: Path) -> list[tuple[str, ...]]:
    with path.open(newline="", encoding="utf-8") as handle:
        return [tuple(row) for row in csv.reader(handle)]


@ABSENT
def test_consecutive_real_days_add_up(alice: Operator) -> None:
    """Of every pair: the new multiset of rows is the old one, less what went, plus what came."""
    for before, after in pairwise(days()):
        paths = [DATA / f"autocontents-{day}.csv" for day in (before, after)]
        old, new = (read(path) for path in paths)
        found = alice.verb("compare", *paths).data
        counts = found["counts"]
        assert not found["old"]["header"]
        assert found["key"] == ["2"], (before, after)
        assert counts["unchanged"] + counts["changed"] + counts["removed"] == len(old)
        assert counts["unchanged"] + counts["changed"] + counts["added"] == len(new)
        if not found["columns"]["added"]:
            assert counts["unchanged"] == (Counter(old) & Counter(new)).total()
        # the ARN is the identity of an application: what came and went by it, repeated ones included
        arns = [Counter(row[1] for row in rows) for rows in (old, new)]
        assert counts["added"] == (arns[1] - arns[0]).total()
        assert counts["removed"] == (arns[0] - arns[1]).total()
        assert any("failed crawl" in warning for warning in found["warnings"]) is (not old or not new)


@ABSENT
def test_names_added_and_removed_agree_with_the_projects_own_count(alice: Operator) -> None:
    """Its rule: names added per row, removed distinct, nothing after an empty file."""
    with (DATA.parent / "plusminus.csv").open(newline="") as handle:
        counted = {day: (int(plus), int(minus)) for day, plus, minus in list(csv.reader(handle))[1:]}
    compared = 0
    for before, after in pairwise(days()):
        paths = [DATA / f"autocontents-{day}.csv" for day in (before, after)]
        if after not in counted or not paths[0].stat().st_size or (int(after[-2:]) - int(before[-2:])) != 1:
            continue
        found = alice.verb("compare", *paths, "--key", "1").data
        names = [{row[0] for row in read(path)} for path in paths]
        plus = [row["key"][0] for row in found["added"] if row["key"][0] not in names[0]]
        minus = {row["key"][0] for row in found["removed"] if row["key"][0] not in names[1]}
        assert (len(plus), -len(minus)) == counted[after], after
        compared += 1
    assert compared >= 8


@ABSENT
def test_real_days_with_a_header_and_repeated_names_find_a_key(alice: Operator) -> None:
    files = sorted(DAPPS.glob("*.csv"))
    for before, after in pairwise(files):
        found = alice.verb("compare", before, after).data
        assert found["old"]["header"]
        assert found["key"][0] in ("Name", "dappLink"), (before, after)
        names = [Counter(row[0] for row in read(path)[1:]) for path in (before, after)]
        gone = (names[0] - names[1]).total()
        assert gone <= found["counts"]["removed"] <= gone + 8
        assert set(found["columns"]["changed"]) & {"Balance", "User", "Volume24", "Txn24"}
    assert len(files) > 30
