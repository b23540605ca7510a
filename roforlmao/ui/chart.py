"""A chart as rows of text: title, canvas with its axes, legend."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median_low

from roforlmao.actions.chart import Chart, Line
from roforlmao.text import one_line
from roforlmao.ui.canvas import Canvas, Segment
from roforlmao.ui.cells import cut, width

_ROWS = 12  # of the canvas
_LEAST = 10  # columns of a canvas; below that nothing can be seen
_FAR = 3  # usual distances that are a gap
_GLYPHS = "XO#@%&"
_BEYOND = 0.25  # of the values' span: as far as a wide band may stretch the y axis


def draw(chart: Chart, columns: int, *, ascii_only: bool, rows: int = _ROWS) -> list[list[Segment]]:
    """Rows of at most ``columns`` cells, cleaned; none where nothing can be drawn."""
    low, high = _range(chart)
    names = [_number(value) for value in (high, (low + high) / 2, low)]
    margin = max(map(width, names)) + 2
    if not math.isfinite(low) or columns - margin < _LEAST:
        return []
    canvas = Canvas(columns - margin, rows, ascii_only=ascii_only)
    scale = _Scale(chart, canvas, low, high)
    glyphs = {word: _GLYPHS[n % len(_GLYPHS)] for n, word in enumerate(Counter(m.word for m in chart.marks))}
    _fill(chart, canvas, scale, glyphs)
    ticks = {0: names[0], (rows - 1) // 2: names[1], rows - 1: names[2]}
    edge = "|" if ascii_only else "│"
    drawn: list[list[Segment]] = [[("title", cut(one_line(chart.title), columns))]]
    for number, line in enumerate(canvas.lines()):
        drawn.append([("dim", f"{ticks.get(number, ''):>{margin - 2}} {edge}"), *line])
    drawn.append([("dim", " " * margin + _x_axis(chart, scale, canvas.columns))])
    return [*drawn, *_legend(chart, glyphs, columns, ascii_only=ascii_only)]


class _Scale:
    """From labels and values to dots."""

    def __init__(self, chart: Chart, canvas: Canvas, low: float, high: float) -> None:
        at = chart.at or range(len(chart.labels))
        self._at, self._first = at, at[0]
        self._across = (canvas.width - 1) / ((at[-1] - at[0]) or 1)
        self._low, self._top = low, canvas.height - 1
        self._up = self._top / (high - low)
        distances = [after - before for before, after in pairwise(at)]
        self._far = _FAR * median_low(distances) if distances else 0.0

    def far(self, place: int, later: int) -> bool:
        """Whether there is a gap between the two."""
        return self._at[later] - self._at[place] > self._far

    def x(self, place: int) -> int:
        return round((self._at[place] - self._first) * self._across)

    def y(self, value: float) -> int:
        return round(max(-1.0, min(self._top + 1.0, (value - self._low) * self._up)))


def _fill(chart: Chart, canvas: Canvas, scale: _Scale, glyphs: dict[str, str]) -> None:
    if chart.band:
        _shade(chart.band.low, chart.band.high, canvas, scale)
    for line in chart.lines:
        _trace(line, canvas, scale)
    for mark in chart.marks:
        value = mark.value if _drawable(mark.value) else None
        canvas.put(scale.x(mark.place), 0 if value is None else scale.y(value), glyphs[mark.word])


def _trace(line: Line, canvas: Canvas, scale: _Scale) -> None:
    before: int | None = None
    for place, value in enumerate(line.values):
        if value is None or not _drawable(value):
            before = None
            continue
        here = (scale.x(place), scale.y(value))
        if line.bars:
            start = (here[0], scale.y(0.0))
        elif before is None or scale.far(before, place):
            start = here
        else:
            start = (scale.x(before), scale.y(line.values[before] or 0.0))
        canvas.line(start, here)
        before = place


def _shade(low: Sequence[float | None], high: Sequence[float | None], canvas: Canvas, scale: _Scale) -> None:
    """Columns between two places take the band of the later one."""
    before = -1
    for place, (lower, upper) in enumerate(zip(low, high, strict=True)):
        x = scale.x(place)
        if lower is not None and upper is not None and _drawable(lower) and _drawable(upper):
            for column in range(max(before + 1, 0), x + 1):
                canvas.shade(column, scale.y(lower), scale.y(upper))
        before = x


def _range(chart: Chart) -> tuple[float, float]:
    """Of the y axis: all values, and the band as far as it does not flatten them; infinite without any."""
    values = [v for line in chart.lines for v in line.values if v is not None and _drawable(v)]
    values += [0.0 for line in chart.lines if line.bars]
    values += [m.value for m in chart.marks if m.value is not None and _drawable(m.value)]
    if not values or not chart.labels:
        return math.inf, math.inf
    low, high = min(values), max(values)
    reach = (high - low) * _BEYOND or max(abs(high) * 0.1, 1.0)
    if chart.band:
        low = min([low, *(max(v, low - reach) for v in chart.band.low if v is not None and _drawable(v))])
        high = max([high, *(min(v, high + reach) for v in chart.band.high if v is not None and _drawable(v))])
    return (low, high) if low < high else (low - reach, high + reach)


def _drawable(value: float | None) -> bool:
    return value is not None and abs(value) <= 1e150  # beyond, distances overflow; NaN is no number


def _x_axis(chart: Chart, scale: _Scale, columns: int) -> str:
    """First and last label, and the one nearest to the middle, as far as there is room."""
    labels = [one_line(label, 20) for label in chart.labels]
    last = len(labels) - 1
    axis, end = cut(labels[0], columns), columns - width(labels[last])
    if not last or width(axis) + 2 > end:
        return axis
    half = scale.x(last) / 2
    middle = min(range(len(labels)), key=lambda place: abs(scale.x(place) - half))
    start = scale.x(middle) * columns // (scale.x(last) + 1) - width(labels[middle]) // 2
    if width(axis) + 2 <= start and start + width(labels[middle]) + 2 <= end:
        axis += " " * (start - width(axis)) + labels[middle]
    return axis + " " * (end - width(axis)) + labels[last]


def _legend(
    chart: Chart, glyphs: dict[str, str], columns: int, *, ascii_only: bool
) -> Iterator[list[Segment]]:
    times = Counter(mark.word for mark in chart.marks)
    shade, line, bar = (".", "*", "*") if ascii_only else ("░", "⣀", "⡇")
    entries: list[Segment] = [
        ("line", f"{bar if one.bars else line} {one_line(one.name, 30)}") for one in chart.lines
    ]
    if chart.band:
        entries.append(("dim", f"{shade} {one_line(chart.band.name, 30)}"))
    entries += [("mark", f"{glyph} {one_line(word, 30)} ({times[word]:,})") for word, glyph in glyphs.items()]
    row: list[Segment] = []
    for style, text in entries:
        if row and sum(width(part) for _, part in row) + 3 + width(text) > columns:
            yield row
            row = []
        row += [*([("", "   ")] if row else []), (style, cut(text, columns))]
    if row:
        yield row


def _number(value: float) -> str:
    if not math.isfinite(value):
        return ""
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.4g}"
