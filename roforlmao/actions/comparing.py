"""Compare two snapshots: what came, went and changed between two CSV files."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.actions import parse
from roforlmao.actions.base import Action, Answers, Choice, Parameter, Report
from roforlmao.errors import BadInput
from roforlmao.models import as_json
from roforlmao.paths import write_atomic
from roforlmao.progress import Progress
from roforlmao.text import counted, one_line

if TYPE_CHECKING:
    from decimal import Decimal

    from roforlmao.app import App
    from roforlmao.compare.engine import Outcome
    from roforlmao.compare.options import HeaderChoice
    from roforlmao.compare.result import Comparison

_LISTED = 1000  # rows of each list, in --json
_SHOWN = 10  # rows of each list, for people
_OFFERED = 2000  # files in a menu
_ENDINGS = (".csv", ".tsv")


def compare(
    _app: App,
    progress: Progress,
    old: Path,
    new: Path,
    key: Sequence[str] = (),
    header: HeaderChoice = "auto",
    delimiter: str | None = None,
    ignore: Sequence[str] = (),
    tolerance: Decimal | None = None,
    limit: int | None = None,
    added_to: Path | None = None,
    output: Path | None = None,
) -> Report:
    from roforlmao.compare import engine
    from roforlmao.compare.options import Options
    from roforlmao.compare.summary import lists, summary

    write = _exporter(output) if output else None
    _check_targets((old, new), (added_to, output))
    options = Options(tuple(key), header, delimiter, tuple(ignore), tolerance)
    outcome = engine.compare(old, new, options, progress)
    found = outcome.comparison(_LISTED if limit is None else limit)
    lines = [*summary(found), *lists(found, min(_SHOWN, limit or _SHOWN), _width())]
    lines += _write_added(outcome, added_to) if added_to else []
    if output and write:
        write_atomic(output, write(outcome.comparison(limit)))
        lines.append(f"Wrote the comparison to {output}.")
    status = 0 if found.identical else 1
    return Report(as_json(found), lines=lines, warnings=found.warnings, exit_status=status)


def csv_files(app: App, answers: Answers) -> Sequence[Choice]:
    """The tables below work and imports, newest first; not the one that is chosen already."""
    found = []
    for top in (app.places.work, app.places.imports):
        for path in _tables_below(top):
            try:
                about = path.stat()
            except OSError:  # gone since the directory was read
                continue
            found.append((about.st_mtime, about.st_size, path, path.relative_to(top.parent)))
    found.sort(reverse=True)
    return [
        Choice(path, str(shown), f"{dt.datetime.fromtimestamp(mtime):%Y-%m-%d %H:%M}, {size:,} bytes")  # noqa: DTZ006 (shown in the machine's own time)
        for mtime, size, path, shown in found[:_OFFERED]
        if path != answers.get("old")
    ]


def _width() -> int:
    """Characters of a line; a pipe gets somewhat more than a usual terminal."""
    from shutil import get_terminal_size

    return get_terminal_size((120, 24)).columns - 1


def _tables_below(top: Path) -> Iterator[Path]:
    for directory, below, names in os.walk(top):
        below[:] = [name for name in below if not name.startswith(".")]
        for name in names:
            if name.lower().endswith(_ENDINGS):
                yield Path(directory, name)


def _exporter(path: Path) -> Callable[[Comparison], str]:
    from roforlmao.compare.export import exporter

    return exporter(path)


def _check_targets(inputs: Sequence[Path], targets: Sequence[Path | None]) -> None:
    """What is compared is not written over. Errors: BadInput."""
    taken = {path.resolve() for path in inputs}
    for target in targets:
        if target is None:
            continue
        if target.resolve() in taken:
            raise BadInput(f"{one_line(str(target))} would be written over.", "Name another file.")
        if target.exists() and not target.is_file():
            raise BadInput(f"{one_line(str(target))} is not a file.", "Name a file.")
        taken.add(target.resolve())


def _write_added(outcome: Outcome, path: Path) -> list[str]:
    from roforlmao.compare.export import added_rows

    added = outcome.pairing.added
    write_atomic(path, added_rows(outcome.new, added))
    return [f"Wrote {counted(len(added), 'added row')} to {path}."]


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


ACTIONS = (
    Action(
        "",
        "compare",
        "Compare two snapshots",
        compare,
        (
            Parameter("old", "the earlier file", parse.path, choices=csv_files),
            Parameter("new", "the later file", parse.path, choices=csv_files),
            Parameter(
                "key",
                "a column that tells which row is which; may be repeated (default: found)",
                form="option",
                required=False,
                many=True,
                metavar="COL",
                asked=False,
            ),
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
            Parameter(
                "ignore",
                "a column that is not compared; may be repeated",
                form="option",
                required=False,
                many=True,
                metavar="COL",
                asked=False,
            ),
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
                "limit",
                "at most so many rows in each list (default: 1000, in a file all)",
                parse.number,
                "option",
                False,
                metavar="N",
                asked=False,
            ),
            Parameter(
                "added_to",
                "write the added rows to this file, such as update.csv",
                parse.path,
                "option",
                False,
                metavar="FILE",
                asked=False,
            ),
            Parameter(
                "output",
                "write the comparison to this file, .json, .csv or .md",
                parse.path,
                "option",
                False,
                metavar="FILE",
                asked=False,
            ),
        ),
        help="What came, went and changed between two CSV files. A column is named by its header, or by "
        "its number from 1. Exit status: 0 identical, 1 they differ, 2 a file cannot be read.",
    ),
)
