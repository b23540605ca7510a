"""A tool with all the children that escape a plain kill; prints their ids as ``brood ID...``.

``brood.py end SECONDS`` ends at once and leaves them, sleeping that long; ``brood.py stay SECONDS``
waits with them. The odd number of seconds tells the sleepers of one test from all others.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

_STUBBORN = """
import signal, subprocess, sys
def breed(*_):
    subprocess.Popen(["sleep", sys.argv[1]], start_new_session=True)
signal.signal(signal.SIGTERM, breed)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
print("ready", flush=True)
while True:
    signal.pause()
"""


def double_forked() -> int:
    """A daemon: in a session of its own, its parent gone."""
    reader, writer = os.pipe()
    middle = os.fork()
    if middle == 0:
        os.setsid()
        daemon = os.fork()
        if daemon == 0:
            os.execvp("sleep", ["sleep", sys.argv[2]])
        os.write(writer, str(daemon).encode())
        os._exit(0)
    os.waitpid(middle, 0)
    return int(os.read(reader, 32))


def stubborn() -> int:
    """It takes no SIGTERM, and answers each with one more child."""
    child = subprocess.Popen(
        [sys.executable, "-S", "-c", _STUBBORN, sys.argv[2]], stdout=subprocess.PIPE, start_new_session=True
    )
    assert child.stdout
    child.stdout.readline()
    return child.pid


def main() -> None:
    plain = subprocess.Popen(["sleep", sys.argv[2]])
    own_session = subprocess.Popen(["sleep", sys.argv[2]], start_new_session=True)
    ids = [os.getpid(), plain.pid, own_session.pid, double_forked(), stubborn()]
    sys.stdout.write(" ".join(["brood", *map(str, ids)]) + "\n")
    sys.stdout.flush()
    if sys.argv[1] == "stay":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            signal.pause()
    os._exit(0)


if __name__ == "__main__":
    main()
