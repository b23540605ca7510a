"""A command on a real pseudo-terminal, with an emulator that says what stands on its screen."""

from __future__ import annotations

import contextlib
import os
import signal
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pexpect
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
        with warnings.catch_warnings():
            # newer Pythons warn of fork in a process with threads; pexpect execs at once
            warnings.simplefilter("ignore", DeprecationWarning)
            self.child = pexpect.spawn(
                command[0],
                list(command[1:]),
                dimensions=(rows, cols),
                env=plain | {"TERM": "xterm-256color"} | dict(env or {}),
                cwd=str(cwd) if cwd else None,
                timeout=PATIENCE,
            )
        self.child.delaybeforesend = None
        self.raw = b""
        self._screen = _AnsweringScreen(cols, rows)
        self._screen.answer = self.child.send
        self._stream = pyte.ByteStream(self._screen)

    @property
    def pid(self) -> int:
        return int(self.child.pid)

    def screen(self) -> str:
        """What stands on the screen now, without blanks at the ends of its lines."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    @property
    def cursor_hidden(self) -> bool:
        return bool(self._screen.cursor.hidden)

    def send(self, text: str) -> None:
        self.child.send(text)

    def press(self, *keys: str) -> None:
        """Keys by the names in ``KEYS``."""
        for key in keys:
            self.send(KEYS[key])

    def resize(self, cols: int, rows: int) -> None:
        """As dragging the window does: the screen changes and the child gets SIGWINCH."""
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
        self.child.setwinsize(rows, cols)

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
        return self.screen()

    def wait_end(self, timeout: float = PATIENCE) -> int:
        """Exit status of the command (128 and the signal's number, where one ended it)."""
        deadline = time.monotonic() + timeout
        while self._read(max(0.0, deadline - time.monotonic())):
            continue
        if self.child.isalive() and time.monotonic() >= deadline:
            raise AssertionError(f"still running after {timeout} s; the screen:\n{self.screen()}")
        self.child.wait()
        return int(
            self.child.exitstatus if self.child.exitstatus is not None else 128 + self.child.signalstatus
        )

    def close(self) -> None:
        """Ends the child, by its process id, and gives the terminal back."""
        if self.child.isalive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        self.child.close(force=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read(self, timeout: float) -> bool:
        """Takes what comes within the time; False when nothing did, or the terminal is closed."""
        try:
            data = self.child.read_nonblocking(65536, timeout)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return False
        self.raw += data
        self._stream.feed(data)
        return True
