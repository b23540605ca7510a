"""Who has the day right: the largest group of identical snapshots, else the least strange one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from roforlmao.text import counted

_WHOLE = 0.5  # of the largest snapshot's rows: fewer are a crawl that broke off, and win by no rule


@dataclass(frozen=True)
class Group:
    """Operators whose snapshots are identical.

    ``witnesses`` are those that neither took theirs from another one of them nor retracted it.
    """

    members: tuple[str, ...]
    witnesses: int
    rows: int
    strangeness: int = 0


@dataclass(frozen=True)
class Decision:
    """``reference`` is the group that the others are held against, also where nothing is decided."""

    winner: tuple[str, ...]
    reason: str
    reference: Group

    @property
    def decided(self) -> bool:
        return bool(self.winner)


def decide(groups: Sequence[Group]) -> Decision:
    """``groups`` is not empty."""
    ranked = sorted(
        groups, key=lambda group: (-group.witnesses, group.strangeness, -group.rows, group.members)
    )
    filled = [group for group in ranked if group.rows and group.witnesses]
    if not filled:
        return Decision((), "Every snapshot is empty or retracted.", ranked[0])
    if sum(group.witnesses for group in ranked) < 2:
        return Decision(
            (), f"Only {filled[0].members[0]} could be looked at; there is nobody beside.", filled[0]
        )
    if filled[0].witnesses > 1:
        return _by_agreement(filled, groups)
    return _by_strangeness(filled)


def _by_agreement(filled: Sequence[Group], groups: Sequence[Group]) -> Decision:
    first = filled[0]
    tied = [group for group in filled if group.witnesses == first.witnesses]
    if len(tied) > 1:
        sides = " against ".join(", ".join(group.members) for group in tied)
        return Decision((), f"A draw: {sides}. A person has to decide (vote).", first)
    every = sum(len(group.members) for group in groups)
    agree = f"{len(first.members)} of {every} are identical"
    return Decision(first.members, f"{agree}, more than of any other.", first)


def _by_strangeness(filled: Sequence[Group]) -> Decision:
    whole = [group for group in filled if group.rows >= _WHOLE * max(other.rows for other in filled)]
    least = min(group.strangeness for group in whole)
    best = [group for group in whole if group.strangeness == least]
    strange = counted(least, "row or cell", "rows and cells")
    if len(best) > 1:
        names = ", ".join(name for group in best for name in group.members)
        return Decision(
            (),
            f"A draw: {names} each have {strange} that nobody else has. A person has to decide (vote).",
            best[0],
        )
    alone = f"No two are identical; {best[0].members[0]} has the fewest rows and cells that nobody else has"
    return Decision(best[0].members, f"{alone} ({least:,}).", best[0])
