"""A command on a real pseudo-terminal, with an emulator that says what stands on its screen.

The command runs below a shell, as it does for people. Were it the session's leader itself, the
kernel would throw away its last output when it ends (``tty_vhangup``), and every test of how it
leaves the terminal behind would sometimes fail.
"""

from __future__ import annotations

import contextlib
import os
import pty
import select
import signal
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyte

KEYS = {
    "up": "\x1b[A",
    "down": "\x1b[B",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "enter": "\r",
    "escape": "\x1b",
    "backspace": "\x7f",
    "ctrl-c": "\x03",
    "ctrl-d": "\x04",
}
PATIENCE = 15.0  # seconds; a wait that is not met by then is a failure
QUIET = 0.02  # seconds without output: what was being drawn is whole,
DRAWING = 0.3  # unless it is redrawn all the time

# The first terminal that a session's leader opens becomes its own. What the command prints comes
# before the end mark, which tells that all of it has been read.
_LEADER = r"""
tty=$1; shift; exec 3>&1 4<&0 <>"$tty" >&0 2>&0; trap "" HUP INT QUIT TERM
(trap - HUP INT QUIT TERM; exec sh -c 'echo $$ >&3; exec 3>&- 4<&-; exec "$@"' sh "$@")
ended=$?; printf '\033]777;ended\007'; echo $ended >&3; read _ <&4
"""
_END_MARK = b"\x1b]777;ended\x07"


class _AnsweringScreen(pyte.Screen):
    """Answers what a terminal is asked, such as where its cursor stands."""

    answer: Callable[[str], Any]

    def write_process_input(self, data: str) -> None:
        self.answer(data)


class Terminal:
    """``with Terminal(["launcher.py"]) as t: t.wait_for("Tools"); t.press("down", "enter")``."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        cols: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        # a plain environment: the test's own NO_COLOR or COLUMNS must not decide
        plain = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS", "LINES", "TMUX")}
        self.descriptor, other_end = pty.openpty()
        termios.tcsetwinsize(self.descriptor, (rows, cols))
        self._leader = subprocess.Popen(
            ["sh", "-c", _LEADER, "sh", os.ttyname(other_end), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=plain | {"TERM": "xterm-256color"} | dict(env or {}),
            cwd=cwd,
            start_new_session=True,
        )
        self.pid = int(self._said())
        os.close(other_end)
        self.raw = b""
        self._screen = _AnsweringScreen(cols, rows)
        self._screen.answer = self.send
        self._stream = pyte.ByteStream(self._screen)

    def screen(self) -> str:
        """What stands on the screen now, without blanks at the ends of its lines."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    @property
    def cursor_hidden(self) -> bool:
        return bool(self._screen.cursor.hidden)

    def send(self, text: str) -> None:
        os.write(self.descriptor, text.encode())

    def press(self, *keys: str) -> None:
        """Keys by the names in ``KEYS``."""
        for key in keys:
            self.send(KEYS[key])

    def resize(self, cols: int, rows: int) -> None:
        """As dragging the window does: the screen changes and the child gets SIGWINCH."""
        while self._read(0):  # what was drawn for the old size belongs on the old screen
            continue
        screen = self._screen
        # pyte drops rows at the top; terminals do so only as far as the cursor needs it
        dropped = max(0, screen.cursor.y - rows + 1)
        if screen.lines > rows:
            screen.save_cursor()
            screen.cursor_position()
            screen.insert_lines(screen.lines - rows - dropped)
            screen.restore_cursor()
        screen.resize(rows, cols)
        screen.cursor.y -= dropped
        termios.tcsetwinsize(self.descriptor, (rows, cols))

    def wait_for(self, text: str, timeout: float = PATIENCE) -> str:
        """The screen, once it shows the text."""
        return self.wait_until(lambda: text in self.screen(), timeout, what=f"{text!r}")

    def wait_gone(self, text: str, timeout: float = PATIENCE) -> str:
        """The screen, once it no longer shows the text."""
        return self.wait_until(lambda: text not in self.screen(), timeout, what=f"{text!r} gone")

    def wait_until(
        self, condition: Callable[[], bool], timeout: float = PATIENCE, what: str = "the condition"
    ) -> str:
        """The screen, once the condition holds; looks again whenever output came."""
        deadline = time.monotonic() + timeout
        while not condition():
            left = deadline - time.monotonic()
            if left <= 0 or not self._read(left):
                if condition():  # the last bytes may have brought it
                    break
                raise AssertionError(f"waited in vain for {what}; the screen:\n{self.screen()}")
        return self._drawn(condition)

    def _drawn(self, condition: Callable[[], bool]) -> str:
        """The screen once the drawing that has begun is whole, as far as the condition still holds."""
        shown, end = self.screen(), time.monotonic() + DRAWING
        while time.monotonic() < end and self._read(QUIET):
            if not condition():
                break
            shown = self.screen()
        return shown

    def wait_end(self, timeout: float = PATIENCE) -> int:
        """Exit status of the command (128 and the signal's number, where one ended it)."""
        self.wait_until(lambda: _END_MARK in self.raw, timeout, what="its end")
        self.raw = self.raw.replace(_END_MARK, b"")
        return int(self._said())

    def hang_up(self) -> int:
        """Closes the terminal under the command; its exit status, as ``wait_end`` gives it."""
        os.close(self.descriptor)
        self.descriptor = -1
        return int(self._said())

    def close(self) -> None:
        """Ends the command, by its process id, and gives the terminal back."""
        if self._leader.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            self._leader.communicate()  # it was waiting for the end of its standard input
        if self.descriptor >= 0:
            os.close(self.descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _said(self) -> str:
        """What the shell above the command tells next: its process id, then its exit status."""
        assert self._leader.stdout
        return self._leader.stdout.readline().decode()

    def _read(self, timeout: float) -> bool:
        """Takes what comes within the time; False when nothing did, or nobody is left to write."""
        if not select.select([self.descriptor], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self.descriptor, 65536)
        except OSError:  # EIO: the other end is closed
            return False
        self.raw += data
        self._stream.feed(data)
        return True
