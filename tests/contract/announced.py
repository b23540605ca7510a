"""All that was ever announced to a registry."""

from __future__ import annotations

import json

from roforlmao.registry.base import Event, Registry

_HUBS = "/mao/hubs/"


def announcements(registry: Registry) -> list[Event]:
    """Each write of an announcement, in order; retracting is one, too."""
    newest = max((record.revision for record in registry.list(_HUBS).records), default=0)
    found: list[Event] = []
    with registry.watch(_HUBS, from_revision=1) as watch:
        while newest and (not found or found[-1].revision < newest):
            event = watch.next_event(10)
            assert event is not None, f"{len(found)} were told, none of revision {newest}"
            found += [event] if event.kind == "put" else []
    return found


def announced(registry: Registry) -> list[str]:
    """The commits of these."""
    return [json.loads(event.record.value)["commit"] for event in announcements(registry) if event.record]
