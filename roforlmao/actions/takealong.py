"""What is taken along from a comparison: the added rows, or the whole of it, in a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.errors import AlreadyExists, BadInput, Remedy
from roforlmao.paths import write_atomic
from roforlmao.progress import Progress
from roforlmao.text import counted, one_line

if TYPE_CHECKING:
    from roforlmao.compare.outcome import Outcome

ADDED = "update.csv"  # the name that the launchers before this one gave to the added rows
_BATCH = 500  # pieces between two looks at the progress


def check_targets(inputs: Sequence[Path], targets: Sequence[Path | None], *, overwrite: bool) -> None:
    """What is compared is never written over; other files only with a yes.

    Errors: BadInput, AlreadyExists (with its remedy).
    """
    taken = {path.resolve() for path in inputs}
    for target in targets:
        if target is None:
            continue
        name = one_line(str(target))
        if target.resolve() in taken:
            raise BadInput(f"{name} would be written over.", "Name another file.")
        if target.exists() and not target.is_file():
            raise BadInput(f"{name} is not a file.", "Name a file.")
        if target.exists() and not overwrite:
            remedy = Remedy("overwrite", True, f"Write over {name}?", safe=True)
            raise AlreadyExists(f"{name} is there already.", "Name another file.", remedy=remedy)
        taken.add(target.resolve())


def check_form(output: Path) -> None:
    """Errors: BadInput for an ending that names no form, before anything is read."""
    from roforlmao.compare.export import exporter

    exporter(output)


def write_added(outcome: Outcome, path: Path, progress: Progress) -> str:
    """The added rows as they stand in the new file; a sentence that says so. Errors: StorageFailed."""
    from roforlmao.compare.export import added_rows

    progress.start(f"Writing {one_line(str(path))}", unit="rows")
    write_atomic(path, _watched(added_rows(outcome), progress))
    return f"Wrote {counted(outcome.counts.added, 'added row')} to {path}."


def write_whole(outcome: Outcome, path: Path, limit: int | None, progress: Progress) -> str:
    """The comparison in the form of the path's ending. Errors: BadInput, StorageFailed."""
    from roforlmao.compare.export import exporter

    write = exporter(path)
    progress.start(f"Writing {one_line(str(path))}", unit="rows")
    write_atomic(path, _watched(write(outcome, limit), progress))
    return f"Wrote the comparison to {path}."


def _watched(pieces: Iterable[str], progress: Progress) -> Iterator[str]:
    for number, piece in enumerate(pieces):
        if number % _BATCH == 0:
            progress.update(number)
            progress.checkpoint()
        yield piece
