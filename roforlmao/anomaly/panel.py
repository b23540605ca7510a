"""Several metrics side by side: each is judged by its own past, and the worst is told."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import deque
from collections.abc import Callable, Mapping
from typing import Protocol

from roforlmao.anomaly import classic
from roforlmao.anomaly.machine import Judgement, Machine
from roforlmao.anomaly.marks import told
from roforlmao.anomaly.readings import Reading
from roforlmao.anomaly.scatter import Sensitivity
from roforlmao.anomaly.wording import explain
from roforlmao.models import MarkKind, Verdict, VerdictState
from roforlmao.schema import SpikeMethod
from roforlmao.text import counted

# A metric that is new or always zero does not hide that the others are normal.
_WORST = ("anomaly", "normal", "insufficient-data", "no-metric")


class Judge(Protocol):
    """One metric's detector: fed in order of time, asked for a verdict only where that is wanted."""

    def step(self, value: float | None, day: dt.date | None, mark: MarkKind | None) -> None: ...

    def verdict(self, snapshots: int, fault: str) -> Verdict: ...


class _Default:
    def __init__(self, sensitivity: Sensitivity) -> None:
        self._machine = Machine(sensitivity)
        self._judged: Judgement | None = None

    def step(self, value: float | None, day: dt.date | None, mark: MarkKind | None) -> None:
        self._judged = self._machine.step(value, day, mark)

    def verdict(self, snapshots: int, fault: str) -> Verdict:
        judged = self._judged or Judgement("unreadable", None, None, None, None, 0)
        return explain(judged, self._machine, snapshots, fault)


class _Classic:
    """The original rule knows no marks: one that is heeded keeps a value out of the mean, or makes it."""

    def __init__(self, _sensitivity: Sensitivity) -> None:
        self._before: deque[float | None] = deque(maxlen=2)
        self._newest: list[float | None] = []
        self._mark: MarkKind | None = None

    def step(self, value: float | None, day: dt.date | None, mark: MarkKind | None) -> None:  # noqa: ARG002 (knows no days)
        if self._mark not in ("bad-run", "real"):
            self._before.extend(self._newest)
        if mark == "known-change":
            self._before.extend([value, value])
        self._newest, self._mark = [value], mark

    def verdict(self, snapshots: int, fault: str) -> Verdict:
        found = self._judged(snapshots, fault)
        states: dict[MarkKind | None, VerdictState] = {"bad-run": "anomaly", "real": "normal"}
        return dataclasses.replace(found, state=states.get(self._mark, found.state))

    def _judged(self, snapshots: int, fault: str) -> Verdict:
        known = [*self._before, *self._newest]
        values = [value for value in known if value is not None]
        if len(values) < len(known) or not values:
            reason = f"{fault or 'A value of the last three cannot be read'}."
            return Verdict("anomaly", classic.METHOD, snapshots=snapshots, reason=reason)
        return classic.judge_values(values, snapshots)


_MAKERS: Mapping[str, Callable[[Sensitivity], Judge]] = {"default": _Default, "classic": _Classic}


class Panel:
    """Fed with one reading a run; ``verdict`` tells of the newest."""

    def __init__(self, method: SpikeMethod = "default", sensitivity: Sensitivity = "normal") -> None:
        self._sensitivity = sensitivity
        self._make = _MAKERS[method]
        self._method = method
        self._judges: dict[str, Judge] = {}
        self._faults: dict[str, str] = {}
        self._gone: list[str] = []
        self._reading = Reading("")
        self.runs = 0

    def feed(self, reading: Reading) -> None:
        """One run later."""
        self.runs += 1
        self._reading = reading
        for name in self._gone:
            del self._judges[name]  # missed once, then no longer followed
        self._gone, self._faults = [], {}
        mark = reading.mark.kind if reading.mark else None
        if reading.fault or mark == "bad-run":
            for name, judge in self._judges.items():
                judge.step(reading.values.get(name), reading.day, mark)
                self._faults[name] = reading.fault
            return
        for name, value in reading.values.items():
            if name not in self._judges:
                if value is None:
                    continue  # a column of text, until it holds its first number
                self._judges[name] = self._make(self._sensitivity)
            if value is None:
                self._faults[name] = f"{name or 'The value'} in {reading.name} is not a number"
            self._judges[name].step(value, reading.day, mark)
        self._miss(reading)

    def _miss(self, reading: Reading) -> None:
        self._gone = [name for name in self._judges if name not in reading.values]
        for name in self._gone:
            self._faults[name] = f"{reading.name} no longer holds {name or 'a single number'}"
            self._judges[name].step(None, reading.day, None)

    def verdict(self) -> Verdict:
        """The worst verdict on the newest reading, with its metric's name where there are several."""
        if not self._judges:
            reason = f"{self._reading.fault or self._unjudged}.{self._noted()}"
            return Verdict("anomaly", self._method, snapshots=self.runs, reason=reason)
        found = {
            name: judge.verdict(self.runs, self._faults.get(name, "")) for name, judge in self._judges.items()
        }
        name, worst = min(found.items(), key=lambda item: _badness(item[1]))
        return dataclasses.replace(worst, reason=f"{self._told(name, worst, found)}{self._noted()}")

    def _told(self, name: str, worst: Verdict, found: Mapping[str, Verdict]) -> str:
        if self._reading.fault or (len(found) == 1 and not name):
            return worst.reason
        said = worst.reason if self._faults.get(name) else f"{name or 'the single number'}: {worst.reason}"
        alarms = sum(verdict.state == "anomaly" for verdict in found.values())
        if len(found) == 1:
            return said
        if not alarms:
            return f"{said} None of {counted(len(found), 'metric')} alarms."
        return f"{said} {alarms} of {counted(len(found), 'metric')} {'alarms' if alarms == 1 else 'alarm'}."

    @property
    def _unjudged(self) -> str:
        return f"{self._reading.name} {'is left out' if self._reading.mark else 'holds no number'}"

    def _noted(self) -> str:
        notes = (self._reading.note, told(self._reading.mark))
        return "".join(f" {note}" for note in notes if note)


def _badness(verdict: Verdict) -> tuple[int, float]:
    """The lower, the worse; what has no numbers is worse than what is far off."""
    off = float("inf") if verdict.gain_percent is None else abs(verdict.gain_percent)
    return _WORST.index(verdict.state), -off
