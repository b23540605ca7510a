"""Delivers what waits in a home, at a word: ``delivering.py HOME``; it is killed while it does."""

from __future__ import annotations

import os
import sys

from roforlmao.app import App
from roforlmao.paths import Home

if __name__ == "__main__":
    app = App(Home.locate(None, sys.argv[1], {}), os.environ)
    app.outbox.discard(-1)  # it is connected, and what delivers is loaded
    app.catalog.hubs()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(f"{len(app.outbox.deliver().delivered)}\n")
    app.close()
