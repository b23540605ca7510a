"""Operators' words on runs: kept in the home, heeded by every verdict, and told to peers as notes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from roforlmao.errors import RoforlmaoError
from roforlmao.models import Mark, Notes
from roforlmao.registry.catalog import Catalog
from roforlmao.registry.notes import MOST_MARKS, mark_json, mark_of
from roforlmao.state import State

_NAME = 60  # characters of a repository's name in that of a series


@dataclass(frozen=True)
class Series:
    """What marks belong to. Clones of one repository have the same name, on whatever machine.

    A directory that is no clone is not ``shared``: nobody else can have it.
    """

    name: str
    shared: bool


def series_of(path: Path) -> Series:
    """The series of a data directory, or of a file that holds one."""
    from roforlmao.git.repository import origin

    place = path.resolve()
    top = next((one for one in (place, *place.parents) if (one / ".git").exists()), None)
    try:
        url = origin(top).rstrip("/").removesuffix(".git") if top else ""
    except RoforlmaoError:  # no remote, or a merge is under way by hand: it is then a directory
        url = ""
    if not url or top is None:
        return Series(_named(place.name, str(place)), False)
    below = place.relative_to(top).as_posix()
    return Series(_named(re.split("[/:]", url)[-1], f"{url} {below}"), True)


def _named(name: str, identity: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", name)[:_NAME].strip("-_") or "series"
    return f"{plain}-{hashlib.sha256(identity.encode(errors='surrogateescape')).hexdigest()[:8]}"


class MarkBook:
    """The marks of one home. Errors: StorageFailed."""

    def __init__(self, state: State) -> None:
        self._state = state

    def of(self, path: Path) -> Mapping[str, Mark]:
        """The marks on the runs of that series, by the runs' names."""
        with self._state.read() as connection:
            known = dict(connection.execute("SELECT series, body FROM marks").fetchall())
        return _read(known.get(series_of(path).name, "")).marks if known else {}

    def all(self) -> list[Notes]:
        """The operator's own notes, by series; nobody signs them yet."""
        with self._state.read() as connection:
            rows = connection.execute("SELECT series, body FROM marks ORDER BY series").fetchall()
        return [_read(body, series) for series, body in rows]

    def set(self, series: Series, run: str, mark: Mark | None, hub: str = "") -> None:
        """Marks a run, or with None takes the mark back; of too many the oldest goes."""

        def changed(old: Notes) -> Notes:
            marks = {name: one for name, one in old.marks.items() if name != run}
            if mark is not None:
                marks[run] = mark
            newest = sorted(marks.items(), key=lambda item: item[1].at)[-MOST_MARKS:]
            return Notes(series.name, "", hub or old.hub, dict(newest))

        self._change(series.name, changed, told=not series.shared)

    def restore(self, notes: Notes) -> None:
        """Takes over what the registry has of this operator."""
        self._change(notes.series, lambda _old: notes, told=True)

    def tell(self, catalog: Catalog) -> int:
        """Publishes what the registry does not have yet; returns how many series. Errors: RegistryError."""
        with self._state.read() as connection:
            rows = connection.execute("SELECT series, body FROM marks WHERE told = 0").fetchall()
        for series, body in rows:
            catalog.publish_notes(_read(body, series))
            with self._state.write() as connection:  # one that was changed meanwhile waits on
                connection.execute("UPDATE marks SET told = 1 WHERE series = ? AND body = ?", (series, body))
        return len(rows)

    def _change(self, series: str, change: Callable[[Notes], Notes], *, told: bool) -> None:
        with self._state.write() as connection:
            row = connection.execute("SELECT body FROM marks WHERE series = ?", (series,)).fetchone()
            new = change(_read(row[0] if row else "", series))
            marks = {run: mark_json(mark) for run, mark in new.marks.items()}
            connection.execute(
                "INSERT OR REPLACE INTO marks (series, body, told) VALUES (?, ?, ?)",
                (series, json.dumps({"hub": new.hub, "marks": marks}), int(told)),
            )


def _read(body: str, series: str = "") -> Notes:
    fields = json.loads(body or "{}")
    marks = {run: mark_of(mark) for run, mark in fields.get("marks", {}).items()}
    return Notes(series, "", fields.get("hub", ""), marks)
