"""From spawn to the first menu on a terminal, and ``--help``; the peer is the bare interpreter.

Command: .venv/bin/python bench/startup.py
"""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
LAUNCHER = [sys.executable, str(PROJECT / "launcher.py")]
MENU = b"Try it with a sample"
TIMES = 10


def until_menu(home: str) -> float:
    """Seconds from spawn until the menu's text came through the terminal."""
    began = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execv(LAUNCHER[0], [*LAUNCHER, "--home", home])
    seen = b""
    while MENU not in seen:
        seen += os.read(terminal, 65536)
    taken = time.perf_counter() - began
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    os.close(terminal)
    return taken


def until_end(*command: str) -> float:
    """Seconds until the command has ended."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "config.yaml").write_text("operator: bench\n")
        menu = min(until_menu(home) for _ in range(TIMES))
    shown = min(until_end(*LAUNCHER, "--help") for _ in range(TIMES))
    bare = min(until_end(sys.executable, "-c", "pass") for _ in range(TIMES))
    print(f"first menu {menu * 1000:.0f} ms (at most 400), {menu / bare:.1f} x the bare interpreter")
    print(f"--help     {shown * 1000:.0f} ms (at most 150), {shown / bare:.1f} x the bare interpreter")
    print(f"python -c pass {bare * 1000:.0f} ms; minimum of {TIMES} each")
    sys.exit(menu > 0.4 or shown > 0.15)


if __name__ == "__main__":
    main()
