"""How a container ended, in words: out of memory, killed, non-zero, never started, stopped by us."""

from __future__ import annotations

import re
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from roforlmao.models import EndState
from roforlmao.text import one_line

_ENGINE_ERROR, _NOT_EXECUTABLE, _NOT_FOUND = 125, 126, 127  # as `docker run` exits
# docker-init is tini, which says so when the program below it cannot be started.
_TINI = re.compile(r"\[FATAL tini \(\d+\)\] exec (.+) failed: (.+)")


@dataclass(frozen=True)
class Ending:
    """What is known of it: ``stopped_for`` is our own reason to stop it, ``lost_engine`` in mid-run."""

    stopped_for: str = ""
    timeout_s: float | None = None
    memory: int = 0
    lost_engine: bool = False
    tail: str = ""


def judge(state: Mapping[str, Any], ending: Ending) -> tuple[EndState, int, str]:
    """State, exit code and reason, from the ``State`` of the engine's inspection."""
    code = int(state.get("ExitCode", 0))
    if ending.stopped_for == "cancelled":
        return "cancelled", code, "It was stopped by the operator."
    if ending.stopped_for == "timed-out":
        return "timed-out", code, f"It was stopped after its timeout of {ending.timeout_s:g} s."
    if ending.stopped_for:
        return "failed", code, ending.stopped_for
    reason = _failure(state, ending, code)
    return ("failed" if reason else "succeeded"), code, reason


def never_started(said: str) -> tuple[EndState, int, str]:
    """The same where the engine refused to start it, with what it said."""
    lowered = said.lower()
    missing = "executable file not found" in lowered or "no such file" in lowered
    code = _NOT_FOUND if missing else _NOT_EXECUTABLE if "permission denied" in lowered else _ENGINE_ERROR
    return "failed", code, f"It never started: {one_line(said, 300)}"


def _failure(state: Mapping[str, Any], ending: Ending, code: int) -> str:
    unstartable = _TINI.match(ending.tail) if code in (_NOT_EXECUTABLE, _NOT_FOUND) else None
    if unstartable:
        program, why = (one_line(word, 100) for word in unstartable.groups())
        return f"It never started: '{program}' cannot be run in the image ({why})."
    if state.get("OOMKilled"):
        return _out_of_memory(code, ending.memory)
    if ending.lost_engine:
        return f"The engine was stopped or restarted in mid-run, and it ended with exit code {code}."
    if code > 128:
        return f"It was killed by {_signal_name(code - 128)} (exit code {code}), not by the launcher."
    return f"It ended with exit code {code}." if code else ""


def _out_of_memory(code: int, memory: int) -> str:
    limit = f"its limit of {memory / (1 << 20):,.0f} MB" if memory else "its limit"
    if code:
        return f"It ran out of memory: {limit} was reached (exit code {code})."
    return f"One of its processes ran out of memory ({limit} was reached), though it ended with exit code 0."


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
