"""Which column of the old table is which column of the new one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from roforlmao.compare.likeness import CellCounts, Likeness, find_renamed, fit_positions
from roforlmao.compare.table import Table
from roforlmao.errors import BadInput
from roforlmao.text import one_line

Pair = tuple[int, int]


class Alignment(NamedTuple):
    """``pairs`` are (old, new) positions of the columns that are compared, in the new order.

    ``labels`` names them. The other fields are labels, or positions where they are numbers:
    what one side has alone, what is called otherwise, what stands elsewhere.
    """

    pairs: tuple[Pair, ...]
    labels: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    renamed: tuple[Pair, ...]
    reordered: tuple[str, ...]

    def place(self, name: str, old: Table, new: Table) -> int:
        """The place in ``pairs`` of a column that the operator names. Errors: BadInput."""
        for labels, side in ((new.labels, 1), (old.labels, 0)):
            for place, pair in enumerate(self.pairs):
                if labels[pair[side]] == name:
                    return place
        raise unknown_column(name, self.labels, "in both files")


def align(old: Table, new: Table, ignore: Sequence[str] = (), likeness: Likeness | None = None) -> Alignment:
    """By name where both have a header, else by position. Errors: BadInput (nothing to ignore)."""
    by_name = old.header and new.header
    cells = likeness or CellCounts(old.rows, new.rows)
    pairs, renamed = (_by_name if by_name else _by_position)(old, new, cells)
    out_old, out_new = _ignored(old, new, pairs, ignore)
    kept = [pair for pair in sorted(pairs, key=lambda pair: pair[1]) if pair[1] not in out_new]
    lone_old = set(range(len(old.labels))) - {i for i, _ in pairs} - out_old
    lone_new = set(range(len(new.labels))) - {j for _, j in pairs} - out_new
    labels = [old.labels[i] if old.header and not new.header else new.labels[j] for i, j in kept]
    return Alignment(
        tuple(kept),
        tuple(labels),
        tuple(new.labels[j] for j in sorted(lone_new)),
        tuple(old.labels[i] for i in sorted(lone_old)),
        tuple(pair for pair in renamed if pair in kept),
        _reordered(kept, labels) if by_name else (),
    )


def _by_name(old: Table, new: Table, cells: Likeness) -> tuple[list[Pair], list[Pair]]:
    places = {label: j for j, label in enumerate(new.labels)}
    pairs = [(i, places[label]) for i, label in enumerate(old.labels) if label in places]
    lone_old = [i for i, label in enumerate(old.labels) if label not in places]
    lone_new = sorted(set(range(len(new.labels))) - {j for _, j in pairs})
    renamed = find_renamed(cells, lone_old, lone_new)
    return [*pairs, *renamed], renamed


def _by_position(old: Table, new: Table, cells: Likeness) -> tuple[list[Pair], list[Pair]]:
    pairs = fit_positions(cells, len(old.labels), len(new.labels))
    both_numbered = not old.header and not new.header
    return pairs, [(i, j) for i, j in pairs if i != j] if both_numbered else []


def _ignored(
    old: Table, new: Table, pairs: Sequence[Pair], ignore: Sequence[str]
) -> tuple[set[int], set[int]]:
    """Positions on either side; a column that is paired is ignored on both."""
    out_old: set[int] = set()
    out_new: set[int] = set()
    for name in ignore:
        if name not in old.labels and name not in new.labels:
            raise unknown_column(name, list(dict.fromkeys([*old.labels, *new.labels])), "")
        out_old |= {i for i, label in enumerate(old.labels) if label == name}
        out_new |= {j for j, label in enumerate(new.labels) if label == name}
    for i, j in pairs:
        if i in out_old or j in out_new:
            out_old.add(i)
            out_new.add(j)
    return out_old, out_new


def _reordered(pairs: Sequence[Pair], labels: Sequence[str]) -> tuple[str, ...]:
    """Columns whose rank among the common ones is another."""
    ranks = {i: rank for rank, i in enumerate(sorted(i for i, _ in pairs))}
    return tuple(
        label for rank, (label, (i, _)) in enumerate(zip(labels, pairs, strict=True)) if ranks[i] != rank
    )


def unknown_column(name: str, labels: Sequence[str], where: str) -> BadInput:
    """An error that names the columns there are."""
    shown = ", ".join(one_line(label, 40) for label in labels[:30]) + (" ..." if len(labels) > 30 else "")
    there = " ".join(filter(None, ["The columns", where]))
    return BadInput(f"There is no column '{one_line(name, 60)}'.", f"{there}: {shown or 'none'}.")
