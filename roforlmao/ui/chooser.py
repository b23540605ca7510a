"""The list to choose from, on prompt_toolkit itself.

questionary's select answers Enter with row 0 when nothing matches, chooses disabled rows once it
is filtered, ignores non-ASCII letters and has no paging; none of that can be set right from
outside, so only its text and confirm questions are used.
"""

from __future__ import annotations

from typing import Any

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.data_structures import Point
from prompt_toolkit.filters import is_done
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import ConditionalContainer, Container, HSplit, Layout, VSplit, Window
from prompt_toolkit.layout.controls import BufferControl, FormattedTextControl, UIContent, UIControl
from prompt_toolkit.layout.dimension import Dimension
from prompt_toolkit.layout.processors import AfterInput

from roforlmao.text import one_line
from roforlmao.ui.cells import cut, pad, width
from roforlmao.ui.frame import Frame
from roforlmao.ui.listing import Listing

_HINT = "type to search, Enter chooses, Esc goes back"
_SCREENFUL = 10  # rows that a page key moves before the list has been drawn once


class ListControl(UIControl):
    """Draws only the rows that can be seen, so that a list of any length scrolls at once."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing
        self._widths = [width(title) for title in listing.titles]

    def preferred_height(self, _width: int, max_available_height: int, *_: Any) -> int:
        return min(max(1, len(self._listing.matches)), max_available_height)

    def create_content(self, columns: int, *_: int) -> UIContent:
        return UIContent(
            get_line=lambda row: self._line(row, columns),
            line_count=len(self._listing.matches),
            cursor_position=Point(x=0, y=self._listing.at),
            show_cursor=False,
        )

    def _line(self, row: int, columns: int) -> StyleAndTextTuples:
        index = self._listing.matches[row]
        title, note = self._listing.titles[index], self._listing.notes[index]
        off = bool(self._listing.choices[index].disabled)
        here = row == self._listing.at and not off
        room = max(1, columns - 4)  # pointer, and the last column stays free
        titles = self._title_room(index, room)
        style = "class:ask-dim" if off else "class:ask-chosen" if here else ""
        shown = pad(title, titles) if note else cut(title, room)
        line: StyleAndTextTuples = [("class:ask-pointer", " » " if here else "   "), (style, shown)]
        if note and room - titles > 3:
            line.append(("class:ask-dim", "  " + cut(f"({note})" if off else note, room - titles - 2)))
        return line

    def _title_room(self, index: int, room: int) -> int:
        """Notes stand in one column, save where a title is longer than half of the room."""
        column = max((w for w in self._widths if w <= room // 2), default=0)
        if self._widths[index] <= column:
            return column
        return min(self._widths[index], max(room // 2, room - width(self._listing.notes[index]) - 4))


class Chooser:
    """One question: the title, a search line, the list; the answer stays on the screen to ``keep`` it."""

    def __init__(self, frame: Frame, title: str, listing: Listing, *, keep: bool = True) -> None:
        self._frame = frame
        self._title = one_line(title)
        self._listing = listing
        self._search = Buffer(multiline=False, on_text_changed=lambda buffer: listing.search(buffer.text))
        self._rows = Window(ListControl(listing), dont_extend_height=True, height=Dimension(min=1))
        self._answer = ""
        self._keep = keep

    def ask(self) -> int:
        """Index of the choice made."""
        application = self._frame.application(self._layout(), self._keys(), erase=not self._keep)
        index: int = self._frame.run(application)
        return index

    def _layout(self) -> Layout:
        hint = AfterInput(lambda: "" if self._search.text else [("class:ask-dim", _HINT)])
        entry = BufferControl(self._search, input_processors=[hint])
        place = FormattedTextControl(lambda: [("class:ask-dim", f"  {self._listing.place} ")])
        search = VSplit(
            [
                Window(FormattedTextControl(" / "), width=3),
                Window(entry, height=1),
                Window(place, dont_extend_width=True),
            ],
            height=Dimension.exact(1),
        )
        asked = [search, self._rows]
        body = HSplit([_head(self._heading), ConditionalContainer(HSplit(asked), filter=~is_done)])
        return Layout(body, focused_element=entry)

    def _heading(self) -> StyleAndTextTuples:
        room = self._frame.columns - 2
        title = cut(self._title, room)
        answer = cut(self._answer, max(0, room - width(title) - 2))
        return [("class:ask-title", f" {title}"), ("class:ask-chosen", f"  {answer}" if answer else "")]

    def _page(self) -> int:
        drawn = self._rows.render_info
        return max(1, drawn.window_height - 1) if drawn else _SCREENFUL

    def _keys(self) -> KeyBindings:
        keys, listing = KeyBindings(), self._listing
        keys.add("up", eager=True)(lambda _: listing.move(-1))
        keys.add("c-p", eager=True)(lambda _: listing.move(-1))
        keys.add("down", eager=True)(lambda _: listing.move(1))
        keys.add("c-n", eager=True)(lambda _: listing.move(1))
        keys.add("pageup", eager=True)(lambda _: listing.page(-self._page()))
        keys.add("pagedown", eager=True)(lambda _: listing.page(self._page()))
        keys.add("home", eager=True)(lambda _: listing.first())
        keys.add("end", eager=True)(lambda _: listing.last())
        keys.add("enter", eager=True)(self._choose)
        keys.add("tab", eager=True)(lambda _: None)
        keys.add(Keys.BracketedPaste, eager=True)(
            lambda event: self._search.insert_text(one_line(event.data))
        )
        return keys

    def _choose(self, event: KeyPressEvent) -> None:
        index = self._listing.chosen
        if index is not None:
            self._answer = self._listing.titles[index]
            event.app.exit(result=index)


def _head(text: Any) -> Container:
    return Window(FormattedTextControl(text), height=1, dont_extend_height=True)
