"""Keys pressed while nobody asks: not echoed into the bar, not taken for the next answer."""

from __future__ import annotations

import contextlib
import termios
from collections.abc import Iterator
from typing import TextIO


@contextlib.contextmanager
def quiet_keyboard(stream: TextIO) -> Iterator[None]:
    """Without echo, and what was typed meanwhile is dropped at the end; Ctrl-C and Ctrl-Z still work."""
    try:
        descriptor = stream.fileno()
        before = termios.tcgetattr(descriptor)
    except (OSError, ValueError, termios.error):  # no terminal, or none left
        yield
        return
    silent = termios.tcgetattr(descriptor)
    silent[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(descriptor, termios.TCSANOW, silent)
    try:
        yield
    finally:
        with contextlib.suppress(termios.error):  # the terminal may have hung up
            termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)
