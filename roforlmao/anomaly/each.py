"""A back-test of every metric on its own, for files of thousands of them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from roforlmao.anomaly.columns import Floats
from roforlmao.anomaly.control import control_reading, dated_files
from roforlmao.anomaly.judging import readings_of
from roforlmao.anomaly.many import ALARM_CODES, KINDS, NOT_YET, Many
from roforlmao.anomaly.marks import Marks, heeding, is_of
from roforlmao.anomaly.readings import date_of, metrics_of, number_or_none, unique_names
from roforlmao.anomaly.scatter import Sensitivity
from roforlmao.anomaly.series import series_rows
from roforlmao.errors import BadInput
from roforlmao.models import MarkKind
from roforlmao.progress import Progress
from roforlmao.text import one_line

_LARGEST = 256 * 2**20  # bytes: 10,000 metrics over 1,000 runs are some 80 MB
_LONGEST_LINE = 1 << 20
_MOST = 10_000  # metrics of a control file


@dataclass(frozen=True)
class Metrics:
    """``values`` has a row for each run and a column for each metric; NaN where there is no number.

    ``marks`` are operators' words on runs, by the number of the row.
    """

    names: Sequence[str]
    runs: Sequence[str]
    days: Sequence[dt.date | None]
    values: Floats
    marks: Mapping[int, MarkKind]


@dataclass(frozen=True)
class MetricRecord:
    """``alarms`` are the names of the runs that alarm, oldest first; ``state`` is that of the newest run."""

    metric: str
    runs: int
    state: str
    alarms: tuple[str, ...]
    unfit: bool


def metrics_in(path: Path, marks: Marks, progress: Progress) -> Metrics:
    """A CSV with one row a run, and names in its first row. Errors: BadInput, Cancelled."""
    rows = series_rows(path, _LARGEST, _LONGEST_LINE)
    head = next(rows, [])
    if not head or any(number_or_none(cell) is not None for cell in head):
        raise BadInput(
            f"{one_line(path.name, 100)} has no names in its first row.", "Each metric needs a name there."
        )
    dated, runs, days, values = -1, [], [], []
    for number, row in enumerate(rows, 1):
        progress.checkpoint()
        if number == 1:
            dated = next((place for place, cell in enumerate(row) if date_of(cell)), -1)
        cell = row[dated] if 0 <= dated < len(row) else ""
        runs.append(one_line(cell, 40) or f"row {number}")
        days.append(date_of(cell))
        values.append(_numbers(row, len(head), dated))
    names = unique_names(head)
    found = {
        number: marks[run].kind
        for number, run in enumerate(runs)
        if run in marks and is_of(marks[run], _readable(names, values[number]))
    }
    return Metrics(names, runs, days, np.array(values).reshape(len(values), len(names)), found)


def metrics_below(directory: Path, marks: Marks) -> Metrics:
    """What the control files of a directory hold; else what its snapshots are counted by."""
    files = dated_files(directory)
    readings = heeding([control_reading(path, _MOST) for path in files] or readings_of(directory), marks)
    names = metrics_of(readings)
    table = [[_number(one.values.get(name)) for name in names] for one in readings]
    values = np.array(table, dtype=np.float64).reshape(len(readings), len(names))
    found = {number: one.mark.kind for number, one in enumerate(readings) if one.mark}
    return Metrics(names, [one.name for one in readings], [one.day for one in readings], values, found)


def judge_each(
    metrics: Metrics, sensitivity: Sensitivity, today: dt.date, progress: Progress
) -> list[MetricRecord]:
    """One record for each metric that holds a number, those that alarm now first. Errors: Cancelled.

    Runs that are dated in the future are left out. A metric that is gone alarms at every run since.
    """
    latest = today + dt.timedelta(days=1)
    places = [place for place, day in enumerate(metrics.days) if day is None or day <= latest]
    progress.start("Judging every metric", len(places), "runs")
    judges = Many(len(metrics.names), sensitivity)
    kinds = np.full((len(places), len(metrics.names)), NOT_YET, np.int8)
    with np.errstate(all="ignore"):
        for number, place in enumerate(places):
            progress.checkpoint()
            mark = metrics.marks.get(place)
            kinds[number] = judges.step(metrics.values[place], metrics.days[place], mark).kind
            progress.update(number + 1, len(places))
    alarmed, begun = np.isin(kinds, ALARM_CODES), kinds != NOT_YET
    records = [
        MetricRecord(
            metrics.names[column],
            int(begun[:, column].sum()),
            KINDS[kinds[-1, column]],
            tuple(metrics.runs[places[number]] for number in np.flatnonzero(alarmed[:, column])),
            bool(judges.unfit[column]),
        )
        for column in np.flatnonzero(begun.any(axis=0)).tolist()
    ]
    last = metrics.runs[places[-1]] if places else ""
    return sorted(records, key=lambda one: (one.alarms[-1:] != (last,), -len(one.alarms)))


def _numbers(row: Sequence[str], width: int, dated: int) -> Floats:
    found = np.full(width, np.nan)
    for place, cell in enumerate(row[:width]):
        if place != dated:
            found[place] = _number(number_or_none(cell))
    return found


def _readable(names: Sequence[str], row: Floats) -> dict[str, float | None]:
    return {
        name: None if math.isnan(value) else value for name, value in zip(names, row.tolist(), strict=True)
    }


def _number(value: float | None) -> float:
    return math.nan if value is None else value
