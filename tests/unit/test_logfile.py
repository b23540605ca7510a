"""The log of a run: in parts, whole over the rotation, bounded on the disk, and read back in one piece."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from roforlmao.errors import StorageFailed
from roforlmao.runs.logs import read_log
from roforlmao.transcript.logfile import OLDER_PARTS, LogFile, parts


def written(path: Path, lines: int, part_bytes: int = 100) -> bytes:
    log = LogFile(path, part_bytes)
    whole = b""
    for number in range(lines):
        line = f"line {number:05}\n".encode()
        log.write(line)
        whole += line
    log.close()
    assert log.failure is None
    return whole


def test_rotation_loses_no_line(tmp_path: Path) -> None:
    whole = written(tmp_path / "run.log", 60)
    found = parts(tmp_path / "run.log")
    assert len(found) > 3
    assert b"".join(part.read_bytes() for part in found) == whole


def test_only_so_many_parts_stay_and_they_are_the_newest(tmp_path: Path) -> None:
    whole = written(tmp_path / "run.log", 500)
    found = parts(tmp_path / "run.log")
    assert len(found) == OLDER_PARTS + 1
    assert whole.endswith(b"".join(part.read_bytes() for part in found))


def test_the_end_is_read_over_the_border_of_two_parts(tmp_path: Path) -> None:
    whole = written(tmp_path / "run.log", 21).decode()
    text = read_log(tmp_path / "run.log", limit=150)
    assert text.startswith(f"(... {len(whole) - 150:,} bytes before")
    assert text.endswith(whole[-150:])


def test_a_log_is_gone_on_with_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    written(tmp_path / "run.log", 1)
    written(tmp_path / "run.log", 1)
    assert (tmp_path / "run.log").read_text() == "line 00000\n" * 2
    assert (tmp_path / "run.log").stat().st_mode & 0o777 == 0o600


def test_a_log_that_cannot_be_written_says_why_and_takes_no_more() -> None:
    log = LogFile(Path("/dev/full"))
    log.write(b"lost")
    assert isinstance(log.failure, StorageFailed)
    assert os.strerror(28) in log.failure.message
    log.write(b"lost, too")
    log.close()


def test_a_place_that_is_no_directory_is_an_error_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed):
        LogFile(tmp_path / "file" / "run.log")
