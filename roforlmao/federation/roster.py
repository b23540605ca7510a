"""Who is in the federation: those who are there, and those who are known by what they left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from roforlmao.errors import BadInput
from roforlmao.federation.membership import decode
from roforlmao.names import check_date, is_name
from roforlmao.registry.base import Record, Registry
from roforlmao.registry.shelf import Entries, sorted_out


@dataclass(frozen=True)
class Known:
    """An operator; what is not known is empty. Times are ISO 8601, ``last_announced`` is a date.

    ``hubs`` are those that the member says it feeds, or that were announced.
    """

    name: str
    state: Literal["here", "away"] = "away"
    version: str = ""
    since: str = ""
    last_seen: str = ""
    hubs: tuple[str, ...] = ()
    last_announced: str = ""
    host: str = ""


def roster(registry: Registry, namespace: str, registrars: Iterable[str]) -> Entries[Known]:
    """Everybody, by name; ``registrars`` are operators known from elsewhere. Errors: RegistryError.

    Of announcements only the keys are read.
    """
    prefix = f"{namespace}members/"
    leased = [record for record in registry.list(prefix).records if record.lease]
    present = sorted_out(leased, lambda record: _present(prefix, record))
    known = {one.name: one for one in _announcers(registry.keys(f"{namespace}hubs/"), f"{namespace}hubs/")}
    for name in registrars:
        if is_name(name):
            known.setdefault(name, Known(name))
    for one in present.good:
        before = known.get(one.name, one)
        hubs = one.hubs or before.hubs
        known[one.name] = replace(one, hubs=hubs, last_announced=before.last_announced)
    everybody = sorted(known.values(), key=lambda one: one.name)
    return Entries(tuple(everybody), present.refused)


def _present(prefix: str, record: Record) -> Known:
    found = decode(record.key.removeprefix(prefix), record.value)
    return Known(
        found.operator, "here", found.version, found.since, found.last_seen, found.hubs, "", found.origin.host
    )


def _announcers(keys: Iterable[str], prefix: str) -> Iterable[Known]:
    """Who announced, and when last; of 100,000 keys, so that each name is checked once."""
    last: dict[str, str] = {}
    hubs: dict[str, set[str]] = {}
    for key in keys:
        parts = key.removeprefix(prefix).split("/")
        if len(parts) != 3 or not (is_name(parts[0]) and is_name(parts[2])):
            continue
        hub, day, operator = parts
        date = _date(day)
        if date:
            last[operator] = max(last.get(operator, ""), date)
            hubs.setdefault(operator, set()).add(hub)
    return [Known(name, hubs=tuple(sorted(hubs[name])), last_announced=date) for name, date in last.items()]


@lru_cache(maxsize=10_000)
def _date(text: str) -> str:
    """As ``YYYY-MM-DD``; '' for what is none."""
    try:
        return check_date(text)
    except BadInput:
        return ""
