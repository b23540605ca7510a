"""A disk that fills up while jobs fire: the scheduler says so once, and goes on when there is room."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.test_schedule_kill import COUNTER, every_second, ledger, world
from tests.session.running import scheduler
from tests.session.world import Operator, World

__all__ = ["world"]
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "mounted"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)], check=True)
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(place: Path) -> Path:
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as handle:
        while True:
            try:
                handle.write(b"x" * 4096)
            except OSError:
                return ballast


def wants_room(operator: Operator, megabytes: int) -> None:
    config = operator.home / "config.yaml"
    config.write_text(f"{config.read_text()}schedule: {{min_free_mb: {megabytes}}}\n")


@ROOT
def test_without_room_no_run_starts_and_the_next_slot_with_room_runs(world: World, mounted: Path) -> None:
    alice = every_second(World(mounted), "counter", COUNTER)
    wants_room(alice, 4)
    ballast = mounted / "ballast"
    ballast.write_bytes(b"x" * 5_000_000)
    with scheduler(alice) as running:
        told = [running.wait_for("skipped", 20) for _ in range(2)]
        assert "MB are free at" in told[1]["reason"]
        ballast.unlink()
        assert running.wait_for("finished", 20)["state"] == "succeeded"
    ended = [state for _, state, *_ in ledger(alice) if state in ("skipped", "succeeded")]
    assert ended[:2] == ["skipped", "skipped"]
    assert "succeeded" in ended
    [notice] = alice.done("notification", "list")
    assert "is not started" in notice["text"]
    assert "less than 4 MB" in notice["text"]


@ROOT
def test_a_full_disk_stops_neither_the_thread_nor_what_comes_after(world: World, mounted: Path) -> None:
    small = World(mounted)
    alice = every_second(small, "counter", COUNTER)
    wants_room(alice, 0)
    with scheduler(alice) as running:
        running.wait_for("finished", 20)
        ballast = fill(mounted)
        trouble = running.wait_for("trouble", 20)
        assert "launcher.sqlite" in trouble["text"]
        time.sleep(2.5)  # several ticks that fail
        ballast.unlink()
        while running.wait_for("finished", 20)["state"] != "succeeded":
            continue
        assert [told["event"] for told in running.told].count("trouble") <= 2
        running.process.terminate()
        running.process.wait(10)
    slots = [slot for slot, *_ in ledger(alice)]
    assert slots == list(range(slots[0], slots[-1] + 1))
