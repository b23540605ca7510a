"""Bytes of a program's output made into lines for a screen."""

from __future__ import annotations

LINE_BYTES = 8 * 1024
_LINES_PER_FEED = 500
SKIPPED = "[output skipped here; the log holds all of it]"


class Lines:
    """Bytes in, lines out: cut at LINE_BYTES, and no more of them at once than a screen shows."""

    def __init__(self) -> None:
        self._partial = b""

    def feed(self, content: bytes, *, after_gap: bool = False) -> list[str]:
        """The lines that are complete now; a carriage return ends a line as well."""
        if after_gap:
            self._partial = b""
        content = self._partial + content
        held = b"\r" if content.endswith(b"\r") else b""  # perhaps the first half of \r\n
        content = content.removesuffix(b"\r").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *complete, partial = content.split(b"\n")
        pieces = _pieces(partial)
        self._partial = pieces.pop() + held
        skipped = after_gap or len(complete) > _LINES_PER_FEED
        lines = [piece for line in complete[-_LINES_PER_FEED:] for piece in _pieces(line)] + pieces
        return ([SKIPPED] if skipped else []) + [line.decode("utf-8", "replace") for line in lines]

    def rest(self) -> list[str]:
        """The last line, where it has no end."""
        partial = self._partial.rstrip(b"\r")
        return [partial.decode("utf-8", "replace")] if partial else []


def _pieces(line: bytes) -> list[bytes]:
    """The line in pieces of at most LINE_BYTES, none of which begins inside a character."""
    pieces = []
    while len(line) > LINE_BYTES:
        cut = LINE_BYTES
        while cut > LINE_BYTES - 4 and line[cut] & 0xC0 == 0x80:
            cut -= 1
        pieces.append(line[:cut])
        line = line[cut:]
    return [*pieces, line]
