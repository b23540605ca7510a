"""The screen of an audit: how each operator stands, then the differing cells and rows to page through."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from roforlmao.actions.auditing import COLUMNS, AuditView, row_of
from roforlmao.text import counted
from roforlmao.ui.changes import value_text
from roforlmao.ui.painted import Cell
from roforlmao.ui.prompter import Back
from roforlmao.ui.sheet import Field, Place, Rows, Sheet
from roforlmao.ui.viewer import view

if TYPE_CHECKING:
    from roforlmao.audit.contrast import Difference
    from roforlmao.ui.screens import Stage

_KEYS = {"d": "differences", "a": "all of them", "p": "compare files", "v": "vote for it"}
_WORDS = {"differing": "cell", "missing": "misses", "extra": "has more"}


def open_screen(shown: AuditView, stage: Stage) -> None:
    """Until the operator leaves it, by ``Back``."""
    place = Place()
    while True:
        pressed = view(stage.questions.frame, standings(shown), _KEYS, place)
        chosen = shown.audit.operators[pressed.row].operator
        with suppress(Back):
            if pressed.key == "v":
                given = {"hub": shown.audit.hub, "date": shown.audit.date, "operator": chosen}
                stage.do("", "vote", given)
            elif pressed.key == "p":
                _compare(shown, chosen, stage)
            else:
                only = chosen if pressed.key == "d" else ""
                view(stage.questions.frame, differences(shown, only))


def standings(shown: AuditView) -> Sheet:
    """A row for each operator."""
    audit = shown.audit
    return Sheet(
        f"{audit.hub} of {audit.date}",
        COLUMNS,
        [row_of(standing) for standing in audit.operators],
        right=(2, 3, 4, 5, 6),
        lines=[audit.reason],
    )


def differences(shown: AuditView, operator: str) -> Sheet:
    """What one operator, or with an empty name any, has otherwise than the reference."""
    found = [one for one in shown.differences if not operator or operator in one.operators]
    reference = shown.audit.reference
    return Sheet(
        f"{operator or 'All'} against {reference}: {counted(len(found), 'difference')}",
        ("key", "who", "what", "column", reference, "theirs"),
        Rows(len(found), lambda place: _cells(found[place])),
        card=lambda place: _card(found[place]),
        heads=(reference, "theirs"),
        empty="Nothing differs, or it could not be looked at.",
    )


def _cells(one: Difference) -> Sequence[Cell]:
    """The key of a row without one is the row."""
    who = ", ".join(one.operators)
    return (_key(one), who, _WORDS[one.kind], one.column, value_text(one.reference), value_text(one.value))


def _card(one: Difference) -> Sequence[Field]:
    note = one.file and f"in {one.file}"
    return [
        Field("key", (_key(one),), note),
        Field("who", (", ".join(one.operators),)),
        Field(one.column or _WORDS[one.kind], (value_text(one.reference), value_text(one.value))),
    ]


def _key(one: Difference) -> str:
    return " | ".join(map(value_text, one.key)) or value_text(one.reference or one.value)


def _compare(shown: AuditView, operator: str, stage: Stage) -> None:
    """Opens the screen of ``compare`` on the reference's and the operator's files, one after the other."""
    reference = shown.audit.reference
    old, new = (shown.files.get(name, {}) for name in (reference, operator))
    common = [name for name in old if name in new]
    pairs = [(old[name], new[name]) for name in common] or list(zip(old.values(), new.values(), strict=False))
    if not pairs or operator == reference:
        stage.questions.frame.tell(f"There is nothing to compare the snapshot of {operator} with.")
        return
    for first, second in pairs:
        stage.do("", "compare", {"old": first, "new": second})
