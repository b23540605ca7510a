"""What happened, folded: few things are told one by one, many as a number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from roforlmao.federation.happenings import Happening
from roforlmao.text import counted

_EACH: Final = 5  # of a kind, for a hub, are told one by one
_LINES: Final = 10  # at most, as long as the kinds are so few
_MOST_GROUPS: Final = 200
_MOST_NAMES: Final = 1000  # are kept; that there are more is said
_NAMED: Final = 3
_SEE: Final = {
    "tool": " `tool get` shows them.",
    "dataset": " `dataset get` shows them.",
    "experiment": " `experiment get` shows them.",
}


class Group:
    """Happenings of one kind: all are counted, the first are kept."""

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self.count = 0
        self.hubs: set[str] = set()
        self.who: set[str] = set()
        self.texts: list[str] = []

    def add(self, happening: Happening) -> None:
        self.count += 1
        _note(self.hubs, happening.about)
        _note(self.who, happening.who)
        if len(self.texts) < _EACH:
            self.texts.append(happening.text)

    def join(self, other: Group) -> None:
        self.count += other.count
        self.hubs |= other.hubs
        self.who |= other.who
        self.texts = [*self.texts, *other.texts][:_EACH]

    def lines(self, each: int) -> Sequence[str]:
        """One line each where there are at most so many, else one for all."""
        return self.texts if self.count <= each else [self._folded()]

    def _folded(self) -> str:
        where = f" on {_few(self.hubs, 'hub')}" if self.hubs else ""
        by = f" by {_few(self.who, 'operator')}" if self.who else ""
        return f"{self.count:,} new {self.noun}s{where}{by}.{_SEE.get(self.noun, '')}"


def _note(names: set[str], name: str) -> None:
    if name and len(names) < _MOST_NAMES:
        names.add(name)


def _few(names: set[str], noun: str) -> str:
    """Their names, or how many there are."""
    if len(names) >= _MOST_NAMES:
        return f"{_MOST_NAMES:,} {noun}s or more"
    if len(names) > _NAMED:
        return counted(len(names), noun)
    *first, last = sorted(names)
    return f"{', '.join(first)} and {last}" if first else last


class Tally:
    """Takes happenings, any number of them; ``meanwhile`` is for what happened while nobody listened."""

    def __init__(self, *, meanwhile: bool = False) -> None:
        self._meanwhile = meanwhile
        self._groups: dict[tuple[str, str], Group] = {}
        self.count = 0

    def add(self, happening: Happening) -> None:
        self.count += 1
        known = (happening.noun, happening.about) in self._groups or len(self._groups) < _MOST_GROUPS
        about = happening.about if known else ""
        self._groups.setdefault((happening.noun, about), Group(happening.noun)).add(happening)

    def lines(self) -> Sequence[str]:
        """What is to be told, in the order in which each kind began."""
        each = 1 if self._meanwhile else _EACH
        told = [line for group in self._groups.values() for line in group.lines(each)]
        if len(told) > _LINES:
            told = [line for group in _by_noun(self._groups.values()) for line in group.lines(each)]
        return [f"Meanwhile: {line}" for line in told] if self._meanwhile else told


def _by_noun(groups: Iterable[Group]) -> Iterable[Group]:
    joined: dict[str, Group] = {}
    for group in groups:
        joined.setdefault(group.noun, Group(group.noun)).join(group)
    return joined.values()
