"""The message of a sync commit: ``sync <date>`` and what was run, as trailers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from roforlmao.errors import BadInput
from roforlmao.names import check_date
from roforlmao.text import one_line

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,49}")
_TRAILER = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,49}):[ \t]*(.*)")
_SUBJECT = re.compile(r"sync (\d{4}-\d{1,2}-\d{1,2})\s*")
_VALUE_LIMIT = 500  # characters


@dataclass(frozen=True)
class Receipt:
    """What a sync commit says of itself; ``date`` is empty for any other commit."""

    date: str
    trailers: Mapping[str, str] = field(default_factory=dict)


def receipt(date: str, trailers: Mapping[str, str]) -> str:
    """The commit message in the format of git-interpret-trailers(1).

    Values are cleaned, put on one line and cut to 500 characters; empty ones are left out.
    Errors: BadInput for a date or key that breaks its rule.
    """
    lines = []
    for key, value in trailers.items():
        if not _KEY.fullmatch(key):
            raise BadInput(f"'{one_line(key, 60)}' cannot be a trailer.", "Letters, digits and '-'.")
        kept = one_line(value, _VALUE_LIMIT)
        if kept:
            lines.append(f"{key}: {kept}\n")
    subject = f"sync {check_date(date)}\n"
    return subject + "\n" + "".join(lines) if lines else subject


def read_receipt(text: str) -> Receipt:
    """The receipt in a commit message; foreign text, so values come back cleaned."""
    subject, _, rest = text.partition("\n")
    match = _SUBJECT.fullmatch(subject)
    if not match:
        return Receipt("")
    try:
        date = check_date(match[1])
    except BadInput:
        return Receipt("")
    last = rest.strip().split("\n\n")[-1]
    found = (_TRAILER.fullmatch(line) for line in last.splitlines())
    return Receipt(date, {m[1]: one_line(m[2], _VALUE_LIMIT) for m in found if m})
