"""Compare two snapshots: what came, went and changed between two tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.actions import comparechoices
from roforlmao.actions.base import Action, Parameter, Report
from roforlmao.actions.compareoptions import OPTIONS, limits_of
from roforlmao.actions.locate import Located, locate
from roforlmao.actions.references import Reference, reference
from roforlmao.actions.retracting import warnings_for
from roforlmao.actions.takealong import check_form, check_targets, write_added, write_whole
from roforlmao.models import as_json
from roforlmao.progress import Progress

if TYPE_CHECKING:
    from decimal import Decimal

    from roforlmao.app import App
    from roforlmao.compare.options import HeaderChoice
    from roforlmao.compare.outcome import Outcome
    from roforlmao.compare.table import Table

_LISTED = 1000  # rows of each list, in --json
_SHOWN = 10  # rows of each list, for people


@dataclass(frozen=True)
class ComparisonView:
    """What the screen shows; comparing ``old`` and ``new`` again fetches nothing anew."""

    outcome: Outcome
    old: Located
    new: Located


def compare(
    app: App,
    progress: Progress,
    old: Reference | Located | Path,
    new: Reference | Located | Path,
    key: Sequence[str] = (),
    header: HeaderChoice = "auto",
    delimiter: str | None = None,
    ignore: Sequence[str] = (),
    tolerance: Decimal | None = None,
    moved: bool = False,
    limit: int | None = None,
    file: str | None = None,
    added_to: Path | None = None,
    output: Path | None = None,
    overwrite: bool = False,
) -> Report:
    from roforlmao.compare import engine
    from roforlmao.compare.options import Options
    from roforlmao.compare.summary import lists, summary

    if output:
        check_form(output)
    first, second = (locate(wanted, app, file, progress) for wanted in (old, new))
    check_targets((first.path, second.path), (added_to, output), overwrite=overwrite)
    options = Options(tuple(key), header, delimiter, tuple(ignore), tolerance, limits_of(app), moved)
    outcome = _named(engine.compare(first.path, second.path, options, progress), first, second)
    found = outcome.comparison(_LISTED if limit is None else limit)
    brief = summary(found)
    lines = [*brief, *lists(found, min(_SHOWN, limit or _SHOWN), _width())]
    lines += [write_added(outcome, added_to, progress)] if added_to else []
    lines += [write_whole(outcome, output, limit, progress)] if output else []
    return Report(
        as_json(found),
        lines=lines,
        brief=brief,
        warnings=(*warnings_for(app, (first, second)), *found.warnings),
        exit_status=0 if found.identical else 1,
        view=ComparisonView(outcome, first, second),
    )


def _named(outcome: Outcome, old: Located, new: Located) -> Outcome:
    """What was fetched to a private file is called by what was asked for."""
    if old.folder is None and new.folder is None:
        return outcome
    return replace(outcome, old=_called(outcome.old, old), new=_called(outcome.new, new))


def _called(table: Table, located: Located) -> Table:
    told = tuple(warning.replace(str(located.path), located.shown) for warning in table.warnings)
    return replace(table, path=located.shown, warnings=told)


def _width() -> int:
    """Characters of a line; a pipe gets somewhat more than a usual terminal."""
    from shutil import get_terminal_size

    return get_terminal_size((120, 24)).columns - 1


ACTIONS = (
    Action(
        "",
        "compare",
        "Compare two snapshots",
        compare,
        (
            Parameter("old", "the earlier one", reference, choices=comparechoices.older, fresh=True),
            Parameter("new", "the later one", reference, choices=comparechoices.newer, fresh=True),
            *comparechoices.NARROWING,
            *OPTIONS,
        ),
        help="What came, went and changed between two tables. OLD and NEW are files, or: FILE@COMMIT and "
        "FILE@DATE (a version from git), DIR@DATE and 'DIR/name-*.csv@DATE' (a day of a stream), "
        "HUB/DATE/OPERATOR (what was announced for a day). A column is named by its header, or by its "
        "number from 1. Exit status: 0 identical, 1 they differ, 2 a file cannot be read.",
        asks=(*(parameter.name for parameter in comparechoices.NARROWING), "new", "old"),
    ),
)
