"""What a sync would change and take away, without doing it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.actions import choices, parse
from roforlmao.actions.base import Action, Parameter, Report
from roforlmao.errors import BadInput
from roforlmao.models import Run, as_json
from roforlmao.progress import Progress
from roforlmao.text import counted, one_line

if TYPE_CHECKING:
    from roforlmao.app import App

_COLUMNS = ("file", "change", "rows before", "rows after", "loss")
_LISTED = 200  # files, for people
_FOUND = 1  # the exit status of a finding

DRY_RUN = Parameter("dry_run", "only show what it would change and take away", form="flag", asked=False)


def preview(app: App, progress: Progress, path: Path) -> Report:
    tools = app.places.data.resolve()
    return preview_of(path, progress, of_tool=path.resolve().parent == tools)


def preview_of_run(app: App, run: Run, progress: Progress) -> Report:
    """Of the data clone of the run's tool. Errors: NotFound, BadInput."""
    from roforlmao.tools.install import get_installed

    path = get_installed(run.tool, app.places).data_path
    if path is None:
        raise BadInput(f"{run.tool} has no data repository.", "Nothing of it can be published.")
    return preview_of(path, progress, of_tool=True)


def preview_of(path: Path, progress: Progress, *, of_tool: bool) -> Report:
    """Losses first. ``of_tool`` as a run's sync does it, which takes in what a ``.gitignore`` hides."""
    from roforlmao.data.losses import summary
    from roforlmao.data.preview import preview as look

    found = look(path, progress, ignored=of_tool)
    files = sorted(found.files, key=lambda one: (not one.loss, one.path))
    rows = [
        [one_line(one.path, 100), one.change, f"{one.rows_before:,}", f"{one.rows_after:,}", one.loss]
        for one in files[:_LISTED]
    ]
    lines = [f"A sync would change {counted(len(files), 'file')}; nothing was committed or pushed."]
    if len(files) > _LISTED:
        lines.append(f"The first {_LISTED:,} of them; --json has all.")
    if found.losses:
        lines.append(f"It would be refused: {summary(found.losses)}.")
    lines += [f"Left out: {one_line(path, 200)}" for path in found.left_out]
    return Report(
        as_json(found),
        "What a sync would change",
        _COLUMNS,
        rows,
        lines=lines,
        exit_status=_FOUND if found.losses else 0,
    )


ACTIONS = (
    Action(
        "dataset",
        "preview",
        "What a sync would change",
        preview,
        (Parameter("path", "the clone's directory", parse.path, choices=choices.syncable),),
        help="Shows the files and rows that a sync would add, change, delete or take away. Exit 1 if the "
        "sync would be refused.",
    ),
)
