"""Text in several styles: what cells of a table and fields of a card hold, cut and folded for a screen."""

from __future__ import annotations

from collections.abc import Sequence

from roforlmao.text import clean
from roforlmao.ui.cells import ELLIPSIS, fold, head, width

Fragment = tuple[str, str]
"""A style of ``frame`` (such as ``class:new``, or nothing) and a text."""

Cell = str | Sequence[Fragment]
"""Foreign text as it is; it is cleaned where it is drawn."""

LOOK = 4_000  # characters of a fragment that are looked at for one line of a screen
MOST = 20_000  # characters of a value that a card shows
_BOTH_ENDS = 12  # cells; where there are fewer, only a beginning is shown


def plain(cell: Cell) -> str:
    """The text alone, as it is."""
    return cell if isinstance(cell, str) else "".join(text for _, text in cell)


def natural(cell: Cell) -> int:
    """Screen cells that it takes on one line."""
    return sum(width(text) for _, text in _flat(cell, ""))


def line(
    cell: Cell, cells: int, *, right: bool = False, inner: bool = False, style: str = ""
) -> list[Fragment]:
    """On one line, cleaned, cut or filled to exactly ``cells``; ``style`` is that of plain text.

    ``inner``: what is cut away is its middle, because identifiers often differ at their end only.
    """
    shown = (_cut_inside if inner else _cut)(_flat(cell, style), cells)
    blank = (style, " " * (cells - sum(width(text) for _, text in shown)))
    return [blank, *shown] if right else [*shown, blank]


def rows(cell: Cell, cells: int) -> list[list[Fragment]]:
    """Cleaned and folded into rows of at most ``cells``; what is too long to be read is counted."""
    parts = [(style, clean(text).replace("\t", "    ")) for style, text in _bounded(cell)]
    found, place, at = [], 0, 0
    text = "".join(text for _, text in parts)
    for row in fold(text, cells):
        found.append(_slice(parts, place, place + len(row)))
        at = place + len(row)
        place = at + (at < len(text) and text[at] == "\n")
    return found


def _pieces(cell: Cell, style: str) -> Sequence[Fragment]:
    return [(style, cell)] if isinstance(cell, str) else [(own or style, text) for own, text in cell]


def _flat(cell: Cell, style: str) -> list[Fragment]:
    flat = []
    for own, text in _pieces(cell, style):
        shown = clean(text[:LOOK]).replace("\n", " ").replace("\t", " ")
        flat.append((own, shown + ELLIPSIS if len(text) > LOOK else shown))
    return flat


def _cut(fragments: list[Fragment], cells: int) -> list[Fragment]:
    if sum(width(text) for _, text in fragments) <= cells:
        return fragments
    shown: list[Fragment] = []
    room = max(0, cells - 1)
    for style, text in fragments:
        part = head(text, room)
        shown.append((style, part))
        room -= width(part)
        if len(part) < len(text):
            break
    return [*shown, ("", ELLIPSIS if cells > 0 else "")]


def _cut_inside(fragments: list[Fragment], cells: int) -> list[Fragment]:
    if sum(width(text) for _, text in fragments) <= cells or cells < _BOTH_ENDS:
        return _cut(fragments, cells)
    end = [(style, text[::-1]) for style, text in reversed(fragments)]
    tail = _cut(end, cells // 2 + 1)[:-1]
    return [*_cut(fragments, cells - cells // 2), *((style, text[::-1]) for style, text in reversed(tail))]


def _bounded(cell: Cell) -> list[Fragment]:
    found: list[Fragment] = []
    room = MOST
    for style, text in _pieces(cell, ""):
        found.append((style, text[:room]))
        room = max(0, room - len(text))
    left = len(plain(cell)) - MOST
    return [*found, ("class:ask-dim", f"{ELLIPSIS} {left:,} more characters")] if left > 0 else found


def _slice(parts: Sequence[Fragment], start: int, end: int) -> list[Fragment]:
    """The characters from ``start`` to ``end`` of all the parts together."""
    found, place = [], 0
    for style, text in parts:
        inside = text[max(0, start - place) : max(0, end - place)]
        if inside:
            found.append((style, inside))
        place += len(text)
        if place >= end:
            break
    return found
