"""Runs and notices outlive the launcher that wrote them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from roforlmao.errors import NotFound, StorageFailed
from roforlmao.models import Run, Sync, Verdict
from roforlmao.notices import Notices
from roforlmao.runs.history import History, is_alive, new_id, this_process
from roforlmao.state import State


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with closing(State(tmp_path / "state" / "launcher.sqlite")) as opened:
        yield opened


RUN = Run("20260101-000000-aaaa", "t", "script", "c", ("x", ""), "2026-01-01T00:00:00+00:00", "running")


def test_a_run_comes_back_as_it_was_saved(state: State) -> None:
    run = dataclasses.replace(
        RUN, state="succeeded", verdict=Verdict("normal", "classic", 1.0), sync=Sync("pushed")
    )
    History(state).save(run, finished=True)
    assert History(state).get(run.id) == run


def test_an_unknown_run_is_named(state: State) -> None:
    with pytest.raises(NotFound, match="nope"):
        History(state).get("nope")


def test_ids_sort_by_time() -> None:
    first = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    moments = [first + dt.timedelta(milliseconds=passed) for passed in (0, 1, 999, 1000, 86_400_000)]
    found = [new_id(moment) for moment in moments]
    assert found == sorted(found)
    early, late = found[0], found[-1]
    assert early < late


def test_newest_first_of_one_tool_and_at_most_so_many(state: State) -> None:
    history = History(state)
    for number in range(5):
        history.save(dataclasses.replace(RUN, id=f"2026-{number}", tool="ab"[number % 2]), finished=True)
    assert [run.id for run in history.newest("a", 2)] == ["2026-4", "2026-2"]
    assert len(history.newest()) == 5


def test_a_run_of_this_very_launcher_is_not_called_lost(state: State) -> None:
    History(state).save(RUN, finished=False)
    assert History(state).recover() == []


SAVE = """
import sys
from pathlib import Path
from roforlmao.models import Run, Sync
from roforlmao.runs.history import History
from roforlmao.state import State
history = History(State(Path(sys.argv[1])))
for number, state in enumerate(("running", "succeeded")):
    run = Run(f"r{number}", "t", "script", "c", (), "2026-01-01", state)
    history.save(run, finished=False)
"""


def test_what_a_killed_launcher_left_open_is_closed_honestly(state: State, tmp_path: Path) -> None:
    path = tmp_path / "state" / "launcher.sqlite"
    subprocess.run([sys.executable, "-c", SAVE, str(path)], check=True, cwd=Path(__file__).parents[2])
    recovered = {run.id: run for run in History(state).recover()}
    assert recovered["r0"].state == "lost"
    assert recovered["r1"].state == "succeeded"
    sync = recovered["r1"].sync
    assert sync is not None
    assert sync.state == "failed"
    assert "run sync r1" in sync.reason
    assert History(state).recover() == []


def test_pruning_forgets_the_oldest_with_their_logs(state: State, tmp_path: Path) -> None:
    history = History(state)
    for number in range(4):
        log = tmp_path / f"{number}.log"
        log.touch()
        history.save(dataclasses.replace(RUN, id=f"{number}", state="failed", log=str(log)), finished=True)
    history.prune(2)
    assert [run.id for run in history.newest()] == ["3", "2"]
    assert sorted(p.name for p in tmp_path.glob("*.log")) == ["2.log", "3.log"]


def test_notices_stay_until_acknowledged(state: State) -> None:
    notices = Notices(state)
    for text in ("one", "two", "three"):
        notices.add("test", text)
    first = notices.newest()[-1]
    assert (notices.unread(), first.text) == (3, "one")
    assert [n.text for n in notices.acknowledge(first.id)] == ["one"]
    assert notices.acknowledge(first.id) == []
    assert [n.text for n in notices.newest()] == ["three", "two"]
    assert len(notices.acknowledge(None)) == 2
    assert len(notices.newest(everything=True)) == 3
    with pytest.raises(NotFound):
        notices.acknowledge(99)


def test_threads_and_launchers_share_the_database(tmp_path: Path) -> None:
    states = [State(tmp_path / "launcher.sqlite") for _ in range(2)]

    def write(state: State, name: str) -> None:
        for number in range(25):
            state.remember(f"{name}{number}", "x")

    threads = [
        threading.Thread(target=write, args=(s, f"{i}-{j}-")) for i, s in enumerate(states) for j in (0, 1)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with states[0].read() as connection:
        assert connection.execute("SELECT COUNT(*) FROM answers").fetchone()[0] == 100
    for state in states:
        state.close()


def test_a_newer_database_is_said_with_its_path(tmp_path: Path) -> None:
    newer = State(tmp_path / "newer.sqlite")
    newer.remember("a", "b")
    with newer.read() as connection:
        connection.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(StorageFailed, match="newer launcher"):
        State(tmp_path / "newer.sqlite").remembered("a")


def test_a_launcher_that_was_killed_and_nobody_waited_for_is_not_alive() -> None:
    process = subprocess.Popen(["sleep", "60"])
    owner = json.dumps(
        [json.loads(this_process())[0], process.pid, psutil.Process(process.pid).create_time()]
    )
    assert is_alive(owner)
    process.kill()
    deadline = time.monotonic() + 5
    while is_alive(owner):
        assert time.monotonic() < deadline
    assert psutil.pid_exists(process.pid)  # as a zombie
    process.wait()
    assert not is_alive(owner)
