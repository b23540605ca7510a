"""What is said where an answer is that of yesterday: the registry was away, and its memory answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from roforlmao.errors import RegistryError, RoforlmaoError
from roforlmao.registry.recall import recalling
from roforlmao.text import counted

if TYPE_CHECKING:
    from roforlmao.actions.base import Report
    from roforlmao.app import App

_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"))


def answered(app: App, run: Callable[[], Report]) -> Report:
    """What ``run`` reports; where something in it was only remembered, a warning or a hint says so."""
    with recalling() as recall:
        try:
            report = run()
        except RoforlmaoError as error:
            if recall.known_at is not None and not isinstance(error, RegistryError):
                error.hint = f"{sentence(recall.known_at, app.now())} {error.hint}".strip()
            raise
    if recall.known_at is None:
        return report
    return replace(report, warnings=[*report.warnings, sentence(recall.known_at, app.now())])


def sentence(known_at: float, now: dt.datetime) -> str:
    """``known_at`` is in seconds since the epoch."""
    when = f"{moment(known_at, now)}, {_ago(known_at, now)}"
    return f"The registry does not answer: this is what was known at {when}."


def moment(known_at: float, now: dt.datetime) -> str:
    """The time of day, with the date where that is not today's."""
    known = dt.datetime.fromtimestamp(known_at, now.tzinfo)
    return f"{known:%H:%M}" if known.date() == now.date() else f"{known:%Y-%m-%d %H:%M}"


def _ago(known_at: float, now: dt.datetime) -> str:
    seconds = now.timestamp() - known_at
    for length, unit in _UNITS:
        if seconds >= length:
            return f"{counted(int(seconds // length), unit)} ago"
    return "just now"
