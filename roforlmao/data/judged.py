"""Peers' judgements that concern this operator, told once: retractions, audits that disagree, marks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from roforlmao.models import Announcement, Audit, Notes
from roforlmao.text import counted, one_line

if TYPE_CHECKING:
    from roforlmao.notices import Notices
    from roforlmao.paths import Places
    from roforlmao.registry.catalog import Catalog
    from roforlmao.state import State

_EACH = 5  # more at once, as at the first look at an old hub, become one notice


@dataclass(frozen=True)
class News:
    """``kind`` is that of the notice."""

    kind: str
    text: str


@dataclass(frozen=True)
class Judged:
    """``tell`` asks the registry; what was told before is remembered hub by hub."""

    catalog: Catalog
    operator: str
    places: Places
    notices: Notices
    state: State

    def tell(self, hubs: Iterable[str] | None = None) -> str:
        """Adds notices for what is new, of these hubs or of all, and says how many.

        Errors: RegistryError, StorageFailed.
        """
        notes = self.catalog.notes().good
        asked = self.catalog.hubs() if hubs is None else hubs
        told = sum(self._tell_of(hub, [one for one in notes if one.hub == hub]) for hub in asked)
        return f"{counted(told, 'piece')} of news"

    def _tell_of(self, hub: str, notes: list[Notes]) -> int:
        announced = self.catalog.disputable(hub).good
        own = {entry.date: entry for entry in announced if entry.operator == self.operator}
        found = [*self._retractions(hub, announced, own), *self._disagreements(hub, own)] if announced else []
        found += self._marks(hub, notes) if own else []
        question = f"judgements told of {hub}"
        known = set(json.loads(self.state.remembered(question) or "[]"))
        new = [news for news in found if news.text not in known]
        if known != {news.text for news in found}:
            told = [(news.kind, news.text) for news in _folded(hub, new)]
            self.notices.add_once(told, question, json.dumps([news.text for news in found]))
        return len(new)

    def _retractions(
        self, hub: str, announced: tuple[Announcement, ...], own: dict[str, Announcement]
    ) -> Iterator[News]:
        """Of days that one announced beside, or of peers whose data one has."""
        for entry in announced:
            here = (self.places.peers / hub / entry.operator).is_dir()
            concerns = entry.operator != self.operator and (here or entry.date in own)
            if concerns and entry.is_retracted and entry.retracted:
                reason = one_line(entry.retracted.reason, 200) or "no reason given"
                yield News("retraction", f"{entry.operator} has retracted {hub} of {entry.date}: {reason}.")

    def _disagreements(self, hub: str, own: dict[str, Announcement]) -> Iterator[News]:
        """Audits by others in which one's own snapshot, as it is announced now, is not like the rest."""
        for audit in self.catalog.audits(hub).good if own else ():
            state = _state_of(audit, own.get(audit.date))
            if state and audit.auditor != self.operator:
                words = f"your snapshot is '{state}' in the audit of {audit.auditor}"
                yield News("disagreement", f"{hub} of {audit.date}: {words}. {audit.reason}".rstrip())

    def _marks(self, hub: str, notes: list[Notes]) -> Iterator[News]:
        """What peers know of runs for a hub that one collects, too."""
        for one in notes:
            for run, mark in one.marks.items():
                if one.operator != self.operator:
                    words = f"{one.operator} marks {run} of {one.series} as {mark.words}"
                    yield News("note", f"{hub}: {words}: {one_line(mark.note, 200) or 'no note'}.")


def _folded(hub: str, new: Sequence[News]) -> Iterator[News]:
    if len(new) <= _EACH:
        yield from new
        return
    for kind in sorted({news.kind for news in new}):
        same = [news for news in new if news.kind == kind]
        more = f"{counted(len(same), kind)} of {hub} concern you, the first: {same[0].text}"
        yield News(kind, f"{more} `hub calendar {hub}` shows all.")


def _state_of(audit: Audit, mine: Announcement | None) -> str:
    """How the audit found it; '' where it agrees, was not looked at, or is announced anew since."""
    for one in audit.operators if mine else ():
        if mine and one.operator == mine.operator and one.rows is not None:
            return "" if one.state == "same" or one.commit != mine.commit else one.state
    return ""
