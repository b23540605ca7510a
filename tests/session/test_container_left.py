"""A launcher that was killed with -9, and an engine that was, while a container runs: the history is true."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.contract.etcdcluster import wait_for
from tests.faults.engines import Daemon, running
from tests.faults.launchers import launcher, running_in, tell, until
from tests.session.world import Operator, World

WAITS = """
echo before
while [ ! -e /tmp/go ]; do sleep 0.1; done
echo after
echo 1 > /usr/src/app/data/day.csv
exit ${1:-0}
"""


@pytest.fixture
def alice(world: World, daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> Operator:
    """An operator with the tool ``waits``, whose container ends when it is told to go."""
    monkeypatch.setenv("DOCKER_HOST", daemon.host)
    daemon.start()
    daemon.clear()
    daemon.import_image("waits:1", WAITS)
    operator = world.operator("alice")
    with (operator.home / "config.yaml").open("a") as config:
        config.write("containers: {network: none, memory: 64m}\n")
    operator.done("--yes", "tool", "add", "waits", "me", "waits:1", world.bare("data"), "", "")
    operator.done("tool", "install", "waits", "--trust")
    return operator


def marks(operator: Operator) -> list[Path]:
    return list((operator.home / "state" / "containers").glob("*"))


def killed(operator: Operator, daemon: Daemon, *words: str) -> str:
    """A run whose launcher is killed once its container prints; the container's id."""
    with launcher(operator, "tool", "run", "waits", *words, "--no-sync") as process:
        until(lambda: bool(running_in(daemon)) and "before" in newest_log(operator), process)
        process.kill()
        process.wait()
    return running_in(daemon)[0]


def newest_log(operator: Operator) -> str:
    logs = sorted((operator.home / "state" / "logs").glob("*-*.log"))
    return logs[-1].read_text() if logs else ""


def ended(daemon: Daemon, container: str) -> bool:
    return container not in running_in(daemon)


@pytest.mark.parametrize(("code", "state"), [("0", "succeeded"), ("3", "failed")])
def test_a_container_that_ended_alone_is_recorded_as_it_ended(
    alice: Operator, daemon: Daemon, code: str, state: str
) -> None:
    container = killed(alice, daemon, "run", code)
    tell(daemon, container, "go")
    assert wait_for(lambda: ended(daemon, container), 20)
    run = alice.done("run", "list")[0]
    assert (run["state"], run["exit_code"]) == (state, int(code))
    log = [line for line in newest_log(alice).splitlines() if not line.startswith("[launcher")]
    assert (log[0], log[-1]) == ("before", "after")
    assert (daemon.containers(), marks(alice)) == ([], [])
    assert any(run["id"] in notice["text"] for notice in alice.done("notification", "list"))


def test_a_container_that_still_runs_is_left_to_finish(alice: Operator, daemon: Daemon) -> None:
    container = killed(alice, daemon)
    assert alice.done("run", "list")[0]["state"] == "running"
    assert alice.verb("tool", "run", "waits", "--no-sync").status == 3  # its name is taken
    tell(daemon, container, "go")
    assert wait_for(lambda: ended(daemon, container), 20)
    states = {run["state"] for run in alice.done("run", "list")}
    assert states == {"succeeded", "failed"}
    assert (daemon.containers(), marks(alice)) == ([], [])


def test_a_container_whose_time_is_up_is_stopped(alice: Operator, daemon: Daemon) -> None:
    killed(alice, daemon, "--timeout", "3")
    time.sleep(3)  # its time limit itself is what is waited for
    assert alice.done("run", "list")[0]["state"] == "timed-out"
    assert (daemon.containers(), marks(alice)) == ([], [])


def test_a_container_that_is_gone_makes_the_run_a_lost_one(alice: Operator, daemon: Daemon) -> None:
    killed(alice, daemon)
    daemon.clear()
    assert alice.done("run", "list")[0]["state"] == "lost"
    assert marks(alice) == []


def test_while_the_engine_is_away_nothing_is_claimed(alice: Operator, daemon: Daemon) -> None:
    killed(alice, daemon)
    daemon.stop()
    assert alice.done("run", "list")[0]["state"] == "running"
    daemon.start()
    run = alice.done("run", "list")[0]
    assert run["state"] == "failed"
    assert "killed by" in run["sync"]["reason"] or "exit code" in run["sync"]["reason"]
    assert (daemon.containers(), marks(alice)) == ([], [])


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_an_engine_that_restarts_in_mid_run_is_reported(alice: Operator, daemon: Daemon, how: str) -> None:
    with launcher(alice, "tool", "run", "waits", "--no-sync") as process:
        until(lambda: bool(running_in(daemon)) and "before" in newest_log(alice), process)
        getattr(daemon, how)()
        daemon.start()
        process.wait(60)
        assert process.returncode == 3
    run = alice.done("run", "list")[0]
    assert run["state"] == "failed"
    assert "engine" in run["sync"]["reason"] or "killed by" in run["sync"]["reason"]
    assert (daemon.containers(), marks(alice)) == ([], [])


def test_a_container_that_outlives_its_engine_is_followed_to_its_end(
    alice: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With live-restore the tool goes on while the engine is away."""
    with running(["--live-restore"]) as daemon:
        monkeypatch.setenv("DOCKER_HOST", daemon.host)
        daemon.import_image("waits:1", WAITS)
        alice.done("tool", "update", "waits", "--trust")
        with launcher(alice, "tool", "run", "waits", "--no-sync") as process:
            until(lambda: bool(running_in(daemon)) and "before" in newest_log(alice), process)
            daemon.kill()
            daemon.start()
            until(lambda: "engine is back" in newest_log(alice), process)
            tell(daemon, running_in(daemon)[0], "go")
            process.wait(60)
        run = alice.done("run", "list")[0]
        assert (run["state"], run["exit_code"]) == ("succeeded", 0), run
        assert [line for line in newest_log(alice).splitlines() if "launcher" not in line][-1] == "after"
        assert (daemon.containers(), marks(alice)) == ([], [])


def test_ctrl_c_ends_the_container_within_fifteen_seconds(alice: Operator, daemon: Daemon) -> None:
    with launcher(alice, "tool", "run", "waits", "--no-sync") as process:
        until(lambda: bool(running_in(daemon)) and "before" in newest_log(alice), process)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        assert time.monotonic() - began < 15
    assert alice.done("run", "list")[0]["state"] == "cancelled"
    assert (daemon.containers(), marks(alice)) == ([], [])
