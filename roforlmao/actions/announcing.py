"""Announcing what a verb pushed, and what waits for the registry."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roforlmao.models import as_json

if TYPE_CHECKING:
    from roforlmao.app import App
    from roforlmao.data.share import Delivery, Shared
    from roforlmao.progress import Progress
    from roforlmao.runs.outbox import Posted

WAITS = "The registry does not answer: what was pushed is announced when it does (`outbox list`)."


@dataclass(frozen=True)
class Published:
    """What was pushed or committed, and what became of its announcement, if there is one."""

    shared: Shared
    posted: Posted | None = None

    @property
    def key(self) -> str:
        """Of the announcement; empty while it waits."""
        return self.posted.key if self.posted else ""

    @property
    def waits(self) -> bool:
        return self.posted is not None and self.posted.waits

    @property
    def warnings(self) -> Sequence[str]:
        return [WAITS] if self.waits else []

    def as_json(self) -> dict[str, Any]:
        fields = as_json(self.shared)
        del fields["entry"]
        return {**fields, "key": self.key, "waits": self.waits}


def publish(app: App, delivery: Delivery, progress: Progress) -> Published:
    """Commits, pushes and announces what is in a clone. Errors: those of ``share`` and ``announce``."""
    from roforlmao.data.share import share
    from roforlmao.runs.letters import Letter

    app.outbox.admit()
    shared = share(delivery, progress)
    if shared.entry is None:
        return Published(shared)
    again = sync_again(delivery.path, delivery.hub, delivery.date)
    letter = Letter(shared.entry, again, replace=delivery.allow_loss)
    return Published(shared, app.outbox.announce(letter))


def sync_again(path: Path, hub: str, date: str) -> str:
    """The verb that publishes what is in a clone."""
    return shlex.join(["dataset", "sync", str(path), "--hub", hub, "--date", date])
