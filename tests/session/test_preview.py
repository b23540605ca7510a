"""What a sync would take away is seen before anything is committed or pushed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.session.counters import counting, day
from tests.session.test_menus import choose, launcher, leave
from tests.session.world import Operator, World


@pytest.fixture
def alice(world: World) -> Operator:
    """Has published a clone of her own: three days, and one file that says nothing of days."""
    alice = world.operator("alice")
    alice.done("dataset", "add", "d", world.bare("d"))
    clone = Path(alice.done("dataset", "clone", "d")["path"])
    files = {f"apps-{day(n)}.csv": "id,stars\n" + "".join(f"{i},1\n" for i in range(9)) for n in (1, 2, 3)}
    World.write(clone, {**files, "notes.txt": "a\nb\n"})
    alice.done("dataset", "sync", clone, "--hub", "helm")
    return alice


def clone_of(operator: Operator) -> Path:
    return Path(operator.done("dataset", "list-local")[0]["path"])


def harm(clone: Path) -> None:
    """A day deleted, one shrunk, one overwritten, one new and empty; and one good new day."""
    (clone / f"apps-{day(1)}.csv").unlink()
    (clone / f"apps-{day(2)}.csv").write_text("id,stars\n0,1\n")
    (clone / f"apps-{day(3)}.csv").write_text("id,stars\n" + "".join(f"{i},2\n" for i in range(9)))
    (clone / f"apps-{day(4)}.csv").write_text("")
    (clone / f"apps-{day(5)}.csv").write_text("id,stars\n1,1\n")


@pytest.mark.parametrize("words", [("sync", "--hub", "helm", "--dry-run"), ("preview",)])
def test_files_and_rows_are_told_and_nothing_changes(
    world: World, alice: Operator, words: tuple[str, ...]
) -> None:
    clone = clone_of(alice)
    harm(clone)
    before = world.git(clone, "status", "--porcelain"), world.git(clone, "rev-parse", "HEAD")
    verb, *rest = words
    looked = alice.verb("dataset", verb, clone, *rest)
    assert looked.status == 1
    assert [tuple(file.values()) for file in looked.data["files"]] == [
        (f"apps-{day(1)}.csv", "deleted", 10, 0, "deleted"),
        (f"apps-{day(2)}.csv", "changed", 10, 2, "shrunk"),
        (f"apps-{day(3)}.csv", "changed", 10, 10, "overwritten"),
        (f"apps-{day(4)}.csv", "added", 0, 0, "empty"),
        (f"apps-{day(5)}.csv", "added", 0, 2, ""),
    ]
    assert (world.git(clone, "status", "--porcelain"), world.git(clone, "rev-parse", "HEAD")) == before
    assert world.git(Path(world.root / "remotes" / "d.git"), "log", "--format=%H", "main").count("\n") == 0
    assert not list((clone / ".git").rglob("index-*-sync"))
    refused = alice.verb("dataset", "sync", clone, "--hub", "helm")
    assert refused.status == 5
    assert refused.data["error"]["message"] == (
        "Not published: 4 losses (files: 1 deleted, 1 empty, 1 overwritten, 1 shrunk; 18 rows fewer): "
        f"apps-{day(1)}.csv would be deleted (10 rows); apps-{day(2)}.csv would shrink from 10 to 2 rows; "
        f"apps-{day(3)}.csv would be overwritten (10 rows by 10 rows); and 1 more."
    )


def test_a_harmless_sync_is_exit_0_and_what_is_left_out_is_said(alice: Operator) -> None:
    clone = clone_of(alice)
    assert alice.done("dataset", "preview", clone)["files"] == []
    harm(clone)
    alice.done("dataset", "sync", clone, "--hub", "helm", "--leave-out")
    looked = alice.verb("dataset", "preview", clone)
    assert (looked.status, looked.data["files"]) == (0, [])
    assert len(looked.data["left_out"]) == 4


def test_a_runs_sync_is_looked_at_with_what_its_tool_hides(world: World) -> None:
    alice = counting(world)
    ran = alice.done("tool", "run", "counter", "go", day(7), 635, "--no-sync")
    (Path(ran["data_path"]) / ".gitignore").write_text("*.csv\n")
    looked = alice.done("run", "sync", ran["id"], "--hub", "helm", "--dry-run")
    assert {
        "path": f"apps-{day(7)}.csv",
        "change": "added",
        "rows_before": 0,
        "rows_after": 635,
        "loss": "",
    } in (looked["files"])
    assert alice.done("run", "show", ran["id"])["sync"]["state"] == "skipped"
    assert alice.done("hub", "list") == []


@pytest.mark.parametrize("cols", [80, 60])
def test_the_menu_shows_it_too(world: World, alice: Operator, cols: int) -> None:
    harm(clone_of(alice))
    with launcher(world, alice.home, cols=cols, rows=40) as terminal:
        choose(terminal, "Data", "What a sync would change", "d")
        terminal.wait_for("would be refused: 4 losses")
        leave(terminal)
