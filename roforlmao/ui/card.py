"""One record as a card: a field a line, long values folded, several values side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.layout import HSplit, Layout, Window
from prompt_toolkit.layout.controls import FormattedTextControl, UIContent, UIControl
from prompt_toolkit.layout.dimension import Dimension

from roforlmao.text import one_line
from roforlmao.ui.cells import width
from roforlmao.ui.frame import Frame
from roforlmao.ui.painted import Fragment, line, rows
from roforlmao.ui.sheet import Field, Sheet

_NAME = 24  # cells of a field's name at most
_GAP = 2
_HINT = "Left and Right: other records · PgUp PgDn scroll · Esc back"

Line = list[Fragment]


def open_card(frame: Frame, sheet: Sheet, row: int) -> int:
    """Shows the record until the operator goes ``Back``; the row that was shown last."""
    return _Card(frame, sheet, row).ask()


class _Lines(UIControl):
    """A window onto lines that were made for its width."""

    def __init__(self, make: Callable[[int], Sequence[Line]]) -> None:
        self._make = make
        self.top = 0
        self.page = 10

    def preferred_height(self, columns: int, max_available_height: int, *_: Any) -> int:
        return min(max(1, len(self._make(columns))), max_available_height)

    def create_content(self, columns: int, height: int | None) -> UIContent:
        lines = self._make(columns)
        shown = max(1, height or len(lines))
        self.page = max(1, shown - 1)
        self.top = max(0, min(self.top, len(lines) - shown))
        visible = lines[self.top : self.top + shown]
        return UIContent(lambda number: [*visible[number]], len(visible), show_cursor=False)


class _Card:
    def __init__(self, frame: Frame, sheet: Sheet, row: int) -> None:
        self._frame = frame
        self._sheet = sheet
        self._row = row
        self._made: tuple[int, int, list[Line]] = (-1, 0, [])
        self._control = _Lines(self._lines)

    def ask(self) -> int:
        body = HSplit(
            [
                Window(FormattedTextControl(self._heading), height=1),
                Window(self._control, height=Dimension(min=1)),
                Window(FormattedTextControl([("class:ask-dim", f" {_HINT}")]), height=1),
            ]
        )
        application = self._frame.application(Layout(body), self._keys(), erase=True)
        back = KeyBindings()
        back.add("escape", eager=True)(lambda event: event.app.exit(result=self._row))
        row: int = self._frame.run(application, over=back)
        return row

    def _heading(self) -> StyleAndTextTuples:
        return [
            ("class:ask-title", " Record "),
            ("class:ask-dim", f"{self._row + 1:,} of {len(self._sheet.rows):,}"),
        ]

    def _lines(self, columns: int) -> list[Line]:
        if self._made[:2] != (self._row, columns):
            lines = card_lines(self._sheet.fields(self._row), self._sheet.heads, columns - 2)
            self._made = (self._row, columns, lines)
        return self._made[2]

    def _keys(self) -> KeyBindings:
        keys, control = KeyBindings(), self._control

        def scroll(lines: Callable[[], int]) -> Callable[[Any], None]:
            def to(_: Any) -> None:
                control.top = max(0, control.top + lines())

            return to

        keys.add("up", eager=True)(scroll(lambda: -1))
        keys.add("down", eager=True)(scroll(lambda: 1))
        keys.add("pageup", eager=True)(scroll(lambda: -control.page))
        keys.add("pagedown", eager=True)(scroll(lambda: control.page))
        keys.add("home", eager=True)(scroll(lambda: -control.top))
        keys.add("end", eager=True)(scroll(lambda: len(self._made[2])))
        keys.add("left", eager=True)(lambda _: self._turn(-1))
        keys.add("right", eager=True)(lambda _: self._turn(1))
        keys.add("enter", eager=True)(lambda event: event.app.exit(result=self._row))
        return keys

    def _turn(self, steps: int) -> None:
        self._row = max(0, min(self._row + steps, len(self._sheet.rows) - 1))
        self._control.top = 0


def card_lines(fields: Sequence[Field], heads: Sequence[str], columns: int) -> list[Line]:
    """The card in lines of at most ``columns`` cells; ``heads`` stand above values side by side."""
    widest = max((width(one_line(field.name)) for field in fields), default=0)
    names = min(_NAME, widest, max(4, columns // 3))
    room = max(4, columns - 1 - names - _GAP)
    each = max(2, (room - _GAP * (len(heads) - 1)) // max(1, len(heads)))
    lines: list[Line] = []
    if heads:
        above: list[list[Line]] = [[[("class:ask-dim", head)]] for head in heads]
        lines.append([("", " " * (names + 1)), *_beside(above, each, 0)])
    for field in fields:
        lines += _field(field, names, each if len(field.values) > 1 else room)
        if field.note:
            folded = rows([("class:ask-dim", field.note)], room)
            lines += [[("", " " * (names + 1 + _GAP)), *row] for row in folded]
    return lines


def _field(field: Field, names: int, each: int) -> list[Line]:
    folded = [rows(value, each) for value in field.values]
    lines: list[Line] = []
    for number in range(max(map(len, folded), default=1)):
        name = line(field.name if not number else "", names, style="class:ask-dim")
        lines.append([("", " "), *name, *_beside(folded, each, number)])
    return lines


def _beside(folded: Sequence[Sequence[Line]], each: int, number: int) -> Line:
    """The numbered row of each value, in columns."""
    drawn: Line = []
    for value in folded:
        drawn += [("", " " * _GAP)]
        shown = value[number] if number < len(value) else []
        drawn += line(shown, each) if len(folded) > 1 else shown
    return drawn
