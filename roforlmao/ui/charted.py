"""A chart above a table of a screen: its rows as the viewer takes them, as high as the screen allows."""

from __future__ import annotations

from collections.abc import Sequence

from roforlmao.actions.chart import Chart
from roforlmao.ui.chart import draw
from roforlmao.ui.frame import Frame
from roforlmao.ui.painted import Cell

_CLASSES = {
    "": "",
    "title": "class:ask-title",
    "dim": "class:ask-dim",
    "line": "class:ask-chosen",
    "mark": "class:ask-error",
}
_BESIDE = 2  # rows that the x axis and the legend take


def chart_lines(chart: Chart | None, frame: Frame) -> Sequence[Cell]:
    """The chart without its title, in a third of the screen; nothing where that is too little."""
    room = frame.rows // 3 - _BESIDE
    if chart is None or room < 3:
        return ()
    ascii_only = not frame.output.encoding().lower().startswith("utf")
    rows = draw(chart, frame.columns - 2, ascii_only=ascii_only, rows=room)
    return [[(_CLASSES[style], text) for style, text in row] for row in rows[1:]]
