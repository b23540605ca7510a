"""Faults of a registry file: foreign, damaged, held, moved; forked and threaded users."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from roforlmao.errors import OutcomeUnknown, RegistryError, Unavailable
from roforlmao.registry import sqlite_errors, sqlite_schema
from roforlmao.registry.sqlite import SqliteRegistry
from roforlmao.registry.sqlite_log import Bounds

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "registry.sqlite"


def made(path: Path) -> Path:
    """A whole registry file with some keys."""
    registry = SqliteRegistry(path)
    for number in range(200):
        registry.put(f"/k/{number:03}", b"x" * 200)
    registry.close()
    return path


def alter(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def overwrite(path: Path, at: int, what: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(what)


def refusal(path: Path) -> str:
    """What each call says, which is the same for all, with a hint; health sees it too."""
    registry = SqliteRegistry(path, deadline_s=0.3)
    said = set()
    for call in (
        lambda: registry.list("/"),
        lambda: registry.put("/k/000", b"1"),
        lambda: registry.watch("/"),
    ):
        with pytest.raises(Unavailable) as caught:
            call()
        said.add(str(caught.value))
        assert caught.value.hint
        assert caught.value.exit_status == 4
    health = registry.health()
    assert not health.ok
    assert health.hint
    assert [member.healthy for member in registry.members()] == [False]
    registry.close()
    (told,) = said
    return told


def test_a_text_file_is_no_registry(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("operator: me\n" * 100)
    assert "damaged or no registry" in refusal(path)
    assert path.read_text() == "operator: me\n" * 100


def test_a_directory_is_no_registry(path: Path) -> None:
    path.mkdir(parents=True)
    assert "cannot be opened" in refusal(path)


def test_a_directory_that_cannot_be_made_is_said(path: Path) -> None:
    path.parent.write_text("a file")
    assert re.search("Cannot write .* Nothing was written", refusal(path))


def test_the_database_of_another_program_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    alter(path, "CREATE TABLE theirs (x)")
    before = path.read_bytes()
    assert "another program" in refusal(path)
    assert path.read_bytes() == before


def test_a_newer_format_is_refused_with_a_sentence(path: Path) -> None:
    alter(made(path), f"PRAGMA user_version={sqlite_schema.VERSION + 6}")
    assert "newer roforlmao (format 7, this one knows 1" in refusal(path)


@pytest.mark.parametrize("table", ["records", "state", "leases"], ids="without the table {}".format)
def test_a_registry_that_lacks_a_table_is_damaged(path: Path, table: str) -> None:
    alter(made(path), f"DROP TABLE {table}")
    registry = SqliteRegistry(path)
    with pytest.raises(Unavailable, match="damaged"):
        registry.put("/k/000", b"1")
    registry.close()


def test_an_overwritten_page_is_damage_and_not_an_answer(path: Path) -> None:
    overwrite(made(path), 4096, b"\xee" * (path.stat().st_size - 4096))
    assert "damaged" in refusal(path)


def test_an_empty_file_becomes_a_registry(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    registry = SqliteRegistry(path)
    assert registry.put("/a", b"1") == 1
    registry.close()


def test_a_database_shell_that_holds_the_file_is_waited_for_until_the_deadline(path: Path) -> None:
    shell = sqlite3.connect(made(path), isolation_level=None)
    shell.execute("BEGIN IMMEDIATE")
    registry = SqliteRegistry(path, deadline_s=0.5)
    began = time.monotonic()
    with pytest.raises(Unavailable, match="Another program holds"):
        registry.put("/a", b"1")
    assert 0.4 <= time.monotonic() - began < 1.5
    assert registry.get("/k/000"), "reading goes on"
    shell.execute("ROLLBACK")
    shell.close()
    registry.put("/a", b"1")
    registry.close()


HOLDING = """
import sys, time
from pathlib import Path
from roforlmao.registry.sqlite_turn import Turn
with Turn(Path(sys.argv[1])).hold(time.monotonic() + 5):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_stopped_writer_ends_in_a_sentence_at_the_deadline(path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(made(path))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    registry = SqliteRegistry(path, deadline_s=0.5)
    try:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        os.kill(holder.pid, signal.SIGSTOP)
        began = time.monotonic()
        with pytest.raises(Unavailable, match="Another program holds"):
            registry.put("/a", b"1")
        assert 0.4 <= time.monotonic() - began < 1.5
    finally:
        holder.kill()
        holder.communicate(timeout=10)
    registry.put("/a", b"1")
    registry.close()


def test_a_file_that_is_moved_away_is_begun_anew_and_watches_list_again(path: Path) -> None:
    registry = SqliteRegistry(made(path))
    with registry.watch("/") as watch:
        assert registry.get("/k/000")
        path.rename(path.with_name("moved"))
        assert registry.get("/k/000") is None
        event = watch.next_event(5)
        assert event is not None
        assert event.kind == "resync"
        registry.put("/a", b"1")
        event = watch.next_event(5)
        assert event is not None
        assert (event.kind, event.key) == ("put", "/a")
    registry.close()


def test_a_watch_says_when_the_registry_is_gone_and_when_it_is_back(path: Path) -> None:
    registry = SqliteRegistry(made(path))
    other = SqliteRegistry(path)
    away = path.parent.with_name("away")
    with registry.watch("/") as watch:
        path.parent.rename(away)
        down = watch.next_event(5)
        assert down is not None
        assert down.kind == "down"
        assert watch.next_event(0.3) is None, "it is said once"
        with pytest.raises(Unavailable, match="No such file or directory"):
            registry.put("/a", b"1")
        away.rename(path.parent)
        other.put("/a", b"1")
        kinds = []
        while "resync" not in kinds and "put" not in kinds:
            event = watch.next_event(5)
            assert event is not None
            kinds.append(event.kind)
        assert kinds[0] == "up"
    registry.close()
    other.close()


@pytest.mark.parametrize(
    ("bounds", "kept"), [(Bounds(revisions=50), 60), (Bounds(size=5_000), 20), (Bounds(), 300)]
)
def test_the_log_stays_within_its_bounds(path: Path, bounds: Bounds, kept: int) -> None:
    registry = SqliteRegistry(path, bounds=bounds)
    for number in range(300):
        registry.put(f"/k/{number % 7}", b"x" * 300)
    connection = sqlite3.connect(path)
    rows, size = connection.execute(
        "SELECT COUNT(*), SUM(LENGTH(CAST(key AS BLOB)) + LENGTH(value)) FROM log"
    ).fetchone()
    state = connection.execute("SELECT revision, compacted, log_bytes FROM state").fetchone()
    connection.close()
    assert 0 < rows <= kept
    assert state == (300, 300 - rows, size)
    assert len(registry.list("/k/").records) == 7
    registry.close()


def test_leases_of_an_earlier_start_of_the_machine_are_over(path: Path) -> None:
    registry = SqliteRegistry(path)
    session = registry.session(60)
    registry.put("/a", b"1", lease=session.lease)
    assert registry.get("/a")
    alter(path, "UPDATE leases SET boot = 'another'")
    assert registry.get("/a") is None
    alter(path, "UPDATE leases SET boot = ''")
    assert registry.get("/a") is None
    registry.put("/b", b"1")
    assert [record.key for record in registry.list("/").records] == ["/b"]
    registry.close()


def error(code: int, text: str) -> sqlite3.OperationalError:
    found = sqlite3.OperationalError(text)
    found.sqlite_errorcode = code
    return found


def test_a_disk_that_fails_at_the_commit_leaves_the_outcome_open(path: Path) -> None:
    path.parent.mkdir()
    failed = error(sqlite3.SQLITE_IOERR_FSYNC, "disk I/O error")
    told = sqlite_errors.at_commit(path, failed)
    assert isinstance(told, OutcomeUnknown)
    assert "before you repeat" in told.hint
    before = sqlite_errors.from_sqlite(path, failed)
    assert isinstance(before, Unavailable)
    assert "Nothing was written" in before.message


def test_damage_is_no_reason_for_a_traceback(path: Path) -> None:
    """Single bytes are flipped all over the file: a right answer or a typed error, nothing else."""
    whole = made(path).read_bytes()
    for at in range(0, len(whole), 997):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        registry = SqliteRegistry(path, deadline_s=0.5)
        with suppress(RegistryError):
            registry.list("/")
            registry.put("/k/000", b"1")
        assert registry.health().detail
        registry.close()
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
