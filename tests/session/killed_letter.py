"""Runs a tool and kills itself at the n-th step of writing its state: ``killed_letter.py HOME N DAY``."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from roforlmao.actions.running import run
from roforlmao.app import App
from roforlmao.paths import Home
from roforlmao.progress import Progress
from roforlmao.state import State

_WRITE = State.write


_steps = 0


def step() -> None:
    global _steps
    _steps += 1
    if _steps == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def write(state: State) -> Iterator[sqlite3.Connection]:
    """Before a transaction's commit, and after it."""
    with _WRITE(state) as connection:
        yield connection
        step()
    step()


if __name__ == "__main__":
    home, _, day = sys.argv[1:]
    State.write = write  # type: ignore[method-assign, assignment]
    app = App(Home.locate(None, home, {}), os.environ)
    run(app, Progress(), "dated", "go", (day,), hub="h", date=day, sync=True)
    app.close()
