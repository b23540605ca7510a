"""The verb compare on files that are read in blocks: the same document, files to take along, limits."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.session.world import Operator, World

ROWS = 200_000


@pytest.fixture
def alice(world: World) -> Operator:
    return world.operator("alice")


@pytest.fixture
def large(tmp_path: Path) -> tuple[Path, Path]:
    """Of some 9 MB; ten rows added, five removed, three changed."""
    rows = [f"{number},application number {number},{number % 1000},a note" for number in range(ROWS)]
    old, new = tmp_path / "old.csv", tmp_path / "new.csv"
    changed = {
        number: rows[number].replace("a note", '"a note, changed"') for number in (10, 70_000, ROWS - 6)
    }
    later = [changed.get(number, row) for number, row in enumerate(rows[:-5])]
    later += [f"new-{number},name,1,=1+1" for number in range(10)]
    for path, lines in ((old, rows), (new, later)):
        path.write_text("id,name,stars,note\n" + "\n".join(lines) + "\n")
    return old, new


def test_a_large_comparison_says_and_writes_what_a_small_one_does(
    alice: Operator, large: tuple[Path, Path], tmp_path: Path
) -> None:
    targets = [tmp_path / f"result.{ending}" for ending in ("json", "csv", "md", "html")]
    update = tmp_path / "update.csv"
    answers = [
        alice.verb("compare", *large, "--added-to", update, "--overwrite", "--output", to) for to in targets
    ]
    found = answers[0]
    assert (found.status, found.data["key"]) == (1, ["id"])
    assert found.data["counts"] == {
        "added": 10, "removed": 5, "changed": 3, "unchanged": ROWS - 8, "moved": 0,
    }  # fmt: skip
    assert found.data["columns"]["changed"] == {"note": 3}
    assert found.data["changed"][1]["cells"] == [
        {"column": "note", "old": "a note", "new": "a note, changed"}
    ]
    assert all(answer.data == found.data for answer in answers)
    assert json.loads(targets[0].read_text()) == found.data
    with targets[1].open(newline="") as handle:
        assert len(list(csv.reader(handle))) == 1 + 3 + 10 * 4 + 5 * 4
    assert update.read_text().splitlines()[:2] == ["id,name,stars,note", "new-0,name,1,=1+1"]
    assert "a note, changed" in targets[2].read_text()
    assert all("70000" in target.read_text() for target in targets[2:])


def test_moved_rows_of_large_files_are_counted_when_asked(alice: Operator, large: tuple[Path, Path]) -> None:
    old, new = large
    head, *rows = old.read_text().splitlines(keepends=True)
    new.write_text("".join([head, *rows[7:], *rows[:7]]))
    asked, silent = alice.verb("compare", old, new, "--moved"), alice.verb("compare", old, new)
    assert (asked.status, asked.data["counts"]["moved"]) == (0, 7)
    assert silent.data == asked.data | {"counts": asked.data["counts"] | {"moved": None}}


def test_the_configuration_limits_what_is_compared(alice: Operator, large: tuple[Path, Path]) -> None:
    mine = alice.home / "config.yaml"
    mine.write_text(mine.read_text() + "\ncompare: {max_file_mb: 5, max_line_mb: 1}\n")
    refused = alice.verb("compare", *large)
    assert refused.status == 2
    assert "at most 5,000,000 can be compared" in refused.data["error"]["message"]
    assert "compare.max_file_mb" in refused.data["error"]["hint"]
    long = large[0].parent / "long.csv"
    long.write_text("id\n" + "x" * 1_500_000)
    assert "line 2: longer than 1,000,000 bytes" in alice.verb("compare", long, long).data["error"]["message"]
