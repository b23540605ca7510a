"""Users of a registry file that fork, end their threads, close early or lose the file."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from roforlmao.errors import Unavailable
from roforlmao.registry.sqlite import SqliteRegistry

ROOT = Path(__file__).resolve().parent.parent.parent
TTL_S = 0.6


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "registry.sqlite"


def test_many_who_begin_one_registry_at_once_find_one(tmp_path: Path) -> None:
    start = threading.Barrier(6)

    def begin(path: Path) -> int:
        registry = SqliteRegistry(path)
        start.wait(10)
        revision = registry.put("/a", b"1")
        registry.close()
        return revision

    with ThreadPoolExecutor(6) as pool:
        for number in range(30):
            path = tmp_path / f"{number}.sqlite"
            assert sorted(pool.map(begin, [path] * 6)) == [1, 2, 3, 4, 5, 6]


def test_after_closing_each_call_says_so(path: Path) -> None:
    registry = SqliteRegistry(path)
    registry.put("/a", b"1")
    registry.close()
    registry.close()
    with pytest.raises(Unavailable, match="was closed"):
        registry.get("/a")
    with pytest.raises(Unavailable, match="was closed"):
        registry.watch("/")


@pytest.mark.timeout(60)
def test_closing_in_mid_call_loses_no_acknowledged_write(path: Path) -> None:
    registry = SqliteRegistry(path)
    started = threading.Event()

    def write() -> int:
        number = 0
        try:
            while True:
                registry.put("/a", b"%d" % number)
                number += 1
                started.set()
        except Unavailable:
            return number

    with ThreadPoolExecutor(3) as pool:
        futures = [pool.submit(write) for _ in range(3)]
        assert started.wait(10)
        registry.close()
        acknowledged = sum(future.result(10) for future in futures)
    again = SqliteRegistry(path)
    found = again.get("/a")
    assert found is not None
    assert found.version == acknowledged
    again.close()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are counted in /proc")
def test_connections_of_ended_threads_are_closed(path: Path) -> None:
    def count() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    registry = SqliteRegistry(path)
    registry.get("/a")
    before = count()
    for _ in range(20):
        thread = threading.Thread(target=registry.get, args=("/a",))
        thread.start()
        thread.join(10)
    assert count() <= before + 1, "SQLite keeps one for the next to open"
    registry.close()


FORKING = """
import os, sys
from pathlib import Path
from roforlmao.registry.sqlite import SqliteRegistry
registry = SqliteRegistry(Path(sys.argv[1]))
session = registry.session(30)
registry.put("/parent", b"1", lease=session.lease)
child = os.fork()
if not child:
    registry.put("/child", registry.get("/parent").value)
    session.close()
    registry.close()
    sys.exit(0)
_, status = os.waitpid(child, 0)
assert status == 0, status
assert registry.get("/child").value == b"1"
assert registry.get("/parent").value == b"1", "the child ended its parent's session"
for number in range(20):
    registry.put("/after", b"%d" % number)
registry.close()
print("done")
"""


def test_a_forked_child_uses_the_registry_and_leaves_its_parent_s_alone(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKING, str(path)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=30,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("done\n", 0), done.stderr
    registry = SqliteRegistry(path)
    assert [record.key for record in registry.list("/").records] == ["/after", "/child"]
    registry.close()


def test_a_session_that_cannot_be_renewed_says_once_that_it_is_lost(path: Path) -> None:
    registry = SqliteRegistry(path)
    calls: list[float] = []
    lost = threading.Event()

    def note() -> None:
        calls.append(time.monotonic())
        lost.set()

    session = registry.session(TTL_S, note)
    path.parent.rename(path.parent.with_name("away"))
    gone = time.monotonic()
    assert lost.wait(10)
    assert TTL_S / 2 < calls[0] - gone < TTL_S * 3
    assert not session.alive
    session.close()
    registry.close()
    assert len(calls) == 1


def test_a_session_survives_a_file_that_is_away_for_a_moment(path: Path) -> None:
    registry = SqliteRegistry(path)
    lost = threading.Event()
    with registry.session(TTL_S * 5, lost.set) as session:
        registry.put("/a", b"1", lease=session.lease)
        path.parent.rename(path.parent.with_name("away"))
        with pytest.raises(Unavailable):
            registry.get("/a")
        assert session.alive
        path.parent.with_name("away").rename(path.parent)
        assert registry.get("/a")
    assert not lost.is_set()
    registry.close()


def test_what_has_expired_is_gone_for_readers_and_writers_alike(path: Path) -> None:
    """No thread renews this lease: its owner was killed."""
    owner = SqliteRegistry(path)
    reader = SqliteRegistry(path)
    with reader.watch("/") as watch:
        session = owner.session(TTL_S)
        owner.put("/a", b"1", lease=session.lease)
        session._ended.set()  # type: ignore[attr-defined]
        events = [watch.next_event(10), watch.next_event(10)]
    assert [(event.kind, event.key) for event in events if event] == [("put", "/a"), ("delete", "/a")]
    assert reader.get("/a") is None
    assert reader.list("/").records == ()
    owner.close()
    reader.close()
