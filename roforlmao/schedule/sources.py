"""What the hub or dataset of an event job has now, by the registry and by git."""

from __future__ import annotations

from roforlmao.errors import NotFound
from roforlmao.models import Announcement, Dataset
from roforlmao.progress import Progress
from roforlmao.registry.catalog import Catalog
from roforlmao.schedule.rules import Rule
from roforlmao.schedule.triggers import Trigger

_PATIENCE_S = 30.0


def look(rule: Rule, catalog: Catalog, operator: str, progress: Progress) -> list[Trigger]:
    """What peers announced in the hub, oldest day first, or the newest commit of the dataset.

    Entries that break a rule are passed over. Errors: RegistryError, NotFound, BadInput, Unreachable,
    Cancelled.
    """
    if rule.kind == "when-hub":
        announced = catalog.announcements(rule.source).good
        return [_announced(one, catalog) for one in reversed(announced) if _is_news(one, operator)]
    return _committed(rule.source, catalog, progress)


def entry_of(rule: Rule, trigger: Trigger, catalog: Catalog) -> Announcement | Dataset | None:
    """The entry by which a source is known; None where it is gone. Errors: RegistryError, BadInput."""
    try:
        if rule.kind == "when-hub":
            return catalog.announcement(rule.source, trigger.date, trigger.source)
        return catalog.dataset(rule.source)
    except NotFound:
        return None


def _is_news(one: Announcement, operator: str) -> bool:
    return one.operator != operator and not one.is_retracted


def _announced(one: Announcement, catalog: Catalog) -> Trigger:
    return Trigger(
        one.operator, one.commit, one.url, catalog.trusts_paths_of(one.operator, one.url), one.date
    )


def _committed(name: str, catalog: Catalog, progress: Progress) -> list[Trigger]:
    from roforlmao.git.remote import tip

    dataset = catalog.dataset(name)
    local = catalog.trusts_paths_of(dataset.registered_by, dataset.url)
    commit = tip(dataset.url, timeout=_PATIENCE_S, local=local, progress=progress)
    return [Trigger(name, commit, dataset.url, local)] if commit else []
