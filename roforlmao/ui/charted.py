"""A chart above a table of a screen: its rows as the viewer takes them, as high as the screen allows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from roforlmao.actions.chart import Chart
from roforlmao.ui.chart import draw
from roforlmao.ui.frame import Frame
from roforlmao.ui.painted import Cell
from roforlmao.ui.sheet import Lines

_CLASSES = {
    "": "",
    "title": "class:ask-title",
    "dim": "class:ask-dim",
    "line": "class:ask-chosen",
    "mark": "class:ask-error",
}
_BESIDE = 2  # rows that the x axis and the legend take
_LEAST = 3  # rows of a canvas


def chart_lines(chart: Chart | None, frame: Frame) -> Lines:
    """The chart without its title, in a third of the screen; nothing where that is too little."""
    ascii_only = not frame.output.encoding().lower().startswith("utf")

    @lru_cache(maxsize=1)
    def drawn(columns: int, height: int) -> Sequence[Cell]:
        room = height // 3 - _BESIDE
        if chart is None or room < _LEAST:
            return ()
        rows = draw(chart, columns - 2, ascii_only=ascii_only, rows=room)
        return [[(_CLASSES[style], text) for style, text in row] for row in rows[1:]]

    return lambda: drawn(frame.columns, frame.rows)
