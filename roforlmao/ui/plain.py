"""Questions in plain lines, for screen readers and terminals that cannot move their cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TextIO

from roforlmao.actions.base import Choice
from roforlmao.errors import BadInput
from roforlmao.text import clean, one_line
from roforlmao.ui.listing import Listing, folded
from roforlmao.ui.prompter import Back, Closed, Interrupt, Validate

_HELP = (
    "Answer with a number, or with a part of a name to search for it. b goes back, q leaves for the"
    " menu, m shows more of a long list. In a text question these are :b and :q; :e means empty."
)
PAGE = 15  # rows of a list, or of details, that are read out at once


class Plain:
    """A ``Prompter`` that writes no escape sequences and reads whole lines."""

    def __init__(
        self,
        input: TextIO,  # noqa: A002 (the counterpart of output)
        output: TextIO,
        *,
        status: Callable[[], str] = str,
        notices: Callable[[], Sequence[str]] = tuple,
        page: int = PAGE,
    ) -> None:
        self._input = input
        self._output = output
        self._status = status
        self._notices = notices
        self._page = page
        self._said_status = ""
        self._helped = False

    def select(self, title: str, choices: Sequence[Choice], *, default: Any = None) -> Any:
        self._begin()
        if not choices:
            self._say(f"{title}: there is nothing to choose from.")
            raise Back
        listing, top = Listing(choices), 0
        offered = _place(choices, default)
        self._say(title)
        while True:
            top = self._list(listing, top)
            hint = f" [{listing.titles[offered]}]" if offered is not None and not listing.query else ""
            answer = self._read(f"Your choice{hint}: ")
            if answer.lower() == "m":
                continue
            index, top = self._understood(listing, answer, offered), 0
            if index is not None:
                return choices[index].value

    def text(self, title: str, *, default: str = "", note: str = "", validate: Validate | None = None) -> str:
        """The answer without blanks at its ends."""
        self._begin()
        if note:
            self._say(note)
        offered = clean(default).replace("\n", " ")
        while True:
            typed = self._read(f"{one_line(title)} [{offered}]: " if offered else f"{one_line(title)}: ")
            answer = "" if typed == ":e" else typed or offered
            if self._accepted(answer, validate):
                return answer

    def confirm(self, question: str, *, details: Sequence[str] = (), default: bool = False) -> bool:
        self._begin()
        self._read_out(details)
        words = {"y": True, "yes": True, "n": False, "no": False, "": default}
        while True:
            answer = self._read(f"{one_line(question)} ({'Y/n' if default else 'y/N'}): ").lower()
            if answer in words:
                return words[answer]
            _leave_if(answer, "b", "q")
            self._say("Answer y or n.")

    def _begin(self) -> None:
        """Notices, and the status line whenever it has changed."""
        if not self._helped:
            self._helped = True
            self._say(_HELP)
        for notice in self._notices():
            self._say(f"* {notice}")
        if (status := self._status()) != self._said_status:
            self._said_status = status
            self._say(status)

    def _list(self, listing: Listing, top: int) -> int:
        """Says one page of what matches, from ``top``; gives where the next one begins."""
        rows = listing.matches[top : top + self._page]
        for index in rows:
            note = listing.notes[index]
            off = " (not available)" if listing.choices[index].disabled else ""
            self._say(f"{index + 1}. {listing.titles[index]}{off}{f' - {note}' if note else ''}")
        end = top + len(rows)
        if end < len(listing.matches):
            self._say(f"({top + 1} to {end} of {len(listing.matches)}; m for more)")
            return end
        return 0

    def _understood(self, listing: Listing, answer: str, offered: int | None) -> int | None:
        """Index of the choice that the answer means; else the listing is narrowed, or a sentence said."""
        _leave_if(answer, "b", "q")
        if answer.isdecimal():
            return self._numbered(listing, int(answer))
        if not answer and not listing.query:
            return offered
        listing.search(answer)
        exact = [i for i in listing.matches if answer and folded(listing.titles[i]) == folded(answer)]
        found = exact if len(exact) == 1 else listing.matches
        if not found:
            self._say(f"Nothing matches '{answer}'.")
            listing.search("")
        return found[0] if len(found) == 1 and self._available(listing, found[0]) else None

    def _numbered(self, listing: Listing, number: int) -> int | None:
        if not 1 <= number <= len(listing.choices):
            self._say(f"There is no number {number}.")
            return None
        return number - 1 if self._available(listing, number - 1) else None

    def _available(self, listing: Listing, index: int) -> bool:
        if reason := listing.choices[index].disabled:
            self._say(f"{listing.titles[index]} cannot be chosen: {reason}")
        return not reason

    def _accepted(self, answer: str, validate: Validate | None) -> bool:
        _leave_if(answer, ":b", ":q")
        try:
            (validate or str)(answer)
        except BadInput as refusal:
            self._say(" ".join(part for part in (refusal.message, refusal.hint) if part))
            return False
        return True

    def _read_out(self, details: Sequence[str]) -> None:
        lines = "\n".join(clean(line) for line in details).split("\n") if details else []
        for start in range(0, len(lines), self._page):
            if start and self._read(f"({len(lines) - start} more lines; Enter goes on, s skips): ") == "s":
                break
            for line in lines[start : start + self._page]:
                self._write(f"  {line}\n")

    def _say(self, line: str) -> None:
        self._write(one_line(line) + "\n")

    def _write(self, text: str) -> None:
        encoding = getattr(self._output, "encoding", None) or "utf-8"
        self._output.write(text.encode(encoding, "replace").decode(encoding))
        self._output.flush()

    def _read(self, invitation: str) -> str:
        """One line without blanks at its ends; raises ``Closed`` at the end and ``Interrupt`` for Ctrl-C."""
        while True:
            self._write(invitation)
            try:
                line = self._input.readline()
            except KeyboardInterrupt:
                self._write("\n")
                raise Interrupt from None
            except UnicodeDecodeError:
                self._say("That could not be read as text.")
                continue
            if not line:
                self._write("\n")
                raise Closed
            return clean(line).strip()


def _place(choices: Sequence[Choice], default: Any) -> int | None:
    """Where the default stands; None where there is none, it vanished or cannot be chosen."""
    fits = (i for i, choice in enumerate(choices) if choice.value == default and not choice.disabled)
    return next(fits, None) if default is not None else None


def _leave_if(answer: str, back: str, leave: str) -> None:
    if answer.lower() in (back, ":b"):
        raise Back
    if answer.lower() in (leave, ":q"):
        raise Interrupt
