"""What peers noted on a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.errors import RegistryError
from roforlmao.text import one_line

if TYPE_CHECKING:
    from roforlmao.app import App


def words_of_peers(app: App, path: Path, run: str) -> list[str]:
    """A line for each peer who marked that run of the series; verdicts heed the operator's own marks only."""
    from roforlmao.data.markbook import series_of

    series = series_of(path)
    if not series.shared:
        return []
    try:
        found = app.catalog.notes(series.name).good
    except RegistryError as error:
        return [f"What peers noted on it cannot be told: {error.message}"]
    return [
        f"{notes.operator} marked it as {mark.words}: {one_line(mark.note, 300) or 'no note'}"
        for notes in found
        if notes.operator != app.operator and (mark := notes.marks.get(run))
    ]
