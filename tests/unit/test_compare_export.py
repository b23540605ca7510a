"""What is taken along: JSON, CSV, Markdown and added rows; hostile cells do no harm in any of them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from roforlmao.compare.export import Exporter, added_rows, exporter, to_csv, to_json, to_markdown
from roforlmao.compare.outcome import Outcome
from roforlmao.compare.summary import lists, summary
from roforlmao.errors import BadInput
from tests.unit.comparing import document, outcome

OLD = "id,v,w\n1,a,x\n2,b,y\n"
NEW = 'id,v,w\n1,"=HYPERLINK(""http://x"")",x\n3,c,"two\nlines"\n'
HOSTILE = "id,v\n1,\x1b]0;owned\x07\x1b[2J<script>|*x*&lt;\u202e\n2,[bold]b[/bold]\n"


def whole(write: Exporter, found: Outcome, limit: int | None = None) -> str:
    return "".join(write(found, limit))


def test_csv_holds_one_row_for_each_changed_cell_and_no_formula(tmp_path: Path) -> None:
    rows = list(csv.reader(io.StringIO(whole(to_csv, outcome(tmp_path, OLD, NEW)))))
    assert rows == [
        ["change", "key", "column", "old", "new"],
        ["changed", "1", "v", "a", '\'=HYPERLINK("http://x")'],
        ["removed", "2", "id", "2", ""],
        ["removed", "2", "v", "b", ""],
        ["removed", "2", "w", "y", ""],
        ["added", "3", "id", "", "3"],
        ["added", "3", "v", "", "c"],
        ["added", "3", "w", "", "two\nlines"],
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_every_start_of_a_formula_is_quoted_for_spreadsheets_only(start: str, tmp_path: Path) -> None:
    found = outcome(tmp_path, "id,v\n1,a\n", f'id,v\n1,"{start}1"\n', delimiter=",")
    assert f"'{start}1" in whole(to_csv, found)
    assert json.loads(whole(to_json, found))["changed"][0]["cells"][0]["new"] == f"{start}1"


def test_json_is_the_document_of_the_verb(tmp_path: Path) -> None:
    found = outcome(tmp_path, OLD, NEW)
    short = document(tmp_path, OLD, NEW)
    short.pop("short")
    assert json.loads(whole(to_json, found)) == short
    assert whole(to_json, outcome(tmp_path, OLD, HOSTILE)).isascii()


def test_markdown_has_the_summary_and_the_three_lists(tmp_path: Path) -> None:
    text = whole(to_markdown, outcome(tmp_path, OLD, NEW))
    assert "- Rows: 2 before, 2 after; 1 added, 1 removed, 1 changed." in text
    assert "## Changed: 1 row\n\n| key | column | old | new |\n| --- | --- | --- | --- |" in text
    assert "## Added: 1 row" in text
    assert "| 3 | c | two lines |" in text
    assert "| 2 | b | y |" in text


def test_added_rows_stand_as_in_the_new_file(tmp_path: Path) -> None:
    found = outcome(tmp_path, OLD, NEW)
    assert "".join(added_rows(found)) == 'id,v,w\n3,c,"two\nlines"\n'
    bare = outcome(tmp_path, "a;x;1\n", "a;x;1\nb;=y;2\n")
    assert "".join(added_rows(bare)) == "b;=y;2\n"
    twice = outcome(tmp_path, "id,x,x\n1,a,b\n", "id,x,x\n1,a,b\n2,c,d\n")
    assert "".join(added_rows(twice)) == "id,x,x\n2,c,d\n"


def test_the_form_is_told_by_the_ending() -> None:
    assert exporter(Path("a.JSON")) is to_json
    assert exporter(Path("b.csv")) is to_csv
    assert exporter(Path("c.md")) is to_markdown
    with pytest.raises(BadInput, match="does not say") as refused:
        exporter(Path("d.xls"))
    assert ".json, .csv, .md or .html" in refused.value.hint


def test_hostile_cells_are_harmless_on_screen_and_in_markdown(tmp_path: Path) -> None:
    compared = outcome(tmp_path, "id,v\n1,a\n", HOSTILE, key=("id",))
    found, markdown = compared.comparison(), whole(to_markdown, compared)
    for text in ("\n".join([*summary(found), *lists(found, 10, 200)]), markdown):
        assert not set(text) & set("\x1b\x07\u202e")
        assert "owned" not in text
    assert "\\<script\\>\\|\\*x\\*\\&lt;" in markdown


def test_a_delimiter_that_cannot_be_shown_is_told_by_its_number(tmp_path: Path) -> None:
    found = outcome(tmp_path, "id\x1bv\n1\x1b2\n", "id\x1bv\n1\x1b3\n", delimiter="\x1b").comparison()
    assert summary(found)[0].endswith("(2 columns, character 27, header, utf-8)")


def test_lists_are_cut_to_the_screen_and_say_so(tmp_path: Path) -> None:
    new = "id,v\n" + "".join(f"{n},{'long ' * 30}{n}\n" for n in range(25))
    found = outcome(tmp_path, "id,v\n0,a\n", new).comparison()
    shown = lists(found, 10, 60)
    assert all(len(line) <= 60 for line in shown if line.startswith("  ") and not line.startswith("  ..."))
    assert "Added: 24 rows" in shown
    assert "  ... and 14 more; --output FILE or --json has them." in shown


def test_a_missing_cell_is_told_from_an_empty_one(tmp_path: Path) -> None:
    found = outcome(tmp_path, "id,v,w\n1,a,b\n2,a,b\n", "id,v,w\n1,a,\n2,a\n", key=("id",)).comparison()
    assert '  1: w b -> ""' in lists(found, 10, 80)
    assert "  2: w b -> (none)" in lists(found, 10, 80)


def test_the_limit_cuts_lists_and_never_counts(tmp_path: Path) -> None:
    new = "id,v\n" + "".join(f"{n},x\n" for n in range(9))
    found = outcome(tmp_path, "id,v\n0,a\n", new).comparison(3)
    assert len(found.added) == 3
    assert found.truncated
    assert found.counts.added == 8
    assert not outcome(tmp_path, "id,v\n0,a\n", new).comparison(8).truncated


def test_long_cells_keep_both_ends_and_numbers_are_told_to_be_columns(tmp_path: Path) -> None:
    arn = "arn:aws:serverlessrepo:us-east-1:173334852312:applications/some-application-{}"
    old, new = (f"{arn.format('a')},{stars}\n{arn.format('b')},7\n" for stars in (5, 6))
    found = outcome(tmp_path, old, new).comparison()
    line = next(line for line in lists(found, 10, 120) if "->" in line)
    assert line == "  arn:aws:serverlessrepo:us-eas…pplications/some-application-a: column 2 5 -> 6"
    assert "Columns with changed cells: 2 (1)." in summary(found)
