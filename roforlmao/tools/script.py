"""Runs a script tool's program: output, cancel, timeout, and an end for all its children."""

from __future__ import annotations

import datetime as dt
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from roforlmao.errors import ToolFailed
from roforlmao.models import EndState, Execution
from roforlmao.progress import Progress
from roforlmao.text import one_line
from roforlmao.tools.output import Output
from roforlmao.tools.variables import find_program

GRACE = 2.0
"""Seconds between SIGTERM and SIGKILL."""
_LOOK_EVERY = 0.1  # seconds between two looks at cancel, timeout and log
_SUPERVISOR_PATIENCE = GRACE + 8.0  # it gives up 5 s after its SIGKILL


def run(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    log: Path,
    progress: Progress,
    timeout: float | None = None,
    on_output: Callable[[str], None] | None = None,
) -> Execution:
    """Runs the words of ``argv`` without a shell until the program and its children ended.

    All output is appended to ``log``; lines reach ``progress.log`` and ``on_output`` from
    another thread, skipping some where they come too fast. ``timeout`` is in seconds.
    A cancelled progress ends the run, which is then returned as such, not raised.
    Errors: ToolFailed where the program cannot be started, StorageFailed where the log
    cannot be; a log that fails later makes the run ``failed``.
    """
    program = find_program(argv[0], env)

    def show(line: str) -> None:
        progress.log(line)
        if on_output:
            on_output(line)

    started = _now()
    with Supervised([program, *argv[1:]], cwd, env, log, show) as supervised:
        stopped_for = _follow(supervised, progress, timeout)
    supervised.check_started(argv[0])
    state, reason = _judge(supervised, stopped_for, timeout)
    return Execution(state, supervised.exit_code, started, _now(), supervised.output.tail, reason)


class Supervised:
    """A program below ``supervisor``; leaving the ``with`` block ends it and all its children."""

    def __init__(
        self, argv: Sequence[str], cwd: Path, env: Mapping[str, str], log: Path, show: Callable[[str], None]
    ) -> None:
        self._control, theirs = socket.socketpair()
        reader, writer = os.pipe()
        self._reader = reader
        self._answer = b""
        try:
            self.output = Output(reader, log, show)
        except BaseException:
            _close(reader, writer, self._control, theirs)
            raise
        try:
            self._process = _start(argv, cwd, env, theirs.fileno(), writer)
        except OSError as error:
            _close(writer, self._control, theirs)
            self.output.finish()
            os.close(reader)
            raise ToolFailed(
                f"The tool cannot be started: {error.strerror}.", "Look at its clone."
            ) from error
        _close(writer, theirs)

    def __enter__(self) -> Supervised:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        deadline = time.monotonic() + _SUPERVISOR_PATIENCE
        while not self.wait(_LOOK_EVERY) and time.monotonic() < deadline:
            pass
        self._end_supervisor()
        self._control.close()
        try:
            self.output.finish()
        finally:
            os.close(self._reader)

    def wait(self, seconds: float) -> bool:
        """Waits for the end that long, and says whether it came."""
        if not select.select([self._control], [], [], seconds)[0]:
            return False
        try:
            received = self._control.recv(4096)
        except ConnectionResetError:
            received = b""
        self._answer += received
        return not received

    def end(self) -> None:
        """Asks for the end of the program and its children."""
        try:
            self._control.send(b"e")
        except OSError:
            return  # the supervisor is gone already, and all below it

    @property
    def exit_code(self) -> int:
        """The program's; 128 + n after signal n; 137 where the supervisor itself was killed."""
        if "exited" in self._answers:
            return self._answers["exited"]
        return 128 + self._answers.get("signalled", signal.SIGKILL)

    @property
    def killed_by(self) -> str:
        """The name of the signal that killed it, or nothing."""
        if "signalled" not in self._answers:
            return "" if "exited" in self._answers else "SIGKILL (with its supervisor)"
        return signal.Signals(self._answers["signalled"]).name

    def check_started(self, name: str) -> None:
        """Errors: ToolFailed where the program is none that this machine runs."""
        if "unstartable" in self._answers:
            reason = os.strerror(self._answers["unstartable"])
            raise ToolFailed(
                f"'{one_line(name, 80)}' cannot be started: {reason}.",
                "Look at its first line and permissions; the tool's author may have to.",
            )

    @property
    def _answers(self) -> dict[str, int]:
        words = [line.split() for line in self._answer.decode().splitlines()]
        return {word: int(number) for word, number in words}

    def _end_supervisor(self) -> None:
        """It has ended by now; where it was killed or hangs, ends what can still be reached."""
        try:
            code = self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        if code != 0:
            _end_session(self._process.pid)


def _close(*ends: int | socket.socket) -> None:
    for end in ends:
        if isinstance(end, int):
            os.close(end)
        else:
            end.close()


def _end_session(session: int) -> None:
    """Kills what is left of the supervisor's session; it may have died before it named the program."""
    import psutil

    for _ in range(20):  # what forks while we look is met the next time
        left = [pid for pid in psutil.pids() if _session_of(pid) == session]
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if not left:
            return
        time.sleep(0.01)


def _session_of(pid: int) -> int:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return 0


def _start(
    argv: Sequence[str], cwd: Path, env: Mapping[str, str], control: int, output: int
) -> subprocess.Popen[bytes]:
    supervisor = Path(__file__).with_name("supervisor.py")
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(supervisor), str(control), str(GRACE), *argv],
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        pass_fds=[control],
        start_new_session=True,
    )


def _follow(supervised: Supervised, progress: Progress, timeout: float | None) -> str:
    """Waits for the end, or for a reason to end it, which it returns."""
    deadline = None if timeout is None else time.monotonic() + timeout
    while not supervised.wait(_LOOK_EVERY):
        if progress.cancelled:
            return "cancelled"
        if deadline is not None and time.monotonic() >= deadline:
            return "timed-out"
        if supervised.output.failure:
            return "log"
    return ""


def _judge(supervised: Supervised, stopped_for: str, timeout: float | None) -> tuple[EndState, str]:
    if stopped_for == "cancelled":
        return "cancelled", "It was stopped by the operator."
    if stopped_for == "timed-out":
        return "timed-out", f"It was stopped after its timeout of {timeout:g} s."
    if supervised.output.failure:
        return "failed", f"It was stopped because its log failed: {supervised.output.failure.message}"
    if supervised.killed_by:
        return "failed", f"It was killed by {supervised.killed_by} (exit code {supervised.exit_code})."
    if supervised.exit_code:
        return "failed", f"It ended with exit code {supervised.exit_code}."
    return "succeeded", ""


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).astimezone()
