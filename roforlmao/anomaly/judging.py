"""From a data directory, or a series in a file, to the verdict on its newest run or on every one."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import MappingProxyType

from roforlmao.anomaly import classic
from roforlmao.anomaly.control import PATTERN, control_files, control_reading, dated_files
from roforlmao.anomaly.marks import Marks, heeding
from roforlmao.anomaly.panel import Panel
from roforlmao.anomaly.readings import Reading
from roforlmao.anomaly.scatter import Sensitivity
from roforlmao.anomaly.series import read_series
from roforlmao.anomaly.snapshots import newest_day, snapshot_readings
from roforlmao.errors import BadInput
from roforlmao.models import Verdict
from roforlmao.schema import SpikeMethod
from roforlmao.text import one_line

_NEWEST = 500  # runs that a verdict looks back on; the detector forgets after some sixty
_NO_MARKS: Marks = MappingProxyType({})


def judge(
    directory: Path,
    method: SpikeMethod = "default",
    today: dt.date | None = None,
    marks: Marks = _NO_MARKS,
) -> Verdict:
    """The verdict on the newest run of a data directory; never raises for what its files hold.

    Where no control file is, the default method judges by the snapshots' rows, bytes and keys, and
    says so. ``marks`` are heeded; the original rule is exact as long as there are none.
    """
    files = dated_files(directory)
    if method == "classic" and not (files and marks):
        return classic.judge(directory)
    if files:
        return judge_readings(heeding(_control(files[-_NEWEST:]), marks), method, today, len(files))
    found = heeding(snapshot_readings(directory), marks)
    if not found:
        reason = f"The tool left no {PATTERN}, and no dated snapshots to count."
        return Verdict("no-metric", method, reason=reason)
    verdict = judge_readings(found, method, today, len(found))
    return dataclasses.replace(verdict, reason=f"No {PATTERN}; counted in its snapshots: {verdict.reason}")


def newest_run(directory: Path, method: SpikeMethod = "default") -> str:
    """The name of the run that ``judge`` judges; empty where it finds none."""
    files = control_files(directory) if method == "classic" else dated_files(directory)
    if files or method == "classic":
        return files[-1].name if files else ""
    return newest_day(directory)


def judge_source(
    path: Path,
    method: SpikeMethod = "default",
    metric: str | None = None,
    today: dt.date | None = None,
    marks: Marks = _NO_MARKS,
) -> Verdict:
    """As ``judge``; ``path`` may be a series in one file, ``metric`` one in the directory.

    A ``metric`` with wildcards stands for ``control-*.csv``; the name of one such file means: judge
    that one by those before it. Errors: BadInput where the metric is not there.
    """
    if metric is None and path.is_dir():
        return judge(path, method, today, marks)
    readings = readings_of(path, metric, marks)
    return judge_readings(readings, method, today, len(readings))


def judge_readings(
    readings: Sequence[Reading], method: SpikeMethod, today: dt.date | None, snapshots: int
) -> Verdict:
    """The verdict on the last of these readings; one that is dated in the future is itself the verdict.

    Once such a one is marked as a bad run, the verdict is on the last before it.
    """
    latest = _tomorrow(today)
    panel, early = Panel(method), None
    for reading in readings[-_NEWEST:]:
        if reading.day is not None and reading.day > latest:
            early = reading if not _is_bad(reading) else early
        else:
            panel.feed(reading)
    if early is not None:
        return _premature(early, panel, snapshots, method)
    return dataclasses.replace(panel.verdict(), snapshots=snapshots)


def backtest(
    path: Path, method: SpikeMethod = "default", metric: str | None = None, today: dt.date | None = None
) -> list[tuple[str, Verdict]]:
    """The verdict on every run in turn, each with its name, oldest first. Errors: BadInput."""
    return replay(readings_of(path, metric), method, today)


def replay(
    readings: Sequence[Reading],
    method: SpikeMethod = "default",
    today: dt.date | None = None,
    sensitivity: Sensitivity = "normal",
) -> list[tuple[str, Verdict]]:
    """As ``backtest``, for readings; ``sensitivity`` is for methods that learn."""
    latest, panel, found = _tomorrow(today), Panel(method, sensitivity), []
    for count, reading in enumerate(readings, 1):
        if reading.day is not None and reading.day > latest and not _is_bad(reading):
            found.append((reading.name, _premature(reading, panel, count, method)))
        else:
            panel.feed(reading)
            found.append((reading.name, dataclasses.replace(panel.verdict(), snapshots=count)))
    return found


def _control(files: Iterable[Path]) -> list[Reading]:
    return [control_reading(path) for path in files]


def _is_bad(reading: Reading) -> bool:
    return reading.mark is not None and reading.mark.kind == "bad-run"


def readings_of(path: Path, metric: str | None = None, marks: Marks = _NO_MARKS) -> list[Reading]:
    """What is to be judged, oldest first, with its marks: of a directory, or of a series in a file.

    Errors: BadInput.
    """
    return heeding(_unmarked(path, metric), marks)


def _unmarked(path: Path, metric: str | None) -> list[Reading]:
    if not path.is_dir():
        return read_series(path)
    if metric is None:
        return _control(dated_files(path)) or snapshot_readings(path)
    if "*" in metric or "?" in metric:
        files = [] if "/" in metric else dated_files(path, metric)
        if not files:
            raise BadInput(f"Nothing in {path} matches '{one_line(metric, 60)}'.", "Such as 'users-*.csv'.")
        return _control(files)
    file = path / metric
    files = dated_files(path)
    if file in files:
        return _control(files[: files.index(file) + 1])
    if not file.is_file():
        raise BadInput(f"There is no file '{one_line(metric, 60)}' in {path}.")
    return read_series(file)


def _tomorrow(today: dt.date | None) -> dt.date:
    """A peer's clock may be ahead by its time zone."""
    return (today or dt.datetime.now(dt.UTC).date()) + dt.timedelta(days=1)


def _premature(reading: Reading, panel: Panel, snapshots: int, method: str) -> Verdict:
    name = one_line(reading.name, 100)
    reason = f"{name} is dated in the future ({reading.day}), which hides what follows."
    if not panel.runs:
        return Verdict("anomaly", method, snapshots=snapshots, reason=reason)
    others = panel.verdict()
    return dataclasses.replace(
        others, state="anomaly", snapshots=snapshots, reason=f"{reason} Without it: {others.reason}"
    )
