"""A damaged database is kept aside, said, and made anew: jobs from their copy, runs from receipts."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from roforlmao import statefile
from roforlmao.errors import StorageFailed
from roforlmao.state import State
from tests.session.world import Operator, World


def overwrite(path: Path, start: int, length: int) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xa5" * length)


def cut(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


DAMAGE: dict[str, Callable[[Path], None]] = {
    "header": lambda path: overwrite(path, 0, 100),
    "first-table": lambda path: overwrite(path, 4096, 8192),
    "cut": cut,
    "empty": lambda path: os.truncate(path, 0),
    "gone": Path.unlink,
}


@pytest.fixture
def alice(world: World) -> Operator:
    return world.ticking()


def fire(operator: Operator, seconds: str) -> list[dict[str, Any]]:
    answer = operator.verb("scheduler", "run", "--for", seconds)
    assert answer.status == 0, answer
    return [json.loads(line) for line in answer.out.splitlines()]


def started(events: list[dict[str, Any]]) -> list[str]:
    return [event["scheduled_for"] for event in events if event["event"] == "started"]


def without_log(path: Path) -> None:
    """Brings what SQLite still has in its log into the file, so that damage to the file counts."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.mark.parametrize("damage", DAMAGE)
def test_after_damage_jobs_and_runs_are_there_again_and_no_slot_runs_twice(
    alice: Operator, damage: str
) -> None:
    job = alice.done("tool", "schedule", "ticker", "--every", "1s", "--hub", "h")
    alice.done("tool", "schedule", "ticker", "monthly", "--on", "31")
    alice.done("tool", "stop", "j2")
    before = fire(alice, "2.5s")
    first, *_ = [run for run in alice.done("run", "list") if run["state"] == "succeeded"]
    pushed = alice.done("run", "sync", first["id"], "--hub", "h")
    known = {run["id"]: run for run in alice.done("run", "list") if run["sync"]["commit"]}
    path = alice.home / "state" / "launcher.sqlite"
    without_log(path)
    DAMAGE[damage](path)
    [again] = alice.done("tool", "list-scheduled")
    assert {k: v for k, v in again.items() if k not in ("next_run", "last_run", "last_state", "missed")} == {
        k: v for k, v in job.items() if k not in ("next_run", "last_run", "last_state", "missed")
    }
    runs = {run["id"]: run for run in alice.done("run", "list")}
    assert set(runs) == set(known)
    for name in ("tool", "command", "rows", "exit_code", "commit", "started"):
        assert [run[name] for run in runs.values()] == [known[key][name] for key in runs], name
    assert runs[first["id"]]["sync"]["state"] == "pushed"
    assert runs[first["id"]]["sync"]["key"] == pushed["sync"]["key"]
    [notice] = alice.done("notification", "list")
    assert "1 job from their copy" in notice["text"]
    aside = sorted(path.parent.glob("launcher.sqlite.damaged-*"))
    assert bool(aside) == (damage not in ("empty", "gone"))
    assert not aside or str(aside[0]) in notice["text"]
    after = started(fire(alice, "2.5s"))
    assert after
    assert not set(started(before)) & set(after), "a slot ran twice"
    with closing(sqlite3.connect(path)) as database:
        unknown = database.execute("SELECT COUNT(*) FROM slots WHERE state = 'unknown'").fetchone()[0]
        assert 1 <= unknown <= 200
    assert alice.done("tool", "schedule", "ticker", "daily")["id"] == "j3"  # ids are not given twice
    told = [notice["text"] for notice in alice.done("notification", "list")]
    assert sum("1 job from their copy" in text for text in told) == 1


def test_a_launcher_that_is_open_goes_on_with_the_new_file(tmp_path: Path) -> None:
    path = tmp_path / "one" / "launcher.sqlite"
    restored: list[str] = []
    with (
        closing(State(path)) as old,
        closing(State(path, lambda _state, aside, _why: restored.append(aside))) as new,
    ):
        old.remember("q", "a")
        without_log(path)
        overwrite(path, 0, 4096)
        assert new.remembered("q") == ""
        new.remember("q", "b")
        assert old.remembered("q") == "b"
    assert len(restored) == 1


def test_a_launcher_that_is_killed_while_it_restores_does_so_again(tmp_path: Path) -> None:
    path, asked = tmp_path / "launcher.sqlite", []

    def killed(_state: State, _aside: str, _why: str) -> None:
        raise KeyboardInterrupt

    def whole(state: State, aside: str, why: str) -> None:
        asked.append((aside, why))
        state.remember("restored", "yes")

    path.write_bytes(b"not a database, but long enough to look like one" * 100)
    with pytest.raises(KeyboardInterrupt):
        State(path, killed).remembered("x")
    with closing(State(path, whole)) as opened:
        assert opened.remembered("restored") == "yes"
    with closing(State(path, killed)) as opened:
        assert opened.remembered("restored") == "yes"
    [(aside, why)] = asked
    assert (tmp_path / aside).exists()
    assert "not a database" in why


def test_damage_in_a_large_file_is_told_where_it_is_met_and_mended_with_the_next_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statefile, "_SMALL", 0)
    path, asked = tmp_path / "launcher.sqlite", []
    with closing(State(path)) as opened:
        for number in range(200):
            opened.remember(f"question {number}", "x" * 1000)
    without_log(path)
    overwrite(path, path.stat().st_size - 40_960, 32_768)
    with closing(State(path, lambda _state, aside, _why: asked.append(aside))) as opened:
        with pytest.raises(StorageFailed, match="Cannot use") as told, opened.read() as connection:
            connection.execute("SELECT SUM(LENGTH(answer)) FROM answers").fetchone()
        assert "Try again" in told.value.hint
        opened.remember("question", "answer")
        assert opened.remembered("question") == "answer"
    assert len(asked) == 1
