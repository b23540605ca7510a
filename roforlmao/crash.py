"""Errors that nobody foresaw: the traceback goes to a file, the operator gets a sentence."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from roforlmao.errors import OperationFailed

_LARGEST = 5_000_000  # bytes; beside it stands one older file of that size


def unexpected(error: Exception, log: Path | None) -> OperationFailed:
    """The error as a sentence, after its traceback was appended to ``log``."""
    import traceback

    hint = "Run it again with --debug to see the traceback."
    if log is not None:
        try:
            log.parent.mkdir(parents=True, exist_ok=True)
            _rotate(log)
            with log.open("a", encoding="utf-8") as handle:
                handle.write(f"{dt.datetime.now().astimezone().isoformat(timespec='seconds')}\n")
                handle.write("".join(traceback.format_exception(error)))
            hint = f"The traceback is in {log}."
        except OSError:
            hint += " (It could not be kept in a file.)"
    return OperationFailed(f"Something unexpected happened: {type(error).__name__}: {error}", hint)


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > _LARGEST:
        log.replace(log.with_name(f"{log.name}.1"))
