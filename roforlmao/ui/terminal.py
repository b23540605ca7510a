"""What kind of terminal there is, and whether it wants colours."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal, TextIO

Kind = Literal["full", "plain", "none"]

_WITHOUT_CURSOR = ("", "dumb", "unknown")


def terminal_kind(stdin: TextIO, stdout: TextIO, environ: Mapping[str, str], plain_flag: bool) -> Kind:
    """``none`` unless both ends are a terminal; ``plain`` where it cannot move its cursor, or on demand."""
    if not (_is_terminal(stdin) and _is_terminal(stdout)):
        return "none"
    if plain_flag or environ.get("TERM", "").lower() in _WITHOUT_CURSOR:
        return "plain"
    return "full"


def wants_color(stream: TextIO, environ: Mapping[str, str], no_color_flag: bool) -> bool:
    """False for a pipe, a dumb terminal, ``--no-color`` and a non-empty NO_COLOR (https://no-color.org)."""
    if no_color_flag or environ.get("NO_COLOR"):
        return False
    return _is_terminal(stream) and environ.get("TERM", "").lower() not in _WITHOUT_CURSOR


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # the stream is closed
        return False


def flush_or_forget(stream: TextIO) -> None:
    """Writes what is buffered; where the reader has gone, it goes nowhere and nothing more is said of it."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
