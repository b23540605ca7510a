"""Where two texts differ: their pieces, each common or not, at a cost that stays bounded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

_MOST = 20_000  # characters of each text that are looked at
_CHARACTERS = 10_000  # pairs of characters that are matched with each other
_WORDS = 40_000  # pairs of words, where there are too many characters
_ISLAND = 3  # characters; shorter common parts between two differences tell nothing
_WORD = re.compile(r"\w+|\W")


class Piece(NamedTuple):
    """A part of one text; ``differs`` says that the other one has something else in its place."""

    differs: bool
    text: str


Marked = tuple[list[Piece], list[Piece]]


def mark(old: str, new: str, *, deep: bool = True) -> Marked:
    """The pieces of both texts.

    What they begin and end with alike is common; between these, where ``deep``, also what a longest
    matching of characters (or of words, in a long text) finds.
    """
    first, second = old[:_MOST], new[:_MOST]
    start = _alike(first, second)
    end = _alike(first[start:][::-1], second[start:][::-1])
    middles = first[start : len(first) - end], second[start : len(second) - end]
    inner = _matched(*middles) if deep else _whole(*middles)
    tail = first[len(first) - end :]
    left, right = (_joined([Piece(False, first[:start]), *pieces, Piece(False, tail)]) for pieces in inner)
    return [*left, *_rest(old)], [*right, *_rest(new)]


def _alike(one: str, other: str) -> int:
    """How many characters both begin with."""
    for place, (mine, theirs) in enumerate(zip(one, other, strict=False)):
        if mine != theirs:
            return place
    return min(len(one), len(other))


def _rest(text: str) -> list[Piece]:
    return [Piece(False, text[_MOST:])] if len(text) > _MOST else []


def _whole(old: str, new: str) -> Marked:
    return [Piece(True, old)], [Piece(True, new)]


def _matched(old: str, new: str) -> Marked:
    if len(old) * len(new) <= _CHARACTERS:
        return _opposed(old, new)
    words = _WORD.findall(old), _WORD.findall(new)
    if len(words[0]) * len(words[1]) <= _WORDS:
        return _opposed(*words)
    return _whole(old, new)


def _opposed(old: Sequence[str], new: Sequence[str]) -> Marked:
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, i, i_end, j, j_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        one, other = "".join(old[i:i_end]), "".join(new[j:j_end])
        differs = tag != "equal" or len(one) < _ISLAND
        left.append(Piece(differs, one))
        right.append(Piece(differs, other))
    return left, right


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Neighbours of the same kind become one; empty ones vanish."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and joined[-1].differs == piece.differs:
            joined[-1] = Piece(piece.differs, joined[-1].text + piece.text)
        elif piece.text:
            joined.append(piece)
    return joined
