"""Sharing a data repository: guard, commit, push. Each step may be repeated after a crash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.data.losses import refuse_losses
from roforlmao.errors import BadInput
from roforlmao.models import Announcement
from roforlmao.names import check_name
from roforlmao.progress import Progress

if TYPE_CHECKING:
    from roforlmao.git.receipt import Receipt
    from roforlmao.git.sync import Prepared


@dataclass(frozen=True)
class Delivery:
    """What to share: a clone, the hub and date it is announced under, and its receipt.

    ``made_in`` is where a tool made the files: its ``.gitignore`` then hides none of them, and
    that is the other place to mend them. ``allow_loss`` publishes losses, ``leave_out`` the rest.
    """

    path: Path
    hub: str
    date: str
    operator: str
    trailers: Mapping[str, str]
    allow_loss: bool = False
    leave_out: bool = False
    made_in: Path | None = None
    verdict: str = ""


@dataclass(frozen=True)
class Shared:
    """The outcome; ``pushed`` is False when all was published already.

    ``entry`` is what the registry is to be told, None where there is no data in it. ``files`` and ``rows``
    count what came to the remote; ``kept`` are paths that a peer changed while the operator's own
    uncommitted file is there, ``left_out`` those that were not published.
    """

    commit: str
    pushed: bool
    url: str
    files: int
    rows: int
    kept: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    entry: Announcement | None = None


def share(delivery: Delivery, progress: Progress) -> Shared:
    """Commits ``sync <date>`` and pushes; losing nothing, also when killed in between.

    Errors: LossRefused (with its remedies), GitFailed, SyncConflict, Unreachable, Cancelled.
    """
    from roforlmao.git import clone, sync

    check_name(delivery.hub, "hub name")
    url = clone.origin(delivery.path)
    prepared, rows = _commit(delivery, progress)
    published = sync.publish(delivery.path, delivery.operator, progress)
    progress.checkpoint()
    # A day whose data was all left out is not a day that the operator has.
    has_data = rows > 0 or not prepared.left_out
    of_day = rows or _rows_before(delivery, prepared)
    return Shared(
        published.commit,
        not prepared.nothing,
        url,
        len(prepared.changes),
        rows,
        published.kept,
        prepared.left_out,
        _entry(delivery, url, published.commit, of_day) if has_data else None,
    )


def keep(delivery: Delivery, progress: Progress) -> Shared:
    """Commits ``sync <date>``, and no more: ``share`` pushes it later.

    Errors: LossRefused, GitFailed, Cancelled; BadInput where there is nothing at all.
    """
    from roforlmao.git import clone
    from roforlmao.git.repository import open_repository

    prepared, rows = _commit(delivery, progress)
    head = open_repository(delivery.path).head
    url = clone.origin(delivery.path)
    return Shared(head, False, url, len(prepared.changes), rows, left_out=prepared.left_out)


def _commit(delivery: Delivery, progress: Progress) -> tuple[Prepared, int]:
    """The guard and the commit; with the rows that this delivery brings."""
    from roforlmao.git import sync
    from roforlmao.git.receipt import receipt

    prepared = sync.prepare(
        delivery.path,
        progress,
        ignored=delivery.made_in is not None,
        as_decided=not delivery.allow_loss,
        leave_out=delivery.leave_out,
    )
    if not delivery.allow_loss:
        refuse_losses(prepared.losses, delivery.path, delivery.made_in)
    if prepared.nothing and not prepared.head:
        raise BadInput(f"There is nothing to publish in {delivery.path}.", "Put the snapshots there first.")
    rows = _rows(delivery, prepared)
    message = receipt(delivery.date, {**delivery.trailers, "Rows": str(rows)})
    sync.commit(prepared, message, operator=delivery.operator, progress=progress)
    return prepared, rows


def _rows(delivery: Delivery, prepared: Prepared) -> int:
    """What this delivery brings; other runs' commits may wait to be pushed beside it."""
    from roforlmao.git.receipts import receipts

    found = receipts(delivery.path)
    if prepared.dirty:
        return prepared.rows if found and _is_of(found[0], delivery) else prepared.new_rows
    # committed before, perhaps by a sync that broke off before its announcement
    for one in found:
        rows = one.trailers.get("Rows", "")
        if _is_of(one, delivery) and rows.isdecimal():
            return int(rows)
    return prepared.rows


def _rows_before(delivery: Delivery, prepared: Prepared) -> int:
    """What an earlier sync brought of that day, where this one touches no data; else 0."""
    from roforlmao.git import sync
    from roforlmao.git.receipts import receipts

    if any(sync.holds_rows(change.path) for change in prepared.changes):
        return 0
    for one in receipts(delivery.path):
        own = one.date == delivery.date and one.trailers.get("Operator") == delivery.operator
        rows = one.trailers.get("Rows", "")
        if own and rows.isdecimal() and int(rows):
            return int(rows)
    return 0


def _is_of(found: Receipt, delivery: Delivery) -> bool:
    same = all(found.trailers.get(key) == delivery.trailers.get(key) for key in ("Operator", "Run-id"))
    return found.date == delivery.date and same


def _origin(delivery: Delivery) -> str:
    """From whom the day was taken, as its newest receipt says; '' where it is the operator's own."""
    from roforlmao.git.receipts import receipts

    own = (one for one in receipts(delivery.path) if one.date == delivery.date)
    newest = next((one for one in own if one.trailers.get("Operator") == delivery.operator), None)
    try:
        return check_name(newest.trailers.get("Origin", "")) if newest else ""
    except BadInput:  # none, or a peer's commit that says it is ours
        return ""


def _entry(delivery: Delivery, url: str, commit: str, rows: int) -> Announcement:
    place = (delivery.hub, delivery.date, delivery.operator)
    return Announcement(*place, url, commit, rows, delivery.verdict, origin=_origin(delivery))
