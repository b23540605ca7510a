"""A changed cell as the screen shows it: old and new, what differs marked, numbers with their difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from roforlmao.compare.cells import Cell as Value
from roforlmao.compare.deltas import delta, percent_text
from roforlmao.compare.marks import Piece, mark
from roforlmao.ui.painted import Cell, Fragment

if TYPE_CHECKING:
    from roforlmao.compare.result import CellChange
    from roforlmao.ui.frame import Frame

_AROUND = 8  # characters of what both have in common, beside a difference
_DIFFERENCE = 60  # characters of a difference in a list
_BARS = " ▁▂▃▄▅▆▇█"
_ASCII_BARS = " .:-=+*#@"


@dataclass(frozen=True)
class Look:
    """What the terminal can show; without ``color`` differences stand in brackets."""

    arrow: str
    bars: str
    color: bool

    @classmethod
    def of(cls, frame: Frame) -> Look:
        try:
            f"→{_BARS}".encode(frame.output.encoding())
        except (UnicodeEncodeError, LookupError):
            return cls("->", _ASCII_BARS, frame.color)
        return cls("→", _BARS, frame.color)

    def spark(self, counts: Sequence[int]) -> str:
        """A bar for each count; the highest one is full, and none that is not 0 is empty."""
        most = max(counts, default=0)
        full = len(self.bars) - 1
        return "".join(self.bars[-(-count * full // most)] for count in counts) if most else ""


def value_text(value: Value) -> str:
    """What is not there is told from what is empty."""
    return "(none)" if value is None else value or '""'


def in_a_row(cell: CellChange, look: Look) -> Cell:
    """``old → new`` for a list: numbers with their change, texts with what is around the difference."""
    told = delta(cell.old, cell.new)
    old, new = value_text(cell.old), value_text(cell.new)
    arrow = ("class:ask-dim", f" {look.arrow} ")
    if told is None:
        before, after = mark(old, new, deep=False)
        return [*_painted(_short(before), "old", look), arrow, *_painted(_short(after), "new", look)]
    change = str(told) if told.percent is None else percent_text(told.percent)
    return [("class:old", old), arrow, ("class:new", new), ("class:ask-dim", f"  {change}")]


def side_by_side(cell: CellChange, look: Look, *, deep: bool) -> tuple[Cell, Cell]:
    """Both values whole, for a card."""
    old, new = value_text(cell.old), value_text(cell.new)
    if delta(cell.old, cell.new) is not None:
        return [("class:old", old)], [("class:new", new)]
    before, after = mark(old, new, deep=deep)
    return _painted(before, "old", look), _painted(after, "new", look)


def difference(cell: CellChange) -> str:
    """In words, of two numbers; else nothing."""
    told = delta(cell.old, cell.new)
    return "" if told is None else str(told)


def _painted(pieces: Sequence[Piece], side: str, look: Look) -> list[Fragment]:
    some = any(not piece.differs for piece in pieces)
    return [_fragment(piece, side, look, alone=not some) for piece in pieces]


def _fragment(piece: Piece, side: str, look: Look, *, alone: bool) -> Fragment:
    if not piece.differs or alone:
        return f"class:{side}", piece.text
    return f"class:{side}-mark", piece.text if look.color else f"[{piece.text}]"


def _short(pieces: Sequence[Piece]) -> list[Piece]:
    """What both sides have in common is cut to what is beside a difference."""
    shown = []
    for place, piece in enumerate(pieces):
        text = piece.text
        if piece.differs:
            text = text if len(text) <= _DIFFERENCE else f"{text[:_DIFFERENCE]}…"
        elif len(text) > 2 * _AROUND:
            before, after = text[:_AROUND], text[-_AROUND:]
            text = "…".join(("" if place == 0 else before, "" if place == len(pieces) - 1 else after))
        shown.append(Piece(piece.differs, text))
    return shown
