"""A registry on a full or read-only disk: a sentence that helps, and nothing half-written."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from roforlmao.errors import Unavailable
from roforlmao.registry.base import Put
from roforlmao.registry.sqlite import SqliteRegistry

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small file system")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(disk: Path) -> Path:
    """Uses up what is left of the disk."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return ballast


def remount(disk: Path, mode: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{mode}", str(disk)], check=True)


def test_a_write_on_a_full_disk_is_refused_and_writes_nothing(disk: Path) -> None:
    registry = SqliteRegistry(disk / "registry.sqlite")
    kept = registry.put("/kept", b"1")
    ballast = fill(disk)
    with pytest.raises(Unavailable, match=r"is full\. Nothing was written") as caught:
        registry.transaction([], [Put("/a", b"x" * 300_000), Put("/b", b"x" * 300_000)])
    assert "space" in caught.value.hint
    assert [record.key for record in registry.list("/").records] == ["/kept"]
    ballast.unlink()
    assert registry.put("/a", b"2") == kept + 1
    registry.close()
    again = SqliteRegistry(disk / "registry.sqlite")
    assert {record.key: record.value for record in again.list("/").records} == {"/kept": b"1", "/a": b"2"}
    again.close()


def test_writes_until_the_disk_is_full_are_all_there_or_refused(disk: Path) -> None:
    registry = SqliteRegistry(disk / "registry.sqlite")
    acknowledged: list[str] = []

    def write(number: int) -> None:
        registry.put(f"/k/{number:03}", b"x" * 20_000)
        acknowledged.append(f"/k/{number:03}")

    with pytest.raises(Unavailable, match="is full"):
        list(map(write, range(1000)))
    assert [record.key for record in registry.list("/").records] == acknowledged
    assert acknowledged
    registry.close()
    again = SqliteRegistry(disk / "registry.sqlite")
    assert [record.key for record in again.list("/").records] == acknowledged
    again.close()


def test_a_registry_cannot_begin_on_a_full_disk_but_does_once_there_is_space(disk: Path) -> None:
    ballast = fill(disk)
    registry = SqliteRegistry(disk / "home" / "registry.sqlite")
    with pytest.raises(Unavailable, match=r"[Ff]ull|space"):
        registry.put("/a", b"1")
    assert not registry.health().ok
    ballast.unlink()
    registry.put("/a", b"1")
    assert registry.health().ok
    registry.close()


def test_a_read_only_home_is_said(disk: Path) -> None:
    first = SqliteRegistry(disk / "registry.sqlite")
    first.put("/a", b"1")
    first.close()
    remount(disk, "ro")
    registry = SqliteRegistry(disk / "registry.sqlite")
    with pytest.raises(Unavailable, match=r"Read-only file system\. Nothing was written") as caught:
        registry.put("/a", b"2")
    assert "--home" in caught.value.hint
    assert not registry.health().ok
    remount(disk, "rw")
    assert registry.put("/a", b"3") == 2
    registry.close()
