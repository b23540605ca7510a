"""The log of a run, read without taking it into memory."""

from __future__ import annotations

from pathlib import Path

from roforlmao.errors import NotFound
from roforlmao.models import Run
from roforlmao.progress import Progress
from roforlmao.runs.history import History
from roforlmao.text import clean

_SHOWN = 1_000_000


def read_log(path: Path, limit: int = _SHOWN) -> str:
    """The last ``limit`` bytes as harmless text. Errors: NotFound."""
    try:
        with path.open("rb") as handle:
            size = handle.seek(0, 2)
            handle.seek(max(0, size - limit))
            text = clean(handle.read().decode("utf-8", "replace"))
    except OSError as error:
        raise NotFound(f"The log {path} cannot be read: {error.strerror}.") from error
    left_out = size - limit
    return text if left_out <= 0 else f"(... {left_out:,} bytes before; the whole is {path})\n{text}"


def follow_log(run: Run, history: History, progress: Progress) -> None:
    """Hands the log's lines to ``progress.log`` as they come, until the run has ended."""
    with Path(run.log).open("rb") as handle:
        while True:
            ended = history.get(run.id).state != "running"
            while line := handle.readline(8192):
                progress.log(line.decode("utf-8", "replace").rstrip("\r\n"))
                progress.checkpoint()
            if ended:
                return
            progress.wait(0.2)
            progress.checkpoint()
