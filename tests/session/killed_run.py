"""Runs a tool and kills its own process at the n-th checkpoint: ``killed_run.py HOME N DAY``."""

from __future__ import annotations

import os
import signal
import sys

from roforlmao.actions.running import run
from roforlmao.app import App
from roforlmao.paths import Home
from roforlmao.progress import Progress


class Killer(Progress):
    """SIGKILL at the n-th checkpoint; no clean-up of any kind runs."""

    def __init__(self, when: int) -> None:
        super().__init__()
        self._left = when

    def checkpoint(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    home, number, day = sys.argv[1:]
    app = App(Home.locate(None, home, {}), os.environ)
    run(app, Killer(int(number)), "dated", "go", (day,), hub="h", date=day, sync=True)
    app.close()
