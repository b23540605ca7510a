"""The announcements below ``hubs/``: who has data of which hub and day."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from roforlmao.errors import BadInput, LossRefused, NotFound, Remedy
from roforlmao.models import Announcement, Retraction
from roforlmao.names import check_date, check_name
from roforlmao.registry.base import Record, Registry
from roforlmao.registry.entries import (
    ANNOUNCEMENT_FIELDS,
    Rules,
    decode_announcement,
    encode,
    unknown_fields,
)
from roforlmao.registry.fence import Fence
from roforlmao.registry.shelf import Entries, Refusal, offer, rewrite
from roforlmao.registry.signatures import Seal, fingerprint_of, seal_of, seals_of

_MONTH: Final = re.compile(r"\d{4}-\d{2}")

Place = tuple[str, str, str]
"""Hub, date and operator."""


@dataclass(frozen=True)
class Board:
    """Reads keys with dates in either form (``2019-3-25``), writes padded ones.

    Announces only while ``fence`` holds, where there is one.
    """

    registry: Registry
    prefix: str
    rules: Rules
    fence: Fence | None = None

    def announce(self, announcement: Announcement, *, replace: bool = False) -> str:
        """Writes it and returns its key; fields of others in an earlier one stay.

        Where just that stands there already nothing is written: a delivery may be repeated.
        Errors: BadInput; LossRefused where another key signed what is there, unless ``replace``.
        """
        place = (announcement.hub, announcement.date, announcement.operator)
        checked = decode_announcement(place, encode(announcement), self.rules)
        place = (checked.hub, checked.date, checked.operator)
        key = self._key(*place)

        def rewritten(old: Record | None) -> Announcement:
            old = old or self._unpadded(place)
            if old is not None and not replace:
                self._check_own(old)
            kept = unknown_fields(old.value, ANNOUNCEMENT_FIELDS) if old else {}
            mark = checked.retracted or (self._mark(old, checked) if old else None)
            return dataclasses.replace(checked, retracted=mark, extra={**kept, **checked.extra})

        write = functools.partial(self.rules.encode, key)
        rewrite(self.registry, key, rewritten, write, self.fence, said=self.rules.is_said)
        return key

    def _check_own(self, old: Record) -> None:
        """Two operators of one name would overwrite each other. Errors: LossRefused."""
        signer, seal = self.rules.signer, seal_of(old.key, old.value)
        if seal.state == "signed" and (signer is None or seal.fingerprint != fingerprint_of(signer.key)):
            raise LossRefused(
                f"{old.key} was announced with another key than yours ({seal.fingerprint}).",
                "Somebody else may go by your name: ask who it is before you overwrite it.",
                remedy=Remedy("allow_loss", True, "Was that you? Then it is overwritten."),
            )

    def retract(self, place: Place, retraction: Retraction | None) -> Announcement:
        """Marks what the operator announced as wrong, or with None as right after all.

        The mark is for the commit that is announced: another one is another matter. Errors:
        NotFound, BadInput, Conflict.
        """
        hub, date, operator = _place_of(self.one(*place))  # says what is wrong with a place, or who has it

        def rewritten(old: Record | None) -> Announcement:
            old = old or self._unpadded((hub, date, operator))
            if old is None:
                raise NotFound(f"The announcement of '{hub}' for {date} is gone.", f"hub dates {hub}")
            present = self._decoded((hub, date, operator), old)
            mark = dataclasses.replace(retraction, commit=present.commit) if retraction else None
            return dataclasses.replace(present, retracted=mark)

        key = self._key(hub, date, operator)
        write = functools.partial(self.rules.encode, key)
        return rewrite(self.registry, key, rewritten, write, said=self.rules.is_said)

    def seals(self, announcements: Sequence[Announcement], most: int) -> list[Seal]:
        """Who signed them; a mismatch also where another one lies there by now.

        At most ``most`` signatures are looked at.
        """
        find: Callable[[str], Record | None] = self.registry.get
        if len(announcements) > 1:  # a day is read at once: a cluster may be far away
            days = {f"{self.prefix}{one.hub}/{one.date}/" for one in announcements}
            find = {record.key: record for day in days for record in self.registry.list(day).records}.get
        return seals_of((self._same(one, find) for one in announcements), most)

    def _same(self, announcement: Announcement, find: Callable[[str], Record | None]) -> Record | None:
        """Its record, if that still says the same."""
        place = _place_of(announcement)
        record = find(self._key(*place)) or self._unpadded(place)
        try:
            found = self._decoded(place, record) if record else None
        except BadInput:
            return None
        return record if found == announcement else None

    def _decoded(self, place: Place, record: Record) -> Announcement:
        return decode_announcement(place, record.value, self.rules.for_entry(record.key, record.value))

    def hubs(self) -> list[str]:
        """The hubs that somebody announced data of, sorted."""
        return sorted({hub for hub, _, _ in self._places("")})

    def dates(self, hub: str) -> list[str]:
        """The days that somebody announced data of, newest first."""
        check_name(hub, "hub name")
        return sorted({date for _, date, _ in self._places(f"{hub}/")}, reverse=True)

    def all(self, hub: str, date: str | None, *, own_or_retracted: bool = False) -> Entries[Announcement]:
        """Newest day first, then by operator; where a day has two keys, the padded one counts.

        ``date`` is a day, or a month as ``YYYY-MM``.
        """
        check_name(hub, "hub name")
        wanted = date if date is None or _MONTH.fullmatch(date) else check_date(date)
        good: list[Announcement] = []
        seen: set[Place] = set()
        refused: list[Refusal] = []
        for record in self._by_preference(f"{hub}/{wanted[:4]}-" if wanted else f"{hub}/"):
            try:
                place = self._place(record.key)
                if place in seen or not place[1].startswith(wanted or ""):
                    continue
                if not own_or_retracted or self._concerns(place, record):
                    good.append(self._decoded(place, record))
                seen.add(place)
            except BadInput as error:
                refused.append(Refusal(record.key, f"{error.message} {error.hint}".strip()))
        by_operator = sorted(good, key=lambda found: found.operator)
        newest_first = sorted(by_operator, key=lambda found: found.date, reverse=True)
        return Entries(tuple(newest_first), tuple(refused))

    def _concerns(self, place: Place, record: Record) -> bool:
        """Whether it is the operator's own, or may be retracted; told without decoding it."""
        return place[2] == self.rules.operator or b"retracted" in record.value

    def one(self, hub: str, date: str, operator: str) -> Announcement:
        """Errors: NotFound, BadInput where a name or the entry breaks a rule."""
        place = (check_name(hub, "hub name"), check_date(date), check_name(operator, "name of an operator"))
        found = self.all(hub, date)
        for announcement in found.good:
            if announcement.operator == operator:
                return announcement
        for refusal in found.refused:
            if self._is_at(refusal.key, place):
                raise BadInput(
                    f"What '{operator}' announced cannot be used: {refusal.reason}",
                    "Ask that operator to announce it again.",
                )
        raise NotFound(
            f"'{operator}' has announced nothing of '{hub}' for {place[1]}.", self._hint(hub, found)
        )

    def _hint(self, hub: str, found: Entries[Announcement]) -> str:
        if found.good:
            return f"That day is with {', '.join(each.operator for each in found.good)}."
        hubs = self.hubs()
        return f"See what there is: hub dates {hub}" if hub in hubs else offer(hub, hubs, "hub list")

    def _mark(self, old: Record, new: Announcement) -> Retraction | None:
        """The retraction in force, where the same commit is announced again."""
        try:
            before = self._decoded(_place_of(new), old)
        except BadInput:
            return None
        return before.retracted if before.is_retracted and before.commit == new.commit else None

    def _key(self, hub: str, date: str, operator: str) -> str:
        return f"{self.prefix}{hub}/{date}/{operator}"

    def _place(self, key: str) -> Place:
        parts = key.removeprefix(self.prefix).split("/")
        if len(parts) != 3:
            raise BadInput("The key does not have the form hub/date/operator.")
        hub, date, operator = parts
        return check_name(hub, "hub name"), check_date(date), check_name(operator, "name of an operator")

    def _is_at(self, key: str, place: Place) -> bool:
        try:
            return self._place(key) == place
        except BadInput:
            return False

    def _places(self, below: str) -> Iterable[Place]:
        for key in self.registry.keys(self.prefix + below):
            try:
                yield self._place(key)
            except BadInput:
                continue  # told by `all`, which names the key

    def _by_preference(self, below: str) -> list[Record]:
        """Padded keys before the others, and of those the last written first."""

        def preference(record: Record) -> tuple[bool, int]:
            parts = record.key.removeprefix(self.prefix).split("/")
            return len(parts) != 3 or len(parts[1]) != 10, -record.revision

        return sorted(self.registry.list(self.prefix + below).records, key=preference)

    def _unpadded(self, place: Place) -> Record | None:
        hub, date, _ = place
        for record in self._by_preference(f"{hub}/{date[:4]}-"):
            if self._is_at(record.key, place):
                return record
        return None


def _place_of(announcement: Announcement) -> Place:
    return announcement.hub, announcement.date, announcement.operator
