"""Sharing a data repository: guard, commit, push, announce. Each step may be repeated after a crash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.errors import BadInput, LossRefused, RegistryError, Remedy
from roforlmao.models import Announcement
from roforlmao.names import check_name
from roforlmao.progress import Progress
from roforlmao.text import counted, one_line

if TYPE_CHECKING:
    from roforlmao.git.guard import Loss
    from roforlmao.git.sync import Prepared
    from roforlmao.registry.catalog import Catalog


@dataclass(frozen=True)
class Delivery:
    """What to share: a clone, the hub and date it is announced under, and its receipt.

    ``tool_output`` says that a tool made the files: its ``.gitignore`` then hides none of them.
    """

    path: Path
    hub: str
    date: str
    operator: str
    trailers: Mapping[str, str]
    allow_loss: bool = False
    tool_output: bool = False
    verdict: str = ""


@dataclass(frozen=True)
class Shared:
    """The outcome; ``pushed`` is False when all was published already.

    ``files`` and ``rows`` count what came to the remote; ``kept`` are paths that a peer changed
    while the operator's own uncommitted file is there.
    """

    commit: str
    pushed: bool
    key: str
    url: str
    files: int
    rows: int
    kept: tuple[str, ...] = ()


class NotAnnounced(RegistryError):
    """The data is pushed, but the registry did not take the announcement."""

    code = "not-announced"


def share(delivery: Delivery, catalog: Catalog, progress: Progress) -> Shared:
    """Commits ``sync <date>``, pushes and announces; losing nothing, also when killed in between.

    Errors: LossRefused (its remedy is ``allow_loss``), GitFailed, SyncConflict, Unreachable,
    Cancelled, NotAnnounced.
    """
    from roforlmao.git import clone, sync
    from roforlmao.git.receipt import receipt

    check_name(delivery.hub, "hub name")
    url = clone.origin(delivery.path)
    prepared = sync.prepare(delivery.path, progress, ignored=delivery.tool_output)
    if not delivery.allow_loss:
        refuse_losses(prepared)
    if prepared.nothing and not prepared.head:
        raise BadInput(f"There is nothing to publish in {delivery.path}.", "Put the snapshots there first.")
    rows = _rows_before(delivery) if prepared.nothing else prepared.rows
    message = receipt(delivery.date, {**delivery.trailers, "Rows": str(prepared.rows)})
    sync.commit(prepared, message, operator=delivery.operator, progress=progress)
    published = sync.publish(delivery.path, delivery.operator, progress)
    progress.checkpoint()
    key = _announce(delivery, url, published.commit, rows, catalog)
    return Shared(
        published.commit, not prepared.nothing, key, url, len(prepared.changes), rows, published.kept
    )


def refuse_losses(prepared: Prepared) -> None:
    """Raises LossRefused, naming what would be lost, if there is any loss."""
    losses = prepared.losses
    if losses:
        details = tuple(describe(loss) for loss in losses)
        raise LossRefused(
            f"Not published: {'; '.join(details[:3])}{' ...' if len(details) > 3 else ''}.",
            "Look at the files; what is published stays as it is.",
            remedy=Remedy(
                "allow_loss",
                True,
                f"Publish all the same ({counted(len(losses), 'loss', 'losses')})?",
                details,
            ),
        )


def describe(loss: Loss) -> str:
    """One loss in words."""
    rows = f" from {loss.rows_before} to {loss.rows_after} rows" if loss.kind == "shrunk" else ""
    words = {
        "deleted": "would be deleted",
        "shrunk": f"would shrink{rows}",
        "overwritten": "would be overwritten",
        "empty": "is empty (zero bytes)",
    }
    return f"{one_line(loss.path, 80)} {words.get(loss.kind, loss.kind)}"


def _rows_before(delivery: Delivery) -> int:
    """What was pushed before, perhaps by a sync that broke off before its announcement."""
    from roforlmao.git.receipts import receipts

    for found in receipts(delivery.path):
        same = all(found.trailers.get(key) == delivery.trailers.get(key) for key in ("Operator", "Run-id"))
        rows = found.trailers.get("Rows", "")
        if found.date == delivery.date and same and rows.isdecimal():
            return int(rows)
    return 0


def _announce(delivery: Delivery, url: str, commit: str, rows: int, catalog: Catalog) -> str:
    entry = Announcement(delivery.hub, delivery.date, delivery.operator, url, commit, rows, delivery.verdict)
    try:
        return catalog.announce(entry)
    except RegistryError as error:
        raise NotAnnounced(
            f"Pushed as {commit[:12]}, but not announced: {error.message}",
            "Sync again once the registry answers; nothing is pushed twice.",
        ) from error
