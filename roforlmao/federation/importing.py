"""Bringing the entries of an old federation into the registry; a repeated import changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from roforlmao.errors import BadInput
from roforlmao.federation.legacy import Converted, convert, same
from roforlmao.progress import Progress
from roforlmao.registry.base import ABSENT, Compare, Put, Registry
from roforlmao.text import one_line

_BATCH: Final = 50
_ROOMS: Final = ("tools/", "data/", "hubs/")


@dataclass
class Plan:
    """What an import would do; ``kept`` are entries that say something else today, which stay."""

    read: int = 0
    added: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[dict[str, str]] = field(default_factory=list)
    refused: list[dict[str, str]] = field(default_factory=list)
    entries: list[Converted] = field(default_factory=list)


def plan(
    leaves: Iterable[tuple[str, str]], url: str, registry: Registry, namespace: str, *, allow_local: bool
) -> Plan:
    """Holds every leaf of the v2 keyspace against the registry; writes nothing."""
    made, present = Plan(), _present(registry, namespace)
    coming: dict[str, bytes] = {}
    source = one_line(urlsplit(url).netloc, 100)
    for key, value in leaves:
        made.read += 1
        try:
            one = convert(key, value, source, allow_local=allow_local)
        except BadInput as error:
            made.refused.append(
                {"key": one_line(key, 200), "reason": f"{error.message} {error.hint}".strip()}
            )
            continue
        _sort_in(made, one, present.get(one.key), coming)
    return made


def _sort_in(made: Plan, one: Converted, old: bytes | None, coming: dict[str, bytes]) -> None:
    before = old if old is not None else coming.get(one.key)
    if before is None:
        made.added.append(one.key)
        made.entries.append(one)
        coming[one.key] = one.value
    elif same(before, one.value):
        made.unchanged.append(one.key)
    else:
        reason = "The registry has another entry there." if old is not None else "Two old keys lead there."
        made.kept.append({"key": one.key, "reason": reason})


def write(made: Plan, registry: Registry, namespace: str, progress: Progress) -> None:
    """Only where nothing is. Errors: Conflict where somebody was faster; then a new import does the rest."""
    progress.start("Importing", len(made.entries), "entries")
    for begin in range(0, len(made.entries), _BATCH):
        progress.checkpoint()
        batch = made.entries[begin : begin + _BATCH]
        registry.transaction(
            [Compare(namespace + one.key, ABSENT) for one in batch],
            [Put(namespace + one.key, one.value) for one in batch],
        )
        progress.update(begin + len(batch))


def _present(registry: Registry, namespace: str) -> Mapping[str, bytes]:
    return {
        record.key.removeprefix(namespace): record.value
        for room in _ROOMS
        for record in registry.list(namespace + room).records
    }
