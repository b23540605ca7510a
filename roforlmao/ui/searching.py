"""The search of a viewer: its line, its keys, and the looking while keys are heard."""

from __future__ import annotations

import asyncio
from typing import Any

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import Window
from prompt_toolkit.layout.controls import BufferControl

from roforlmao.text import one_line
from roforlmao.ui.grid import Grid
from roforlmao.ui.seek import seek


class Search:
    """Moves the grid's pointer to rows that hold the query; ``open`` while its line is being typed."""

    def __init__(self, grid: Grid) -> None:
        self.open = False
        self.outcome = ""
        self._grid = grid
        self._origin = 0
        self._buffer = Buffer(multiline=False, on_text_changed=lambda _: self._typed())
        self.control = BufferControl(self._buffer)
        self._task: asyncio.Task[None] | None = None
        self._application: Application[Any] | None = None
        self.table: Window | None = None

    def begin(self, event: KeyPressEvent) -> None:
        """Opens the line; what is typed there is looked for from the pointer on."""
        self._application = event.app
        self.open, self.outcome, self._origin = True, "", self._grid.place.row
        self._buffer.reset()
        event.app.layout.focus(self.control)

    def again(self, event: KeyPressEvent, step: int) -> None:
        """The next row with the same query, or the one before."""
        self._application = event.app
        if self._grid.place.query:
            self._look(self._grid.place.row + step, step)

    def keys(self) -> KeyBindings:
        """While the line is open: Enter and Esc close it, up and down go to other matches."""
        keys, typing = KeyBindings(), Condition(lambda: self.open)
        keys.add("enter", filter=typing, eager=True)(self._close)
        keys.add("escape", filter=typing, eager=True)(self._undo)
        keys.add("up", filter=typing, eager=True)(lambda event: self.again(event, -1))
        keys.add("down", filter=typing, eager=True)(lambda event: self.again(event, 1))
        keys.add(Keys.BracketedPaste, filter=typing, eager=True)(
            lambda event: self._buffer.insert_text(one_line(event.data))
        )
        return keys

    def _undo(self, event: KeyPressEvent) -> None:
        self._stop()
        self.outcome, self._grid.place.query = "", ""
        self._grid.move(self._origin - self._grid.place.row)
        self._close(event)

    def _close(self, event: KeyPressEvent) -> None:
        self.open = False
        if self.table is not None:
            event.app.layout.focus(self.table)

    def _typed(self) -> None:
        self._grid.place.query = self._buffer.text.strip()
        self.outcome = ""
        if self._grid.place.query:
            self._look(self._origin, 1)
        else:
            self._stop()

    def _look(self, start: int, step: int) -> None:
        self._stop()
        if self._application is not None:
            self._task = self._application.create_background_task(self._run(start, step))

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self, start: int, step: int) -> None:
        query = self._grid.place.query
        for found in seek(self._grid.sheet.rows, query, start, step):
            if found is None:
                self.outcome = "searching ..."
            elif found < 0:
                self.outcome = f"no row with '{one_line(query, 20)}'"
            else:
                self.outcome = ""
                self._grid.move(found - self._grid.place.row)
            if self._application is not None:
                self._application.invalidate()
            await asyncio.sleep(0)
