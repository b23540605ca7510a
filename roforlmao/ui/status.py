"""The status line at the bottom: who, registry, what comes next, what is unread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from roforlmao.text import counted, one_line
from roforlmao.ui.cells import cut, width

_SEPARATOR = " · "


@dataclass(frozen=True)
class Status:
    """What the line says; empty parts, and 0 notices, are left out."""

    operator: str
    registry: str = ""
    next_job: str = ""
    notices: int = 0


def status_line(status: Status, limit: int) -> str:
    """At most ``limit`` cells: the next job gives way first, then the registry, last the name."""
    for line in _from_full_to_short(status, limit):
        if width(line) <= limit:
            return line
    return cut(one_line(status.operator), limit)


def _from_full_to_short(status: Status, limit: int) -> Iterator[str]:
    full = replace(
        status,
        operator=one_line(status.operator),
        registry=one_line(status.registry),
        next_job=one_line(status.next_job),
    )
    unread = counted(full.notices, "unread notice") if full.notices else ""
    brief = counted(full.notices, "notice") if full.notices else ""
    yield _joined(full.operator, full.registry, full.next_job, unread)
    yield _joined(full.operator, full.registry, full.next_job, brief)
    without = _joined(full.operator, full.registry, brief)
    room = limit - width(without) - width(_SEPARATOR)
    if room >= 8:  # less of a job's name tells nothing
        yield _joined(full.operator, full.registry, cut(full.next_job, room), brief)
    yield without
    yield _joined(full.operator, brief)


def _joined(*parts: str) -> str:
    return _SEPARATOR.join(part for part in parts if part)
