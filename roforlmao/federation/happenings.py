"""A change in the registry as a sentence, and of whom and what it is; everything in it is foreign."""

from __future__ import annotations

from dataclasses import dataclass

from roforlmao.errors import BadInput
from roforlmao.models import Announcement
from roforlmao.names import check_name
from roforlmao.registry.base import Record
from roforlmao.registry.entries import Rules, decode_announcement, decode_dataset, decode_tool
from roforlmao.registry.experiments import decode_experiment
from roforlmao.registry.judgements import decode_ballot
from roforlmao.registry.notes import decode_notes
from roforlmao.text import one_line


@dataclass(frozen=True)
class Happening:
    """Something that a peer did: ``noun`` is what there is more of now, ``about`` the hub, if any.

    ``who`` is empty where the entry does not say it.
    """

    noun: str
    who: str
    text: str
    about: str = ""


@dataclass(frozen=True)
class Hearing:
    """Reads what lies below ``root`` for ``operator``, whose own changes are no news to them."""

    root: str
    operator: str
    allow_local: bool

    def hear(self, record: Record) -> Happening | None:
        """None for one's own, for what is no news, and for what cannot be read."""
        try:
            found = self._read(record)
        except BadInput:
            return None
        return found if found and found.who != self.operator else None

    def judged_hub(self, record: Record) -> str:
        """The hub whose judgements changed thereby, of which some may concern the operator; else ''."""
        room, _, place = record.key.removeprefix(self.root).partition("/")
        hub, _, rest = place.partition("/")
        try:
            if room == "audits" or (room == "hubs" and b'"retracted"' in record.value):
                return check_name(hub) if rest.rpartition("/")[2] != self.operator else ""
            notes = decode_notes(place, record.value) if room == "notes" else None
        except BadInput:
            return ""
        return notes.hub if notes and notes.operator != self.operator else ""

    def _read(self, record: Record) -> Happening | None:
        room, _, place = record.key.removeprefix(self.root).partition("/")
        match room:
            case "tools":
                return self._tool(place, record)
            case "data":
                return self._dataset(place, record)
            case "experiments":
                return self._experiment(place, record)
            case "hubs":
                return self._announcement(place, record)
            case "votes":
                return _vote(place, record)
        return None

    @property
    def _rules(self) -> Rules:
        return Rules(self.operator, self.allow_local)

    def _tool(self, name: str, record: Record) -> Happening:
        tool = decode_tool(name, record.value, self._rules)
        did = "registered" if record.version == 1 else "changed"
        return Happening("tool", tool.registered_by, f"{_by(tool.registered_by)} {did} the tool '{name}'.")

    def _dataset(self, name: str, record: Record) -> Happening:
        dataset = decode_dataset(name, record.value, self._rules)
        did, who = "registered" if record.version == 1 else "changed", dataset.registered_by
        return Happening("dataset", who, f"{_by(who)} {did} the dataset '{name}'.")

    def _experiment(self, name: str, record: Record) -> Happening:
        experiment = decode_experiment(name, record.value, self._rules)
        did, who = "published" if record.version == 1 else "changed", experiment.registered_by
        text = f"{_by(who)} {did} the experiment '{name}' with the tool '{experiment.tool}'."
        return Happening("experiment", who, text)

    def _announcement(self, place: str, record: Record) -> Happening | None:
        hub, day, operator = _three(place)
        found = decode_announcement((hub, day, operator), record.value, self._rules)
        if found.is_retracted:  # told where it concerns the operator
            return None
        again = " again" if record.version > 1 else ""
        text = f"{operator} announced {hub} of {found.date}{again}{_size(found)}."
        return Happening("announcement", operator, text, hub)


def _vote(place: str, record: Record) -> Happening | None:
    """A day's votes lie in one value; the newest is the one that came."""
    hub, _, date = place.partition("/")
    ballot = decode_ballot(hub, date, record)
    newest = max(ballot.votes, key=lambda vote: vote.at, default=None)
    if newest is None:
        return None
    text = f"{newest.voter} votes for the snapshot of {newest.operator}: {hub} of {ballot.date}."
    return Happening("vote", newest.voter, text, hub)


def _three(place: str) -> tuple[str, str, str]:
    parts = place.split("/")
    if len(parts) != 3:
        raise BadInput("The key does not have the form hub/date/operator.")
    return parts[0], parts[1], parts[2]


def _by(who: str) -> str:
    return who or "Somebody"


def _size(found: Announcement) -> str:
    rows = "" if found.rows is None else f": {found.rows:,} rows"
    odd = one_line(found.verdict, 40)
    return f"{rows}, {odd}" if odd == "anomaly" else rows
