"""What a sync would take away, in words, and what may be done about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.errors import LossRefused, Remedy
from roforlmao.text import counted, one_line

if TYPE_CHECKING:
    from roforlmao.git.guard import Loss

_NAMED = 3  # losses in the message; the remedy has all of them


def refuse_losses(losses: Sequence[Loss], path: Path, made_in: Path | None) -> None:
    """Raises LossRefused, naming what would be lost in files and rows, if there is any loss."""
    if not losses:
        return
    details = tuple(described(loss) for loss in losses)
    total = f"{summary(losses)}: " if len(losses) > 1 else ""
    more = f"; and {len(details) - _NAMED:,} more" if len(details) > _NAMED else ""
    also = f" and in {made_in}" if made_in not in (None, path) else ""
    raise LossRefused(
        f"Not published: {total}{'; '.join(details[:_NAMED])}{more}.",
        f"Mend or delete what is wrong in {path}{also}, then sync again.",
        remedy=_remedy(details),
    )


def summary(losses: Sequence[Loss]) -> str:
    """``3 losses (2 files deleted, 1 shrunk; 702 rows fewer)``."""
    kinds = Counter(loss.kind for loss in losses)
    files = ", ".join(f"{number:,} {kind}" for kind, number in sorted(kinds.items()))
    fewer = sum(max(0, loss.rows_before - loss.rows_after) for loss in losses)
    return f"{counted(len(losses), 'loss', 'losses')} (files: {files}; {counted(fewer, 'row')} fewer)"


def described(loss: Loss) -> str:
    """One loss in words."""
    before, after = counted(loss.rows_before, "row"), counted(loss.rows_after, "row")
    words = {
        "deleted": f"would be deleted ({before})",
        "shrunk": f"would shrink from {loss.rows_before:,} to {after}",
        "overwritten": f"would be overwritten ({before} by {after})",
        "empty": f"is empty (zero bytes{f' where {before} were' if loss.rows_before else ''})",
    }
    return f"{one_line(loss.path, 80)} {words[loss.kind]}"


def _remedy(details: tuple[str, ...]) -> Remedy:
    losses = counted(len(details), "loss", "losses")
    publish = Remedy("allow_loss", True, f"Publish all the same ({losses})", details)
    return Remedy(
        "leave_out", True, f"Publish the rest and leave that out ({losses})", details, False, (publish,)
    )
