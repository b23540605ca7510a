"""Text measured in terminal cells: a CJK glyph takes two, a combining mark none."""

from __future__ import annotations

from wcwidth import wcwidth

ELLIPSIS = "…"


def width(text: str) -> int:
    """Cells that the text takes, summed glyph by glyph as prompt_toolkit draws it."""
    if text.isascii():
        return len(text)
    return sum(max(0, wcwidth(glyph)) for glyph in text)


def cut(text: str, limit: int) -> str:
    """The text, or as much of it as fits with an ellipsis into ``limit`` cells."""
    if width(text) <= limit:
        return text
    return head(text, limit - 1) + ELLIPSIS if limit > 0 else ""


def pad(text: str, cells: int) -> str:
    """Cut or filled with spaces to exactly ``cells``."""
    shown = cut(text, cells)
    return shown + " " * (cells - width(shown))


def head(text: str, limit: int) -> str:
    """The longest beginning of the text that takes at most ``limit`` cells."""
    used = 0
    for index, glyph in enumerate(text):
        used += max(0, wcwidth(glyph))
        if used > limit:
            return text[:index]
    return text


def fold(text: str, limit: int) -> list[str]:
    """The text in rows of at most ``limit`` cells (2 or more), broken after blanks where that goes.

    Nothing is left out; tabs become spaces.
    """
    rows = []
    for line in text.expandtabs(4).split("\n"):
        rest = line
        while len(row := head(rest, max(2, limit))) < len(rest):
            row = _up_to_blank(row)
            rows.append(row)
            rest = rest[len(row) :]
        rows.append(rest)
    return rows


def _up_to_blank(row: str) -> str:
    """The row up to its last blank, unless that would leave most of it empty."""
    blank = row.rfind(" ") + 1
    return row[:blank] if blank > len(row) // 2 else row
