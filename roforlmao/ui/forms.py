"""The two questions that questionary asks: a text, checked inline, and yes or no below details."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import questionary
from prompt_toolkit.application import Application
from prompt_toolkit.filters import Condition, is_done, to_filter
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent, merge_key_bindings
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import ConditionalContainer, Container, Window
from prompt_toolkit.layout.controls import FormattedTextControl

from roforlmao.errors import BadInput
from roforlmao.text import clean, one_line
from roforlmao.ui.cells import fold, width
from roforlmao.ui.frame import Frame
from roforlmao.ui.prompter import Validate

_AROUND_DETAILS = 7  # rows kept for the question, its count, the status line and some air


def ask_text(frame: Frame, title: str, default: str, note: str, validate: Validate | None) -> str:
    """One line of text that ``validate`` accepts."""
    return _TextForm(frame, title, default, note, validate).ask()


def ask_confirm(frame: Frame, question: str, details: Sequence[str], default: bool) -> bool:
    """Yes or no; details longer than the screen can be paged through."""
    pager = Pager(frame, details)
    asked = questionary.confirm(one_line(question), default=default, qmark="", **_settings(frame))
    application = asked.application
    _add_keys(application, pager.keys(), _ignored_paste())
    answer: bool = frame.run(application, above=pager.windows())
    return answer


class _TextForm:
    """Checks at Enter, and from the first refusal on with every key."""

    def __init__(self, frame: Frame, title: str, default: str, note: str, validate: Validate | None) -> None:
        self._frame = frame
        self._validate = validate or str
        self._refused: BadInput | None = None
        self._note = one_line(note)
        shown = one_line(title)
        shown += "" if shown.endswith((":", "?")) else ":"
        # a long title gets a line of its own, so that there is room to type
        message = shown if width(shown) <= frame.columns // 2 else f"{shown}\n>"
        asked = questionary.text(
            message, default=clean(default).replace("\n", " "), qmark="", **_settings(frame)
        )
        self._application = asked.application
        self._buffer = self._application.current_buffer
        self._buffer.on_text_changed += lambda _: self._check_again()
        self._application.layout.current_window.dont_extend_height = to_filter(True)

    def ask(self) -> str:
        _add_keys(self._application, self._keys())
        note = _paragraph(lambda: self._rows("class:ask-dim", self._note))
        above = [ConditionalContainer(note, filter=~is_done)] if self._note else []
        answer: str = self._frame.run(self._application, above, [_paragraph(self._complaint)])
        return answer

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()
        keys.add("enter", eager=True)(self._enter)
        keys.add(Keys.BracketedPaste, eager=True)(
            lambda event: self._buffer.insert_text(one_line(event.data))
        )
        return keys

    def _enter(self, event: KeyPressEvent) -> None:
        self._refused = self._verdict()
        if not self._refused:
            event.app.exit(result=self._buffer.text.strip())

    def _check_again(self) -> None:
        if self._refused:
            self._refused = self._verdict()

    def _verdict(self) -> BadInput | None:
        try:
            self._validate(self._buffer.text.strip())
        except BadInput as refusal:
            return refusal
        return None

    def _complaint(self) -> StyleAndTextTuples:
        if not self._refused:
            return []
        message = self._rows("class:ask-error", one_line(self._refused.message))
        hint = self._rows("class:ask-dim", one_line(self._refused.hint))
        return [*message, ("", "\n"), *hint] if self._refused.hint else message

    def _rows(self, style: str, text: str) -> StyleAndTextTuples:
        return [(style, "\n".join(f" {row}" for row in fold(text, max(10, self._frame.columns - 2))))]


class Pager:
    """Lines above a question, folded to the width; a window onto them where they are too many."""

    def __init__(self, frame: Frame, lines: Sequence[str]) -> None:
        self._frame = frame
        self._text = "\n".join(clean(line) for line in lines)
        self._from = 0
        self._folded: tuple[int, list[str]] = (0, [])

    def windows(self) -> list[Container]:
        if not self._text:
            return []
        shown = Condition(self._fits) | ~is_done
        return [ConditionalContainer(_paragraph(self._visible), filter=shown)]

    def keys(self) -> KeyBindings:
        keys = KeyBindings()
        keys.add("up", eager=True)(lambda _: self._scroll(-1))
        keys.add("down", eager=True)(lambda _: self._scroll(1))
        keys.add("pageup", eager=True)(lambda _: self._scroll(-self._room()))
        keys.add("pagedown", eager=True)(lambda _: self._scroll(self._room()))
        keys.add("home", eager=True)(lambda _: self._scroll(-len(self._rows())))
        keys.add("end", eager=True)(lambda _: self._scroll(len(self._rows())))
        return keys

    def _room(self) -> int:
        return max(3, self._frame.rows - _AROUND_DETAILS)

    def _rows(self) -> list[str]:
        columns = max(10, self._frame.columns - 3)
        if self._folded[0] != columns:
            self._folded = (columns, fold(self._text, columns))
        return self._folded[1]

    def _fits(self) -> bool:
        return len(self._rows()) <= self._room()

    def _scroll(self, rows: int) -> None:
        self._from = min(max(self._from + rows, 0), max(0, len(self._rows()) - self._room()))

    def _visible(self) -> StyleAndTextTuples:
        rows = self._rows()
        if self._fits():
            return [("", "".join(f"  {row}\n" for row in rows))]
        self._scroll(0)  # a resize may have moved the end
        last = min(self._from + self._room(), len(rows))
        count = f" lines {self._from + 1:,} to {last:,} of {len(rows):,}; PgDn and PgUp show the others"
        shown = "".join(f"  {row}\n" for row in rows[self._from : last])
        return [("", shown), ("class:ask-dim", count)]


def _settings(frame: Frame) -> dict[str, Any]:
    return {
        "style": frame.style,
        "color_depth": frame.depth,
        "input": frame.input,
        "output": frame.output,
    }


def _add_keys(application: Application[Any], *more: KeyBindings) -> None:
    bound = application.key_bindings
    application.key_bindings = merge_key_bindings([*([bound] if bound else []), *more])


def _ignored_paste() -> KeyBindings:
    keys = KeyBindings()
    keys.add(Keys.BracketedPaste, eager=True)(lambda _: None)
    return keys


def _paragraph(text: Any) -> Window:
    return Window(FormattedTextControl(text), dont_extend_height=True)
