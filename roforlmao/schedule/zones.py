"""Time zones: their names, the machine's own, and which instant a wall time is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from roforlmao.errors import BadInput
from roforlmao.text import one_line

_SECOND = dt.timedelta(seconds=1)


def check_zone(name: str) -> str:
    """The name of a time zone of the IANA database. Errors: BadInput."""
    if _zone(name) is not None:
        return name
    raise BadInput(f"'{one_line(name, 60)}' is not a time zone.", _offer(name))


def machine_zone(environ: Mapping[str, str], etc: Path = Path("/etc")) -> str:
    """The machine's time zone by name: ``TZ``, ``/etc/localtime``, ``/etc/timezone``, or UTC.

    Errors: BadInput where it has no name that could be written down.
    """
    link = etc / "localtime"
    named = environ.get("TZ", "").removeprefix(":")
    if not named and link.exists():
        named = str(link.resolve()).partition("/zoneinfo/")[2]
    if not named and (etc / "timezone").exists():
        named = (etc / "timezone").read_text(encoding="utf-8", errors="replace").strip()
    if not named and not link.exists():
        named = "UTC"  # what the C library takes then
    if _zone(named) is None:
        raise BadInput(
            "The machine does not say its time zone by name.",
            "Give --timezone, such as Europe/Zurich, or set `timezone` in the configuration.",
        )
    return named


def nameable_zone(environ: Mapping[str, str]) -> str:
    """As ``machine_zone``, but UTC where that has no name."""
    try:
        return machine_zone(environ)
    except BadInput:
        return "UTC"


def wall_time(instant: dt.datetime, zone: str) -> dt.datetime:
    """What the clocks of that zone show, without a zone."""
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def local_text(instant: int | None, zone: str) -> str | None:
    """ISO 8601 with offset."""
    return None if instant is None else dt.datetime.fromtimestamp(instant, ZoneInfo(zone)).isoformat()


def instant_of(wall: dt.datetime, zone: str) -> dt.datetime:
    """The instant (UTC) of a wall time.

    One that the clocks skip is the first instant after the skip, one that they show twice is the
    first of both (PEP 495 tells them apart).
    """
    place = ZoneInfo(zone)
    instant = wall.replace(tzinfo=place, fold=0).astimezone(dt.UTC)
    if instant.astimezone(place).replace(tzinfo=None) == wall:
        return instant
    return _end_of_gap(wall.replace(tzinfo=place, fold=1).astimezone(dt.UTC), instant, place)


def _end_of_gap(before: dt.datetime, after: dt.datetime, place: ZoneInfo) -> dt.datetime:
    """The first second between the two that has the offset of ``after``."""
    offset = after.astimezone(place).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(place).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return None


def _offer(name: str) -> str:
    from difflib import get_close_matches
    from zoneinfo import available_timezones

    near = get_close_matches(name[:60], sorted(available_timezones()), n=1)
    return f"Did you mean {near[0]}?" if near else "Such as Europe/Zurich or UTC."
