"""A report or an error as people read it; a pipe gets plain rows."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

from roforlmao.actions.base import Report
from roforlmao.errors import RoforlmaoError
from roforlmao.text import clean, one_line

if TYPE_CHECKING:
    from rich.console import Console

    from roforlmao.actions.chart import Chart

_STYLES = {"": "", "title": "bold", "dim": "dim", "line": "cyan", "mark": "bold red"}


def make_console(*, color: bool, file: TextIO | None = None, width: int | None = None) -> Console:
    """A console that takes text as it is: no markup, no emoji names, no highlighting.

    Only a terminal gets escape sequences, whatever FORCE_COLOR says. A character that the
    terminal's encoding lacks becomes '?'.
    """
    from rich.console import Console

    stream = file or sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")
    return Console(
        file=stream,
        width=width,
        color_system="auto" if color else None,
        no_color=not color,
        force_terminal=stream.isatty(),
        # an exported COLUMNS is as old as the shell; the terminal knows its width
        _environ={key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES")},
        markup=False,
        emoji=False,
        highlight=False,
    )


def render(report: Report, console: Console, *, plain: bool = False, errors: Console | None = None) -> None:
    """Prints title, lines, table, charts and warnings (these to ``errors`` where it is given).

    Not to a terminal: the rows with tabs between their cells, below their columns' names; the
    title only where there is no table, and no charts. ``plain``: no box drawing, no charts.
    """
    if console.is_terminal:
        _to_terminal(report, console, plain)
    else:
        _to_pipe(report, console)
    for warning in report.warnings:
        _write(errors or console, f"Warning: {clean(warning)}", "yellow")


def render_error(error: RoforlmaoError, console: Console) -> None:
    """The message, and the hint on a line of its own."""
    _write(console, f"Error: {clean(error.message)}", "bold red")
    if error.hint:
        _write(console, f"  {clean(error.hint)}", "")


def _to_terminal(report: Report, console: Console, plain: bool) -> None:
    from roforlmao.ui.table import print_table

    title = one_line(report.title)
    if report.columns and not report.rows:
        _write(console, f"{title or 'The list'}: nothing there yet.", "")
    else:
        if title:
            _write(console, title, "bold")
    for line in report.lines:
        verbatim(console, line)
    if report.columns and report.rows:
        print_table(report.columns, report.rows, console, plain=plain)
    if not plain:
        for chart in report.charts:
            _draw(chart, console)


def _draw(chart: Chart, console: Console) -> None:
    from rich.text import Text

    from roforlmao.ui.chart import draw

    for row in draw(chart, console.width - 1, ascii_only=console.options.ascii_only):
        console.print(Text.assemble(*((text, _STYLES[style]) for style, text in row)), no_wrap=True)


def _to_pipe(report: Report, console: Console) -> None:
    if report.title and not report.columns:
        verbatim(console, one_line(report.title))
    for line in report.lines:
        verbatim(console, line)
    if report.columns:
        for row in [report.columns, *report.rows]:
            verbatim(console, "\t".join(one_line(cell) for cell in row))


def verbatim(console: Console, line: str) -> None:
    """The cleaned line as it is: neither wrapped nor cut, its tabs kept."""
    from rich.segment import Segment, Segments

    console.print(Segments([Segment(clean(line) + "\n")]), soft_wrap=True, end="")


def _write(console: Console, text: str, style: str) -> None:
    from rich.text import Text

    console.print(Text(text, style=style), soft_wrap=not console.is_terminal)
