"""Verdicts on a series as a chart: the values, the usual range as a band, the alarms marked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.actions.chart import Band, Chart, Line, Mark
from roforlmao.models import Verdict
from roforlmao.schema import SpikeMethod
from roforlmao.text import one_line

if TYPE_CHECKING:
    from roforlmao.anomaly.marks import Marks

Judged = Sequence[tuple[str, Verdict]]

_JUDGED = 500  # runs that the newest ones are judged by
_RECENT = 60


def draw_verdicts(name: str, judged: Judged) -> Chart:
    """Every run's value; those that alarm are marked."""
    verdicts = [verdict for _, verdict in judged]
    return Chart(
        f"Values of {name}",
        short_names(judged),
        [Line("value", [verdict.value for verdict in verdicts])],
        Band("usual range", [verdict.low for verdict in verdicts], [verdict.high for verdict in verdicts]),
        [
            Mark(place, verdict.value, "alarm")
            for place, verdict in enumerate(verdicts)
            if verdict.state == "anomaly"
        ],
    )


def draw_recent(
    path: Path, method: SpikeMethod, metric: str | None, today: dt.date, marks: Marks
) -> Sequence[Chart]:
    """The newest runs; nothing where there are several metrics, or no two runs."""
    from roforlmao.anomaly.judging import readings_of, replay
    from roforlmao.anomaly.readings import metrics_of

    readings = readings_of(path, metric, marks)[-_JUDGED:]
    if len(readings) < 2 or len(metrics_of(readings)) != 1:
        return ()
    recent = replay(readings, method, today)[-_RECENT:]
    return (draw_verdicts(f"{one_line(path.name, 40)}, the last {len(recent)} runs", recent),)


def short_names(judged: Judged) -> list[str]:
    """The days that the runs' names tell, where that tells them apart; else the names."""
    from roforlmao.anomaly.readings import date_of

    days = [date_of(run) for run, _ in judged]
    if None not in days and len(set(days)) == len(days):
        return [str(day) for day in days]
    return [one_line(run, 40) for run, _ in judged]
