"""What a list of choices remembers: the search, what it matches, and where the pointer stands."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from roforlmao.actions.base import Choice
from roforlmao.text import one_line


def folded(text: str) -> str:
    """For comparing: without differences of case or of Unicode composition."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


class Listing:
    """Choices, cleaned for a terminal, with a search and a pointer that skips disabled ones."""

    def __init__(self, choices: Sequence[Choice], default: Any = None) -> None:
        self.choices = list(choices)
        self.titles = [one_line(choice.title) for choice in choices]
        self.notes = [one_line(choice.disabled or choice.note) for choice in choices]
        self._haystack = [folded(f"{t} {n}") for t, n in zip(self.titles, self.notes, strict=True)]
        self.query = ""
        self.matches = list(range(len(self.choices)))
        self.at = self._place_of(default) if default is not None else 0
        self._settle(1)

    def search(self, query: str) -> None:
        """Keeps what contains the query, in title or note, and points at the first of it."""
        pointed = self.matches[self.at] if self.matches else -1
        self.query = query
        needle = folded(query.strip())
        self.matches = [index for index, hay in enumerate(self._haystack) if needle in hay]
        # an emptied search leaves the pointer on what it had found
        self.at = self.matches.index(pointed) if not needle and pointed in self.matches else 0
        self._settle(1)

    def move(self, steps: int) -> None:
        """``steps`` rows down (up when negative), around the ends."""
        if self.matches:
            self.at = (self.at + steps) % len(self.matches)
            self._settle(1 if steps > 0 else -1)

    def page(self, steps: int) -> None:
        """As ``move``, but it stops at the ends."""
        if self.matches:
            self.at = min(max(self.at + steps, 0), len(self.matches) - 1)
            self._settle(-1 if steps > 0 else 1)

    def first(self) -> None:
        self.page(-len(self.matches))

    def last(self) -> None:
        self.page(len(self.matches))

    @property
    def chosen(self) -> int | None:
        """Index of the choice pointed at; None where nothing that may be chosen matches."""
        if not self.matches or self.choices[self.matches[self.at]].disabled:
            return None
        return self.matches[self.at]

    @property
    def place(self) -> str:
        """``3 of 120``, and of how many where a search narrows them."""
        if not self.matches:
            return "no match"
        narrowed = len(self.matches) < len(self.choices)
        found = f"{self.at + 1:,} of {len(self.matches):,}"
        return f"{found} (in {len(self.choices):,})" if narrowed else found

    def _place_of(self, value: Any) -> int:
        return next((i for i, choice in enumerate(self.choices) if choice.value == value), 0)

    def _settle(self, step: int) -> None:
        """Moves on from a disabled row; stays where all are, so that this always ends."""
        for place in _round(self.at, step, len(self.matches)):
            if not self.choices[self.matches[place]].disabled:
                self.at = place
                return


def _round(start: int, step: int, length: int) -> Iterator[int]:
    return ((start + step * offset) % length for offset in range(length))
