"""What stands around the rows of a viewer: lines above them, and the keys below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from prompt_toolkit.formatted_text import StyleAndTextTuples

from roforlmao.text import one_line
from roforlmao.ui.cells import fold
from roforlmao.ui.painted import Cell, rows

_NAMES = {"enter": "Enter", "tab": "Tab", "s-tab": "Shift-Tab", "delete": "Del"}
_NARROWEST = 10  # cells
_HINTS = 3  # rows


def above(lines: Iterable[Cell], columns: int, most: int) -> StyleAndTextTuples:
    """The lines, folded, in at most ``most`` rows."""
    shown: StyleAndTextTuples = []
    folded = [row for text in lines for row in rows(text, max(_NARROWEST, columns - 2))]
    for number, row in enumerate(folded[:most]):
        shown += [("", "\n " if number else " "), *row]
    return shown


def below(said: str, own: Sequence[str], extra: Mapping[str, str], columns: int) -> StyleAndTextTuples:
    """What was said last, the caller's keys, and the viewer's own; a key without words is not told."""
    hints = [f"{_NAMES.get(key, key)} {does}" for key, does in extra.items() if does]
    told = [*([said] if said else []), *own[:1], *hints, *own[1:], "Esc back"]
    folded = fold(one_line(" · ".join(filter(None, told))), max(_NARROWEST, columns - 2))
    return [("class:ask-dim", "\n".join(f" {row}" for row in folded[:_HINTS]))]
