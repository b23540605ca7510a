"""What the operator is shown of foreign code before it runs, and their yes to exactly that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff
from typing import Protocol

from roforlmao.errors import Remedy, Untrusted
from roforlmao.text import clean, counted
from roforlmao.tools.records import Installed

_SHOWN_LINES = 500
_FOLD = 160


class Review(Protocol):
    """All that is to be trusted of one tool; each kind of tool has its own."""

    @property
    def name(self) -> str: ...

    @property
    def fingerprint(self) -> str:
        """A hash over all that may not change without a new yes."""

    @property
    def runs(self) -> str:
        """What it runs, to go on a sentence with; cleaned."""

    def origin(self) -> list[str]:
        """Where it comes from and who says so, as lines to show."""

    def contents(self) -> list[str]:
        """What it would do, as lines to show."""


@dataclass(frozen=True)
class Standing:
    """An installed tool as it is now: what to trust, the record once that is done, what is different."""

    review: Review
    accepted: Installed
    since: Sequence[str]


def require(asked: Review, trust: bool | str, *, changes: Sequence[str] = ()) -> None:
    """Passes when ``trust`` is True or this review's fingerprint.

    Errors: Untrusted, whose remedy is the fingerprint and shows the review or the ``changes``.
    """
    if trust is True or trust == asked.fingerprint:
        return
    what = "changed since you trusted it" if changes else "is not trusted yet"
    raise Untrusted(
        f"The tool '{asked.name}' {what}: it runs {asked.runs}.",
        "Look at what it will run; --trust says yes.",
        remedy=Remedy(
            "trust",
            asked.fingerprint,
            "Trust this and go on?",
            (*asked.origin(), *(changes or asked.contents())),
            safe=False,
        ),
    )


def difference(title: str, old: str, new: str) -> list[str]:
    """Two foreign texts, line by line, as lines to show."""
    lines = unified_diff(old.splitlines(), new.splitlines(), "before", "after", n=2, lineterm="")
    return [f"The {title} changed:", *shown("\n".join(lines))]


def shown(text: str) -> list[str]:
    """Foreign text as indented lines, none of them hidden at the end of a long one."""
    lines = [
        part for line in clean(text.replace("\r", "\n")).rstrip("\n").split("\n") for part in _folded(line)
    ]
    if len(lines) <= _SHOWN_LINES:
        return lines
    return [*lines[:_SHOWN_LINES], f"    ... and {counted(len(lines) - _SHOWN_LINES, 'more line')}"]


def _folded(line: str) -> list[str]:
    """A long line in parts: what follows after a hundred spaces must be seen as well."""
    line = line.expandtabs(4)
    return ["    " + line[i : i + _FOLD] for i in range(0, len(line) or 1, _FOLD)]
