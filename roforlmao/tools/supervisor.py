"""Runs one program and, when it ends, ends everything that it started.

Stand-alone and on the standard library only: ``script`` starts it as
``python -I -S supervisor.py CONTROL_FD GRACE PROGRAM ARG...``. On Linux it is a "child
subreaper" (prctl(2)): a descendant that called setsid or lost its parent becomes its child, so
that all can be found and ended. Elsewhere it reaches the program's process group.

CONTROL_FD is one end of a socket pair. A byte on it, its end of file (the launcher is gone,
however it died) or SIGTERM ask for the end: SIGTERM to all, after GRACE seconds SIGKILL.
It answers in lines: ``started PID``, then one of ``exited CODE``, ``signalled NUMBER`` and
``unstartable ERRNO``.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import sys
import time
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_GIVE_UP_AFTER = 5.0  # seconds after SIGKILL: what is still there hangs in the kernel
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main() -> int:
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    grace, argv = float(sys.argv[2]), sys.argv[3:]
    wake = _wake_on_signals()
    _become_subreaper()
    try:
        program = _start(argv)
    except OSError as error:
        _say(control, f"unstartable {error.errno or 0}")
        return 0
    _say(control, f"started {program}")
    status = Watch(program, grace, control, wake).until_all_ended()
    _say(control, f"signalled {-status}" if status < 0 else f"exited {status}")
    return 0


class Watch:
    """The program, its descendants and what has been asked."""

    def __init__(self, program: int, grace: float, control: socket.socket, wake: int) -> None:
        self._program = program
        self._grace = grace
        self._control = control
        self._wake = wake
        self._status: int | None = None
        self._asked = False
        self._kill_at: float | None = None

    def until_all_ended(self) -> int:
        """The program's exit code, negative for the signal that killed it."""
        while True:
            children_left = self._reap()
            if self._status is not None and not children_left:
                return self._status
            if self._kill_at is None and (self._asked or self._status is not None):
                self._send(signal.SIGTERM)
                self._kill_at = time.monotonic() + self._grace
            if self._kill_at is not None and time.monotonic() >= self._kill_at:
                self._kill()
                if time.monotonic() > self._kill_at + _GIVE_UP_AFTER:
                    return -signal.SIGKILL if self._status is None else self._status
            self._wait()

    def _reap(self) -> bool:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if pid == self._program:
                self._status = os.waitstatus_to_exitcode(status)

    def _wait(self) -> None:
        sources = [self._wake] if self._asked else [self._wake, self._control.fileno()]
        pause = None
        if self._kill_at is not None:
            pause = max(0.02, self._kill_at - time.monotonic())
        ready = select.select(sources, [], [], pause)[0]
        if self._wake in ready:
            received = os.read(self._wake, 512)
            self._asked |= any(number in received for number in _STOP_SIGNALS)
        if self._control.fileno() in ready:
            self._asked = True

    def _kill(self) -> None:
        """Stops all first, so that none can start another while the others die."""
        stopped: set[int] = set()
        for _ in range(50):
            fresh = [pid for pid in descendants() if pid not in stopped]
            if not fresh:
                break
            for pid in fresh:
                _signal(pid, signal.SIGSTOP)
            stopped.update(fresh)
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        for pid in descendants():
            _signal(pid, number)
        if sys.platform != "linux" and self._status is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._program, number)


def descendants() -> list[int]:
    """All processes below this one, by /proc; zombies, which need no signal, are left out."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc") if sys.platform == "linux" else ():  # noqa: PTH208 names are enough
        if entry.isdigit():
            with contextlib.suppress(OSError):
                state, parent = Path(f"/proc/{entry}/stat").read_bytes().rpartition(b")")[2].split()[:2]
                if state != b"Z":
                    children.setdefault(int(parent), []).append(int(entry))
    found: list[int] = []
    frontier = [os.getpid()]
    while frontier:
        below = children.pop(frontier.pop(), [])
        found += below
        frontier += below
    return found


def _start(argv: list[str]) -> int:
    # Python ignores these two; a program expects them as they are by default.
    restored = [signal.SIGPIPE, signal.SIGXFSZ]
    return os.posix_spawnp(argv[0], argv, os.environ, setpgroup=0, setsigmask=[], setsigdef=restored)


def _wake_on_signals() -> int:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in (*_STOP_SIGNALS, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    return reader


def _become_subreaper() -> None:
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _say(control: socket.socket, line: str) -> None:
    with contextlib.suppress(OSError):  # the launcher is gone; nobody waits for the answer
        control.sendall(line.encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main())
