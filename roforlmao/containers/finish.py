"""What is left to do for a container that ended while no launcher was there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.containers.drain import Drain, Logged
from roforlmao.containers.leftovers import Found, instant
from roforlmao.containers.outcome import Ending, judge
from roforlmao.containers.ownership import take_over
from roforlmao.containers.secrets import Redactor
from roforlmao.models import Execution
from roforlmao.transcript.transcript import Transcript

if TYPE_CHECKING:
    from roforlmao.containers.engine import Engine


def finish(
    engine: Engine, found: Found, ending: Ending, data: Path, log: Path, secrets: Iterable[str]
) -> Execution:
    """Brings in the rest of its log, makes its files the operator's, and says how it ended.

    The engine's log is taken from one second before ours ends: lines may come twice there, none is lost.
    Errors: EngineFailed and its kin, StorageFailed.
    """
    written = log.stat().st_mtime - 1 if log.exists() else 0.0
    redactor = Redactor(secrets)
    transcript = Transcript(log, lambda _line: None)
    try:
        transcript.keep(b"[launcher: the one before ended here; what follows is from the engine's log]\n")
        source = Logged(engine, found.id, written, follow=False)
        Drain(source, lambda chunk: transcript.keep(redactor.feed(chunk))).finish()
        transcript.keep(redactor.rest())
    finally:
        transcript.finish()
    take_over(engine, found.id, data)
    state, code, reason = judge(found.state, ending)
    started, finished = (instant(str(found.state[key])) for key in ("StartedAt", "FinishedAt"))
    return Execution(state, code, started, max(started, finished), transcript.tail, reason)
