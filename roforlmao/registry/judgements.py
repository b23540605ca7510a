"""What operators think of each other's data: audits below ``audits/``, votes below ``votes/``.

``audits/<hub>/<date>/<auditor>`` is one operator's outcome. ``votes/<hub>/<date>`` holds all votes
of a day in one value, so that compare-and-swap makes two at once both count.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from roforlmao.errors import BadInput
from roforlmao.models import Audit, Ballot, Standing, StandingState, Vote, as_json
from roforlmao.names import check_date, check_name
from roforlmao.registry.base import Record, Registry
from roforlmao.registry.fields import (
    count_of,
    object_of,
    operator_name,
    rest_of,
    text_of,
    texts_of,
    word_of,
)
from roforlmao.registry.shelf import Entries, rewrite, sorted_out
from roforlmao.registry.values import Fields, kind_of, read_object
from roforlmao.text import one_line

_MOST_TEXT: Final = 2000  # characters of a reason or note that are kept
_MOST_LISTED: Final = 2000  # operators, columns or notes
_AUDIT_FIELDS: Final = ("operators", "winner", "decided", "reason", "reference", "at")


@dataclass(frozen=True)
class Judgements:
    """``root`` is the namespace with its slash; ``operator`` audits and votes."""

    registry: Registry
    root: str
    operator: str

    def publish(self, audit: Audit) -> str:
        """Writes the operator's own audit of that day in place of an earlier one; returns its key."""
        key = f"{self.root}audits/{audit.hub}/{audit.date}/{self.operator}"

        def rewritten(old: Record | None) -> Audit:
            extra = rest_of(_fields(old), _AUDIT_FIELDS)
            return dataclasses.replace(audit, auditor=self.operator, extra={**extra, **audit.extra})

        rewrite(self.registry, key, rewritten, _encode_audit)
        return key

    def audits(self, hub: str) -> Entries[Audit]:
        """All that were published of a hub, by date and auditor; bad ones are refused, each alone."""
        prefix = f"{self.root}audits/{check_name(hub, 'hub name')}/"
        return sorted_out(
            self.registry.list(prefix).records,
            lambda record: _decode_audit(hub, record.key.removeprefix(prefix), record.value),
        )

    def ballot(self, hub: str, date: str) -> Ballot:
        """The votes of a day; those that cannot be used are left out."""
        return decode_ballot(hub, date, self.registry.get(self._ballot_key(hub, date)))

    def vote(self, hub: str, date: str, vote: Vote) -> Ballot:
        """Casts or changes the voter's one vote and returns all. Errors: Conflict, BadInput."""
        checked = Vote(operator_name(vote.voter), operator_name(vote.operator), vote.at)
        day = check_date(date)

        def rewritten(old: Record | None) -> Ballot:
            present = decode_ballot(hub, day, old)
            others = [one for one in present.votes if one.voter != checked.voter]
            return dataclasses.replace(present, votes=tuple(sorted([*others, checked], key=_voter)))

        return rewrite(self.registry, self._ballot_key(hub, day), rewritten, _encode_ballot)

    def _ballot_key(self, hub: str, date: str) -> str:
        return f"{self.root}votes/{check_name(hub, 'hub name')}/{check_date(date)}"


def decode_ballot(hub: str, date: str, record: Record | None) -> Ballot:
    """The votes of that day; those that cannot be read are left out. Errors: BadInput for hub or date."""
    return _ballot(check_name(hub, "hub name"), check_date(date), _fields(record))


def _voter(vote: Vote) -> str:
    return vote.voter


def _fields(record: Record | None) -> Fields:
    """An entry that cannot be read at all holds nothing that could be counted."""
    try:
        return read_object(record.value, "url") if record else {}
    except BadInput:
        return {}


def _ballot(hub: str, date: str, fields: Fields) -> Ballot:
    found = fields.get("votes")
    votes = []
    for voter, value in found.items() if isinstance(found, dict) else ():
        try:
            votes.append(_vote(voter, value))
        except BadInput:
            continue
    return Ballot(hub, date, tuple(sorted(votes, key=_voter)), rest_of(fields, ("votes",)))


def _vote(voter: str, value: Any) -> Vote:
    fields = object_of(value, "A vote")
    return Vote(
        operator_name(voter), operator_name(text_of(fields, "operator")), one_line(text_of(fields, "at"), 40)
    )


def _encode_ballot(ballot: Ballot) -> bytes:
    votes = {vote.voter: {"operator": vote.operator, "at": vote.at} for vote in ballot.votes}
    return json.dumps({**ballot.extra, "votes": votes}).encode()


def _encode_audit(audit: Audit) -> bytes:
    own = {name: as_json(getattr(audit, name)) for name in _AUDIT_FIELDS}
    return json.dumps({**audit.extra, **own}).encode()


def _decode_audit(hub: str, place: str, value: bytes) -> Audit:
    parts = place.split("/")
    if len(parts) != 2:
        raise BadInput("The key does not have the form hub/date/operator.")
    fields = read_object(value, "url")
    found = fields.get("operators")
    if not isinstance(found, list) or len(found) > _MOST_LISTED:
        raise BadInput(f"Its 'operators' is {kind_of(found)}, not a list of standings.")
    return Audit(
        hub,
        check_date(parts[0]),
        tuple(map(_standing, found)),
        tuple(operator_name(name) for name in texts_of(fields, "winner")),
        fields.get("decided") is True,
        one_line(text_of(fields, "reason"), _MOST_TEXT),
        one_line(text_of(fields, "reference"), 100),
        operator_name(parts[1]),
        one_line(text_of(fields, "at"), 40),
        rest_of(fields, _AUDIT_FIELDS),
    )


def _standing(value: Any) -> Standing:
    found = object_of(value, "A standing")
    known: StandingState = word_of(found, "state", get_args(StandingState), "a state of a snapshot")
    return Standing(
        operator_name(text_of(found, "operator")),
        known,
        count_of(found, "rows"),
        count_of(found, "score"),
        count_of(found, "missing") or 0,
        count_of(found, "extra") or 0,
        count_of(found, "differing") or 0,
        _columns(found.get("columns")),
        one_line(text_of(found, "commit"), 64),
        tuple(one_line(note, _MOST_TEXT) for note in texts_of(found, "notes")),
    )


def _columns(found: Any) -> Mapping[str, int]:
    if found is None:
        return {}
    if not isinstance(found, dict) or len(found) > _MOST_LISTED:
        raise BadInput(f"Its 'columns' is {kind_of(found)}, not counts by column.")
    return {one_line(name, 100): count_of(found, name) or 0 for name in found}
