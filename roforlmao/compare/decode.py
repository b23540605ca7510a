"""Bytes to text: the encoding is found, line endings become ``\\n``."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from roforlmao.errors import BadInput

# UTF-32 first: its little-endian mark begins with that of UTF-16
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Text in a one-byte encoding has none of these; compressed files and images do.
_BINARY = re.compile(b"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
ENCODED = 4_096  # bytes at the beginning that tell UTF-16 from others
_BINARY_HINT = "Name a CSV file; unpack it first if it is compressed."


class Text(NamedTuple):
    """``line_ending`` is ``lf``, ``crlf``, ``cr``, ``mixed``, or ``none`` in a file of one line."""

    text: str
    encoding: str
    line_ending: str
    warnings: tuple[str, ...] = ()


def decode(content: bytes, name: str) -> Text:
    """Errors: BadInput, with the line, for what is no text."""
    encoding = wide_encoding(content, len(content)) or _marked(content)
    if encoding:
        return _told(_strict(content, encoding, name), encoding)
    refuse_nul(content, name)
    try:
        return _told(content.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        return _one_byte(content, error.start, name)


def refuse_nul(content: bytes, name: str, line: int = 1) -> None:
    """Errors: BadInput, with the line, where there is a NUL byte; ``line`` is that of the first byte."""
    zero = content.find(b"\0")
    if zero >= 0:
        line += content.count(b"\n", 0, zero)
        raise BadInput(f"{name}, line {line}: a NUL byte; this is not a text file.", _BINARY_HINT)


def _told(text: str, encoding: str, *warnings: str) -> Text:
    if "\r" in text:
        ending = line_ending(text.count("\r\n"), text.count("\r"), text.count("\n"))
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    else:
        ending = "lf" if "\n" in text else "none"
    return Text(text, encoding, ending, warnings)


def line_ending(both: int, returns: int, feeds: int) -> str:
    """How lines end, from the numbers of ``\\r\\n``, of ``\\r`` and of ``\\n``, those in pairs included."""
    if returns:
        return "crlf" if both == returns == feeds else "mixed" if feeds else "cr"
    return "lf" if feeds else "none"


def _marked(content: bytes) -> str:
    return next((encoding for mark, encoding in _MARKS if content.startswith(mark)), "")


def wide_encoding(begin: bytes, size: int) -> str:
    """UTF-16 or UTF-32, from the first bytes of so many; empty for any other encoding.

    Without a mark: in Latin text in UTF-16 every second byte is zero.
    """
    marked = _marked(begin)
    if marked:
        return "" if marked == "utf-8-sig" else marked
    sample = begin[:ENCODED]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if size % 2 or not half or max(even, odd) < 0.4 * half or min(even, odd) > 0.05 * half:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _strict(content: bytes, encoding: str, name: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadInput(
            f"{name}, line {line}: not valid {encoding}, as its mark says.", _BINARY_HINT
        ) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise BadInput(f"{name}, line {line}: a NUL character; this is not a table.", _BINARY_HINT)
    return text


def _one_byte(content: bytes, where: int, name: str) -> Text:
    """Latin-1, or Windows-1252 where bytes are used that only this one prints."""
    binary = _BINARY.search(content)
    if binary:
        line = content.count(b"\n", 0, binary.start()) + 1
        raise BadInput(f"{name}, line {line}: control characters; this is not a text file.", _BINARY_HINT)
    encoding = "cp1252" if re.search(b"[\x80-\x9f]", content) else "latin-1"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        encoding = "latin-1"  # takes every byte
        text = content.decode(encoding)
    line = content.count(b"\n", 0, where) + 1
    return _told(text, encoding, f"{name} is not UTF-8 (line {line}); it was read as {encoding}.")
