"""What is taken along from the screen of a comparison, and where to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.actions import parse
from roforlmao.actions.base import Choice
from roforlmao.actions.takealong import ADDED, check_form, check_targets, write_added, write_whole

if TYPE_CHECKING:
    from roforlmao.actions.comparing import ComparisonView
    from roforlmao.ui.screens import Stage

_WHOLE = "comparison"


def take_along(shown: ComparisonView, stage: Stage) -> str:
    """Asks what and where to, and writes it; a sentence that says so. Raises ``Back``."""
    counts = shown.outcome.counts
    none = "" if counts.added else "there are none"
    name = stage.questions.select(
        "Take along",
        [
            Choice(ADDED, "The added rows", "as they stand in the new file", none),
            Choice(f"{_WHOLE}.html", "A page for a browser", "changed cells highlighted"),
            Choice(f"{_WHOLE}.md", "Markdown", "for a paper or an issue"),
            Choice(f"{_WHOLE}.csv", "CSV", "a row for each changed cell"),
            Choice(f"{_WHOLE}.json", "JSON", "the whole result"),
        ],
    )
    target = parse.path(
        stage.questions.text(
            "Write to",
            default=str(stage.app.places.work / name),
            validate=lambda text: _checked(shown, parse.path(text), name),
        )
    )
    if target.exists() and not stage.questions.confirm(f"Write over {target}?"):
        return "Nothing was written."
    if name == ADDED:
        return str(stage.work(lambda progress: write_added(shown.outcome, target, progress)))
    return str(stage.work(lambda progress: write_whole(shown.outcome, target, None, progress)))


def _checked(shown: ComparisonView, target: Path, name: str) -> None:
    """Errors: BadInput for a file that cannot be written to; one that is there is asked about later."""
    if name != ADDED:
        check_form(target)
    check_targets((shown.old.path, shown.new.path), (target,), overwrite=True)
