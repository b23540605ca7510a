"""Foreign text made harmless for a terminal."""

from __future__ import annotations

import re

# C0 and C1 controls, the line and paragraph separators, and the bidirectional overrides that
# let a name read as another one ("Trojan Source", CVE-2021-42574).
_HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_ESCAPE_SEQUENCE = re.compile(
    "\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?"  # OSC: titles, links, clipboard
    "|\x1b[PX^_][^\x1b]*(?:\x1b\\\\)?"  # DCS, SOS, PM, APC
    "|[\x1b][\\[][0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor
    "|\x9b[0-?]*[ -/]*[@-~]?"
    "|\x1b[ -/]*[0-~]?"
)


def clean(text: str) -> str:
    """The text without escape sequences and control characters; tabs and newlines stay."""
    return _HARMFUL.sub("", _ESCAPE_SEQUENCE.sub("", text))


def one_line(text: str, limit: int = 0) -> str:
    """Cleaned, on one line, and cut to ``limit`` characters where that is not 0."""
    line = " ".join(clean(text).split())
    return line if not limit or len(line) <= limit else line[: limit - 1] + "…"


def counted(number: int, noun: str, plural: str = "") -> str:
    """``1 file``, ``2 files``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
