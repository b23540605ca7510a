"""Pages through rows of any number under named columns: search, records as cards, choice of columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from prompt_toolkit.data_structures import Point
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import ConditionalContainer, Float, FloatContainer, HSplit, Layout, VSplit, Window
from prompt_toolkit.layout.controls import FormattedTextControl, UIContent, UIControl
from prompt_toolkit.layout.dimension import Dimension

from roforlmao.ui.captions import above, below
from roforlmao.ui.card import open_card
from roforlmao.ui.cells import width
from roforlmao.ui.frame import Frame
from roforlmao.ui.grid import Grid
from roforlmao.ui.painted import line, natural
from roforlmao.ui.picking import pick_columns
from roforlmao.ui.searching import Search
from roforlmao.ui.sheet import Place, Pressed, Sheet

_RENEWAL = 1.0  # seconds
_CARD, _PICK = "enter", "c"


def view(
    frame: Frame,
    sheet: Sheet,
    keys: Mapping[str, str] | None = None,
    place: Place | None = None,
    live: Callable[[], Sheet] | None = None,
) -> Pressed:
    """Shows the sheet until one of ``keys`` is pressed: prompt_toolkit's names, with what to say of them.

    Raises ``Back``, ``Interrupt`` or ``Closed``. ``place`` is kept up to date; hand it over again to go on
    there. Enter opens the record, and ``c`` chooses columns, unless ``keys`` has them. ``live`` gives the
    sheet anew, every second; it must be quick and not raise.
    """
    own, at = dict(keys or {}), place or Place()
    while True:
        viewer = _Viewer(frame, sheet, own, at, live)
        pressed = viewer.ask()
        sheet = viewer.sheet
        if pressed.key in own:
            return pressed
        if pressed.key == _PICK:
            pick_columns(frame, sheet, at)
        else:
            at.row = open_card(frame, sheet, pressed.row)


class _Table(UIControl):
    """The grid; it takes what height there is, as far as it has rows."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid

    def preferred_height(self, _width: int, max_available_height: int, *_: Any) -> int:
        return min(max(2, len(self._grid.sheet.rows) + 1), max_available_height)

    def create_content(self, columns: int, height: int | None) -> UIContent:
        lines = self._grid.lines(columns, height or 2)
        cursor = min(self._grid.cursor, len(lines) - 1)
        return UIContent(
            lambda number: [*lines[number]], len(lines), cursor_position=Point(0, cursor), show_cursor=False
        )


class _Viewer:
    """One application; it ends with a key that is not its own."""

    def __init__(
        self,
        frame: Frame,
        sheet: Sheet,
        keys: Mapping[str, str],
        place: Place,
        live: Callable[[], Sheet] | None,
    ) -> None:
        self._frame = frame
        self.sheet = sheet
        self._live = live
        self._extra = keys
        self._place = place
        self._grid = Grid(sheet, place)
        self._search = Search(self._grid)
        self._searching = Condition(lambda: self._search.open)

    def ask(self) -> Pressed:
        application = self._frame.application(
            self._layout(),
            self._keys(),
            erase=True,
            refresh_interval=_RENEWAL if self._live else None,
            before_render=lambda _: self._renew(),
        )
        pressed: Pressed = self._frame.run(application, over=self._search.keys())
        return pressed

    def _renew(self) -> None:
        if self._live is not None:
            self.sheet = self._live()
            self._grid.show(self.sheet)

    def _layout(self) -> Layout:
        lines = Window(FormattedTextControl(self._lines), dont_extend_height=True)
        entry = VSplit(
            [
                Window(FormattedTextControl(" / "), width=3),
                Window(self._search.control, height=1),
                Window(FormattedTextControl(self._outcome), dont_extend_width=True),
            ],
            height=Dimension.exact(1),
        )
        table = Window(_Table(self._grid), height=Dimension(min=2))
        body = [
            Window(height=1),
            ConditionalContainer(lines, filter=Condition(lambda: bool(self.sheet.above()))),
            table,
            ConditionalContainer(entry, filter=self._searching),
            ConditionalContainer(
                Window(FormattedTextControl(self._hints), dont_extend_height=True), filter=~self._searching
            ),
        ]
        self._search.table = table
        # floats are drawn last: what the heading says depends on the rows that were drawn
        heading = Float(Window(FormattedTextControl(self._heading)), top=0, left=0, right=0, height=1)
        return Layout(FloatContainer(HSplit(body), [heading]), focused_element=table)

    def _outcome(self) -> StyleAndTextTuples:
        return [("class:ask-dim", f" {self._search.outcome} ")]

    def _heading(self) -> StyleAndTextTuples:
        where = self._grid.whereabouts(self._frame.columns - natural(self.sheet.title) - 4)
        room = max(1, self._frame.columns - width(where) - 4)
        title = line(self.sheet.title, room, style="class:ask-title")
        return [("", " "), *title, ("class:ask-dim", f"  {where}")]

    def _lines(self) -> StyleAndTextTuples:
        """As far as a third of the screen holds them."""
        return above(self.sheet.above(), self._frame.columns, max(1, self._frame.rows // 3))

    def _hints(self) -> StyleAndTextTuples:
        card = "" if _CARD in self._extra or not self.sheet.rows else "Enter record"
        pick = "" if _PICK in self._extra or len(self.sheet.columns) < 3 else "c columns"
        own = (card, "/ search", "n next" if self._place.query else "", pick)
        return below(self._search.outcome, own, self._extra, self._frame.columns)

    def _keys(self) -> KeyBindings:
        keys, grid, search = KeyBindings(), self._grid, self._search
        reading = ~self._searching
        moves: dict[str, Callable[[], None]] = {
            "up": lambda: grid.move(-1),
            "down": lambda: grid.move(1),
            "pageup": lambda: grid.move(-grid.page),
            "pagedown": lambda: grid.move(grid.page),
            "home": lambda: grid.move(-len(self.sheet.rows)),
            "end": lambda: grid.move(len(self.sheet.rows)),
            "left": lambda: grid.scroll(-1),
            "right": lambda: grid.scroll(1),
        }
        for key, move in moves.items():
            keys.add(key, filter=reading, eager=True)(lambda _, move=move: move())
        keys.add("/", filter=reading, eager=True)(search.begin)
        keys.add("n", filter=reading, eager=True)(lambda event: search.again(event, 1))
        keys.add("N", filter=reading, eager=True)(lambda event: search.again(event, -1))
        for key in {_CARD, _PICK, *self._extra}:
            keys.add(key, filter=reading, eager=True)(lambda event, key=key: self._end(event, key))
        return keys

    def _end(self, event: KeyPressEvent, key: str) -> None:
        row = self._place.row if self.sheet.rows else -1
        if row < 0 and key == _CARD and key not in self._extra:
            return
        event.app.exit(result=Pressed(key, row))
