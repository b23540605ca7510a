"""Questions in this process: keys come from a pipe, an emulated screen shows what was drawn."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pyte
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output

from roforlmao.ui import frame
from roforlmao.ui.questions import Questions

Script = Generator[str, None, None]
"""Yields a text to wait for on the screen; goes on once it stands there."""

_PATIENCE = 2000  # ticks of 5 ms


class Glass:
    """A terminal without a process; what is written to it can be read back."""

    encoding = "utf-8"

    def __init__(self, cols: int, rows: int, keys: PipeInput) -> None:
        self.size = Size(rows=rows, columns=cols)
        self.raw = ""
        self.notices: list[str] = []
        self._keys = keys
        self._screen = pyte.Screen(cols, rows)
        self._stream = pyte.Stream(self._screen)
        self._script: Script | None = None
        self._awaited = ""
        self._ticks = 0
        self.failure: AssertionError | None = None

    def write(self, text: str) -> None:
        self.raw += text
        self._stream.feed(text)

    def flush(self) -> None:
        """Nothing is held back."""

    @property
    def lines(self) -> list[str]:
        """The screen's lines; the second cell of a wide glyph counts as nothing."""
        rows = [self._screen.buffer[y] for y in range(self._screen.lines)]
        return ["".join(row[x].data for x in range(self._screen.columns)).rstrip() for row in rows]

    @property
    def text(self) -> str:
        return "\n".join(self.lines).rstrip()

    def line_of(self, part: str) -> int:
        return next(y for y, line in enumerate(self.lines) if part in line)

    def press(self, keys: str) -> None:
        self._keys.send_text(keys)

    def follow(self, script: Script) -> None:
        self._script, self._awaited, self._ticks = script, next(script), 0

    def tick(self) -> list[str]:
        """Called by the question under test whenever it looks for notices."""
        self._ticks += 1
        if self._script and self._awaited in self.text:
            self._advance(self._script)
        elif self._ticks == _PATIENCE:
            self._fail(AssertionError(f"waited in vain for {self._awaited!r}; the screen:\n{self.text}"))
        given, self.notices = self.notices, []
        return given

    def _advance(self, script: Script) -> None:
        try:
            self._awaited, self._ticks = next(script, "\0"), 0
        except AssertionError as failure:
            self._fail(failure)

    def _fail(self, failure: AssertionError) -> None:
        """Ends the question (Ctrl-D, and Enter for prompt_toolkit's own complaints); ``glass`` raises."""
        self.failure, self._script = failure, None
        self.press("\x04\r")


@contextmanager
def glass(
    *, cols: int = 80, rows: int = 24, color: bool = True, status: Callable[[], str] = str
) -> Iterator[tuple[Questions, Glass]]:
    """Questions on an emulated screen that ticks every 5 ms."""
    before, frame.TICK = frame.TICK, 0.005
    try:
        with create_pipe_input() as keys:
            screen = Glass(cols, rows, keys)
            output: Any = Vt100_Output(screen, lambda: screen.size, "xterm-256color", enable_cpr=False)  # type: ignore[arg-type]
            questions = Questions(status, screen.tick, input=keys, output=output, color=color)
            try:
                yield questions, screen
            finally:
                if screen.failure:
                    raise screen.failure
    finally:
        frame.TICK = before
