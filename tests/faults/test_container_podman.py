"""Podman in place of Docker: the same runs, the same promises."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from roforlmao.tools.records import Installed
from tests.faults.containertools import Bench, bench
from tests.faults.podmanservice import Podman, podman
from tests.faults.watching import Watching

DATA = "/usr/src/app/data"


@pytest.fixture(scope="module")
def engine() -> Iterator[tuple[Podman, str]]:
    """A service, and the id of an image with busybox."""
    with podman() as found:
        yield found, found.import_root()


@pytest.fixture
def place(engine: tuple[Podman, str], tmp_path: Path, home: Path) -> Bench:
    return bench(engine[0], tmp_path)


@pytest.fixture
def tool(place: Bench, engine: tuple[Podman, str]) -> Installed:
    return place.install("plain", engine[1])


def test_a_run_leaves_its_snapshot_and_no_container(place: Bench, tool: Installed) -> None:
    script = f"cd {DATA}; echo 1 > new.csv; head -c 600000 /dev/zero | tr '\\0' x; echo; echo bye"
    done = place.shell(tool, script)
    assert (done.state, done.exit_code) == ("succeeded", 0), done.reason
    assert tool.data_path
    assert (tool.data_path / "new.csv").read_text() == "1\n"
    log = place.log()
    assert (len(log), log.splitlines()[-1]) == (600_005, "bye")
    assert place.left_over() == []


def test_gits_own_files_are_out_of_reach(place: Bench, tool: Installed) -> None:
    script = f"cd {DATA}; ls -A .git | wc -l; echo x > .git/hook; rm -rf .git; mv .git g; ls -A"
    done = place.shell(tool, script)
    said = place.log().splitlines()
    assert said[0] == "0", said
    assert any("Read-only file system" in line for line in said)
    assert ".git" in said
    assert tool.data_path
    assert (tool.data_path / ".git" / "HEAD").exists(), done


def test_a_failure_and_its_output_are_told(place: Bench, tool: Installed) -> None:
    done = place.shell(tool, "echo no; exit 3")
    assert (done.state, done.exit_code, done.reason) == ("failed", 3, "It ended with exit code 3.")
    assert place.log() == "no\n"
    assert place.left_over() == []


def test_it_runs_with_the_least_privilege(place: Bench, tool: Installed) -> None:
    place.shell(tool, "grep -E '^(CapEff|NoNewPrivs)' /proc/self/status; touch /x || true; ls /sys/class/net")
    said = place.log()
    assert "CapEff:\t0000000000000000" in said
    assert "NoNewPrivs:\t1" in said
    assert "Read-only file system" in said
    assert "eth0" not in said


def test_ctrl_c_ends_it(place: Bench, tool: Installed) -> None:
    done = place.shell(tool, "trap '' TERM; echo ready; sleep 60", progress=Watching("ready"))
    assert done.state == "cancelled"
    assert done.finished.timestamp() - done.started.timestamp() < 15
    assert place.left_over() == []
