"""A judgement of the default detector as a verdict that explains itself in a line."""

from __future__ import annotations

import math

from roforlmao.anomaly.machine import ALARMS, UNFIT_ALARMS, Judgement, Machine
from roforlmao.anomaly.scatter import SCATTER_RUNS
from roforlmao.models import Verdict, VerdictState

METHOD = "default"
_DEAD_AFTER = 7  # runs without anything
_NEW_FOR = 14  # runs for which a new level is recalled


def explain(judged: Judgement, machine: Machine, snapshots: int, fault: str = "") -> Verdict:
    """The verdict; ``machine`` is as it stood after this judgement, ``fault`` says what was unreadable."""
    value, expected = judged.value, judged.expected
    difference = value - expected if value is not None and expected is not None else None
    gain = difference / abs(expected) * 100 if difference is not None and expected else math.inf
    notes = "".join(f" {note}" for note in _notes(judged, machine))
    return Verdict(
        _state(judged),
        METHOD,
        value,
        expected,
        judged.low,
        judged.high,
        difference,
        gain if math.isfinite(gain) else None,
        snapshots,
        f"{_sentence(judged, machine, fault)}.{notes}",
    )


def _state(judged: Judgement) -> VerdictState:
    if judged.kind in ALARMS or judged.kind == "left-out":
        return "anomaly"
    return "insufficient-data" if judged.kind in ("first", "few", "nothing-yet") else "normal"


def _sentence(judged: Judgement, machine: Machine, fault: str) -> str:
    shown = _number(judged.value, machine)
    match judged.kind:
        case "first":
            return f"{shown} is the first value, by which the next are measured"
        case "few":
            return f"{_compared(judged, machine)} of the run before; a usual range needs one run more"
        case "nothing-yet":
            return f"0 in all {machine.runs} runs so far, so that nothing can be judged by it"
        case "zero":
            return f"0 means that nothing was collected{_instead(judged, machine)}{_again(machine)}"
        case "unreadable":
            return f"{fault or 'The value cannot be read'}{_instead(judged, machine)}{_again(machine)}"
        case "leak":
            then = _number(judged.expected, machine)
            return f"{shown} is {_percent(judged)} under the {then} of 14 good runs before: a slow loss"
        case "level":
            return f"{shown} is accepted as the new level: {_agreed(judged)} runs agree{_before(machine)}"
        case "recovered":
            return f"{shown} is back at an earlier level{_before(machine)}"
        case _:
            if judged.value is None or judged.expected is None:
                return fault or f"{shown}, where nothing is expected yet"
            return f"{_compared(judged, machine)}{_heeded(judged)} ({_range(judged, machine)})"


def _heeded(judged: Judgement) -> str:
    """What an operator's word made of it."""
    words = {"known": ", and the new level", "repeated": ", as a value that was marked as real"}
    return words.get(judged.kind, "")


def _notes(judged: Judgement, machine: Machine) -> list[str]:
    notes = []
    if judged.kind == "level" and (judged.value or 0) < (judged.expected or 0):
        notes.append("If these runs are bad, mend the tool: from now on they are the measure.")
    if judged.kind in ("high", "low") and machine.nearly_level:
        notes.append("One more such run will be accepted as the new level.")
    age = machine.level_age
    if judged.kind == "normal" and age is not None and 0 < age <= _NEW_FOR:
        notes.append(f"This level is {age} {'run' if age == 1 else 'runs'} old{_before(machine)}.")
    if machine.repetition.stuck:
        notes.append(
            f"Notice: unchanged for {machine.repetition.same + 1} runs, which this series never was before."
        )
    if judged.kind in ("zero", "unreadable") and machine.streak >= _DEAD_AFTER:
        notes.append("The collector, or what it reads, looks dead; this never becomes the usual.")
    if machine.unfit:
        notes.append(f"Warning: this metric is unfit for judging: {_wildness(machine)}.")
    return notes


def _wildness(machine: Machine) -> str:
    if machine.recent_alarms > UNFIT_ALARMS:
        return f"{machine.recent_alarms} alarms in the last {min(machine.runs, SCATTER_RUNS)} runs"
    return "its good runs alone vary too much"


def _compared(judged: Judgement, machine: Machine) -> str:
    shown, expected = _number(judged.value, machine), _number(judged.expected, machine)
    if judged.value == judged.expected or judged.value is None or judged.expected is None:
        return f"{shown} is the expected {expected}" if judged.kind != "few" else f"{shown} equals the value"
    side = "over" if judged.value > judged.expected else "under"
    word = "the" if judged.kind == "few" else "the expected"
    return f"{shown} is {_percent(judged)} {side} {word} {expected}"


def _percent(judged: Judgement) -> str:
    if judged.value is None or not judged.expected:
        return "far"
    share = abs(judged.value - judged.expected) / abs(judged.expected) * 100
    if share > 1e6:
        return "far"
    return f"{share:,.0f} %" if share >= 9.95 else f"{share:.1f} %"


def _range(judged: Judgement, machine: Machine) -> str:
    runs = "1 run" if judged.runs == 1 else f"{judged.runs} runs"
    low, high = judged.low, judged.high
    if machine.repetition.whole and low is not None and high is not None:
        low, high = float(math.ceil(low)), float(math.floor(high))
    return f"usual range {_number(low, machine)} to {_number(high, machine)}, from {runs}"


def _number(value: float | None, machine: Machine) -> str:
    if value is None:
        return "nothing"
    if machine.repetition.whole and abs(value) < 1e15:
        return f"{value:.0f}" if abs(value) >= 10 or value % 1 == 0 else f"{value:.1f}"
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:.6g}"


def _instead(judged: Judgement, machine: Machine) -> str:
    if judged.expected is None:
        return ""
    return f" where {_number(judged.expected, machine)} is expected ({_range(judged, machine)})"


def _again(machine: Machine) -> str:
    return f", alarm {machine.streak} in a row" if machine.streak > 1 else ""


def _agreed(judged: Judgement) -> int:
    return 2 if (judged.value or 0) > (judged.expected or 0) else 3


def _before(machine: Machine) -> str:
    return f" (before: about {_number(machine.before.base, machine)})" if machine.before else ""
