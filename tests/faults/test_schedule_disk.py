"""A disk that fills up while jobs fire: the scheduler says so once, and goes on when there is room."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.test_schedule_kill import COUNTER, every_second, ledger, scheduler, world
from tests.session.world import World

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


@ROOT
def test_a_full_disk_stops_neither_the_thread_nor_what_comes_after(world: World, mounted: Path) -> None:
    small = World(mounted)
    alice = every_second(small, "counter", COUNTER)
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
    slots = [slot for slot, _, _ in ledger(alice)]
    assert slots == list(range(slots[0], slots[-1] + 1))
