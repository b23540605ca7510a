"""Rows on a screen: a table where it fits, a card per row where it does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from roforlmao.text import one_line
from roforlmao.ui.cells import width

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_GAP = 2  # cells between two columns
_NARROWEST = 14  # cells; a column folded into less is hard to read


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], console: Console, *, plain: bool
) -> None:
    """Prints all cells, cleaned, whole and as they are; ``plain`` draws no lines."""
    names = [one_line(name) for name in columns]
    cells = [[one_line(cell) for cell in row] for row in rows]
    if _fits(names, cells, console.width):
        console.print(_table(names, cells, plain))
    else:
        console.print(_cards(names, cells))


def _fits(names: Sequence[str], cells: Sequence[Sequence[str]], room: int) -> bool:
    widest = [max(map(width, column), default=0) for column in zip(names, *cells, strict=True)]
    least = [max(width(name), min(natural, _NARROWEST)) for name, natural in zip(names, widest, strict=True)]
    return sum(least) + _GAP * (len(names) - 1) <= room


def _table(names: Sequence[str], cells: Sequence[Sequence[str]], plain: bool) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=None if plain else box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, _GAP, 0, 0) if plain else 0,
        header_style="bold",
    )
    for name in names:
        table.add_column(Text(name), overflow="fold", min_width=min(width(name), _NARROWEST))
    for row in cells:
        table.add_row(*[Text(cell) for cell in row])
    return table


def _cards(names: Sequence[str], cells: Sequence[Sequence[str]]) -> Table:
    from rich.table import Table
    from rich.text import Text

    cards = Table.grid(padding=(0, _GAP))
    cards.add_column(no_wrap=True)
    cards.add_column(overflow="fold")
    for number, row in enumerate(cells):
        if number:
            cards.add_row("", "")
        for name, cell in zip(names, row, strict=True):
            cards.add_row(Text(name, style="dim"), Text(cell))
    return cards
