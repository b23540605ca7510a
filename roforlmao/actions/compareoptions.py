"""The options of a comparison, and how each is read from text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from roforlmao.actions import parse
from roforlmao.actions.base import Parameter
from roforlmao.actions.takealong import ADDED
from roforlmao.errors import BadInput
from roforlmao.text import one_line

if TYPE_CHECKING:
    from decimal import Decimal

    from roforlmao.app import App
    from roforlmao.compare.options import HeaderChoice, Limits

_MB = 1_000_000


def header_choice(text: str) -> HeaderChoice:
    choices: tuple[HeaderChoice, ...] = ("auto", "yes", "no")
    for choice in choices:
        if text == choice:
            return choice
    raise BadInput(f"'{one_line(text, 20)}' is not a choice for the header.", "It is auto, yes or no.")


def delimiter_character(text: str) -> str:
    """One character; ``tab`` and ``\\t`` are read as a tab."""
    character = "\t" if text in ("tab", "\\t") else text
    if len(character) != 1 or character in '"\r\n\0' or "\ud800" <= character <= "\udfff":
        raise BadInput(f"'{one_line(text, 20)}' is not a delimiter.", "One character, such as ';', or tab.")
    return character


def tolerance_number(text: str) -> Decimal:
    """A number of at least 0, exactly as written."""
    from decimal import Decimal

    if not re.fullmatch(r"(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,2})?", text):
        raise BadInput(
            f"'{one_line(text, 40)}' is not a tolerance.", "A number of at least 0, such as 0.01 or 1e-6."
        )
    return Decimal(text)


def limits_of(app: App) -> Limits:
    """As the configuration sets them."""
    from roforlmao.compare.options import Limits

    return Limits(app.config.compare_file_mb * _MB, app.config.compare_line_mb * _MB)


KEY = Parameter(
    "key",
    "a column that tells which row is which; may be repeated (default: found)",
    form="option",
    required=False,
    many=True,
    metavar="COL",
    asked=False,
)
IGNORE = Parameter(
    "ignore",
    "a column that is not compared; may be repeated",
    form="option",
    required=False,
    many=True,
    metavar="COL",
    asked=False,
)

OPTIONS = (
    KEY,
    Parameter(
        "header",
        "whether the first row names the columns: auto, yes or no (default: auto)",
        header_choice,
        "option",
        False,
        metavar="auto|yes|no",
        asked=False,
    ),
    Parameter(
        "delimiter",
        "what separates the cells, in both files (default: found)",
        delimiter_character,
        "option",
        False,
        metavar="C",
        asked=False,
    ),
    IGNORE,
    Parameter(
        "tolerance",
        "numbers that are no further apart are the same",
        tolerance_number,
        "option",
        False,
        metavar="X",
        asked=False,
    ),
    Parameter(
        "moved",
        "count rows that only moved in large files too",
        form="flag",
        required=False,
        asked=False,
    ),
    Parameter(
        "limit",
        "at most so many rows in each list (default: 1000, in a file all)",
        parse.number,
        "option",
        False,
        metavar="N",
        asked=False,
    ),
    Parameter(
        "file",
        "which file, where a day has several: a pattern such as 'contents-*.csv'",
        form="option",
        required=False,
        metavar="GLOB",
        asked=False,
    ),
    Parameter(
        "added_to",
        f"write the added rows to this file (default: {ADDED})",
        parse.path,
        "option",
        False,
        metavar="FILE",
        asked=False,
        implied=ADDED,
    ),
    Parameter(
        "output",
        "write the comparison to this file: .json, .csv, .md or .html",
        parse.path,
        "option",
        False,
        metavar="FILE",
        asked=False,
    ),
    Parameter("overwrite", "write over files that are there", form="flag", required=False, asked=False),
)
