"""Whether the first row names the columns, from the rows below it and from the other file."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from roforlmao.compare.records import Row

SAMPLE = 200  # rows that are looked at
_LONG = 80  # characters; longer than a name of a column

# What stands in data and not in names of columns.
_VALUE = re.compile(
    r"[+-]?(?:\d[\d.,' ]*|[.,]\d+)(?:[eE][+-]?\d+)?\s?%?"  # numbers
    r"|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ].*)?"  # dates
    r"|[a-z][a-z0-9+.-]*://.*|arn:.*|[^@\s]+@[^@\s]+\.[^@\s]+"  # URLs, ARNs, mail addresses
    r"|true|false|null|none|nan|n/?a",
    re.IGNORECASE | re.DOTALL,
)
_NAMES = re.compile(
    "id|key|arn|url|uri|uuid|name|title|labels?|date|time|timestamp|day|type|category|kind|description|"
    "author|owner|user|version|status|state|value|count|total|number|amount|price|size|email|address|"
    "city|country|language|platform|repository|link|tags?|source|stars"
)


def find_headers(
    old: Sequence[Row], new: Sequence[Row], elsewhere: Callable[[], bool] | None = None
) -> tuple[bool, bool]:
    """For each file. One that says nothing by itself goes by the other; an empty one too.

    ``old`` and ``new`` may be the first rows only (``SAMPLE`` and the first); then ``elsewhere``
    says whether the first row of either stands below the first of the other.
    """
    first, second = _verdict(old), _verdict(new)
    if first is None and second is None:
        both = _undecided(old, new, elsewhere or (lambda: old[0] in new[1:] or new[0] in old[1:]))
        return both, both
    return bool(second if first is None else first), bool(first if second is None else second)


def _verdict(rows: Sequence[Row]) -> bool | None:
    """True or False where the file itself tells it."""
    if not rows:
        return None
    head, body = rows[0], rows[1 : SAMPLE + 1]
    if any(_is_value(cell) for cell in head):
        return False
    columns = [[row[place] for row in body if place < len(row) and row[place]] for place in range(len(head))]
    if any(cell and _all_values(cells) for cell, cells in zip(head, columns, strict=True)):
        return True
    if any(_NAMES.fullmatch(cell.strip("# ").casefold()) for cell in head):
        return True
    if any(
        cell and (cell in cells or _counts_on(cell, cells)) for cell, cells in zip(head, columns, strict=True)
    ):
        return False
    return None


def _undecided(old: Sequence[Row], new: Sequence[Row], elsewhere: Callable[[], bool]) -> bool:
    """A first row that stands elsewhere in the other file, or shares nothing with its first, is data."""
    if not old or not new or old[0] == new[0]:
        return True
    if elsewhere():
        return False
    return bool(set(old[0]) & set(new[0]))


def _is_value(cell: str) -> bool:
    return len(cell) > _LONG or "\n" in cell or bool(_VALUE.fullmatch(cell.strip()))


def _all_values(cells: Sequence[str]) -> bool:
    """Nine of ten are numbers, dates or the like."""
    return bool(cells) and sum(map(_is_value, cells)) >= 0.9 * len(cells)


def _counts_on(cell: str, cells: Sequence[str]) -> bool:
    """``item-1`` above ``item-2``, ``item-3`` is one of them."""
    shape = _shape(cell)
    return shape != cell and bool(cells) and all(_shape(other) == shape for other in cells)


def _shape(cell: str) -> str:
    return re.sub(r"\d+", "0", cell)
