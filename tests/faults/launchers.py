"""Launchers in processes of their own, which tests kill while their container runs."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.contract.etcdcluster import wait_for
from tests.faults.engines import Daemon
from tests.session.world import PROJECT, Operator


@contextmanager
def launcher(operator: Operator, *words: object) -> Iterator[subprocess.Popen[str]]:
    """One verb in another process; it is ended with the block."""
    command = operator.command("--json", *words)
    with subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Waits for it, as long as the process lives."""
    assert wait_for(lambda: condition() or process.poll() is not None, 30)
    assert condition(), process.communicate()


def running_in(daemon: Daemon) -> list[str]:
    """The ids of containers that run."""
    return [one["Id"] for one in daemon.containers(status="running")]


def tell(daemon: Daemon, container: str, word: str) -> None:
    """Makes a file in a container's /tmp, which its script waits for."""
    with daemon.engine() as engine:
        made = engine.api.exec_create(container, ["touch", f"/tmp/{word}"])
        engine.api.exec_start(made["Id"])
