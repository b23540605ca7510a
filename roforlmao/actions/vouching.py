"""Who signed an entry: asked before the operator uses it, and shown where entries are listed."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from roforlmao.actions.base import Parameter, Report
from roforlmao.errors import Remedy, Untrusted
from roforlmao.text import one_line

if TYPE_CHECKING:
    from roforlmao.app import App
    from roforlmao.data.keyring import Entry, Standing
    from roforlmao.models import Announcement

VOUCHED = Parameter("vouched", "go on though its signature is not its operator's", form="flag", asked=False)


def vouch(app: App, entry: Entry, vouched: bool | str) -> Standing:
    """Passes what is signed as before, or unsigned as ever; remembers a key that is new.

    Errors: Untrusted, whose remedy is to go on with just this signature.
    """
    from roforlmao.data.keyring import owner_of

    found = app.keyring.admit(entry, vouched)
    if found.doubt and vouched is not True and vouched != found.token:
        who = one_line(owner_of(entry), 100) or "who registered it"
        raise Untrusted(
            f"Not used: {found.doubt}.",
            f"Ask {who} by another way whether that is right.",
            remedy=Remedy("vouched", found.token, "Go on all the same?", _details(found)),
        )
    return found


def _details(found: Standing) -> tuple[str, ...]:
    return (f"The key before: {found.known or 'none known'}", f"Now: {found.token}")


def doubts(app: App, announced: Sequence[Announcement]) -> list[str]:
    """A warning for each announcement that somebody else than its operator may have made."""
    found = [(one.operator, app.keyring.admit(one).doubt) for one in announced]
    return [
        f"What {operator} announced is not sure to be theirs: {doubt}." for operator, doubt in found if doubt
    ]


def with_signatures(app: App, entries: Sequence[Entry], listed: Report) -> Report:
    """A report that lists these entries, with the signatures where any entry has one."""
    found = app.keyring.standings(entries)
    if not any(one.tells for one in found):
        return listed
    data = [{**each, **one.document} for each, one in zip(listed.data, found, strict=True)]
    rows = [[*row, one.words] for row, one in zip(listed.rows, found, strict=True)]
    return dataclasses.replace(listed, data=data, columns=(*listed.columns, "signature"), rows=rows)
