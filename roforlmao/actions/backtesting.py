"""Judge every run of a series in turn, and draw where it would have alarmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.actions import parse
from roforlmao.actions.base import Action, Parameter, Report
from roforlmao.actions.chart import Chart
from roforlmao.actions.spiking import PARAMETERS, configured_method, must_exist
from roforlmao.actions.verdictchart import Judged, draw_verdicts, short_names
from roforlmao.errors import BadInput, NotFound
from roforlmao.models import Verdict, as_json
from roforlmao.progress import Progress
from roforlmao.schema import SpikeMethod
from roforlmao.text import counted, one_line

if TYPE_CHECKING:
    from roforlmao.anomaly.scatter import Sensitivity
    from roforlmao.app import App

COLUMNS = ("run", "state", "value", "expected", "low", "high", "reason")
_EACH = ("metric", "runs", "alarms", "latest alarm", "now", "note")
_LISTED = 200  # metrics, for people
SENSITIVITIES: Sequence[Sensitivity] = ("low", "normal", "high")


@dataclass(frozen=True)
class Backtest:
    """What the screen shows: every run with its verdict, and the series' metrics by name."""

    title: str
    runs: Judged
    method: SpikeMethod
    sensitivity: Sensitivity
    column: str | None
    metrics: Sequence[str]
    chart: Chart | None

    @property
    def alarms(self) -> Judged:
        return [(run, verdict) for run, verdict in self.runs if verdict.state == "anomaly"]

    @property
    def named(self) -> Judged:
        """The runs under names that are as short as can be."""
        return list(zip(short_names(self.runs), (verdict for _, verdict in self.runs), strict=True))


def backtest(
    app: App,
    progress: Progress,
    path: Path,
    method: SpikeMethod | None = None,
    metric: str | None = None,
    column: str | None = None,
    sensitivity: Sensitivity = "normal",
    each: bool = False,
) -> Report:
    from roforlmao.anomaly.judging import readings_of, replay
    from roforlmao.anomaly.readings import metrics_of, only

    must_exist(path)
    if each:
        if configured_method(app, method) != "default" or column or metric:
            raise BadInput("--each judges every metric by the default method.", "Leave the others out.")
        return _each(path, sensitivity, app, progress)
    readings = readings_of(path, metric, app.marks.of(path))
    if not readings:
        raise NotFound(f"There is nothing to judge in {path}.", "It should hold control-*.csv files.")
    metrics = metrics_of(readings)
    if column is not None:
        readings = only(readings, column)
    used = configured_method(app, method)
    found = replay(readings, used, app.now().date(), sensitivity)
    alarms = sum(verdict.state == "anomaly" for _, verdict in found)
    title = f"{counted(alarms, 'alarm')} in {counted(len(found), 'run')}"
    alone = column is not None or len(metrics) < 2
    chart = draw_verdicts(column or one_line(path.name, 40), found) if alone else None
    return _report(Backtest(title, found, used, sensitivity, column, metrics, chart))


def _report(view: Backtest) -> Report:
    several = (
        f"{counted(len(view.metrics), 'metric')}: --column NAME judges and draws one, --each all of them."
    )
    return Report(
        [{"run": run, **as_json(verdict)} for run, verdict in view.runs],
        view.title,
        COLUMNS,
        [row(run, verdict) for run, verdict in view.alarms],
        lines=[f"{view.title}.", *([] if view.chart else [several])],
        view=view,
        charts=(view.chart,) if view.chart else (),
    )


def _each(path: Path, sensitivity: Sensitivity, app: App, progress: Progress) -> Report:
    """One line for each metric that alarms."""
    from roforlmao.anomaly.each import judge_each, metrics_below, metrics_in

    progress.start(f"Reading {one_line(path.name, 60)}")
    marks = app.marks.of(path)
    metrics = metrics_below(path, marks) if path.is_dir() else metrics_in(path, marks, progress)
    found = judge_each(metrics, sensitivity, app.now().date(), progress)
    if not found:
        raise NotFound(f"There is nothing to judge in {path}.", "No column holds a number.")
    alarming = [one for one in found if one.alarms]
    rows = [
        [one.metric, f"{one.runs:,}", f"{len(one.alarms):,}", one.alarms[-1], one.state, "unfit" * one.unfit]
        for one in alarming[:_LISTED]
    ]
    runs = counted(len(metrics.runs), "run")
    lines = [f"{len(alarming):,} of {counted(len(found), 'metric')} alarmed in {runs}."]
    if len(alarming) > _LISTED:
        lines.append(f"The first {_LISTED:,} of them; --json has all.")
    if any(one.unfit for one in found):
        lines.append(f"{sum(one.unfit for one in found):,} vary too much to be judged well (unfit).")
    return Report(as_json(found), "Metrics, those that alarm now first", _EACH, rows, lines=lines)


def row(run: str, verdict: Verdict) -> list[str]:
    """A run as a row under ``COLUMNS``."""
    numbers = (verdict.value, verdict.expected, verdict.low, verdict.high)
    shown = ["" if number is None else f"{number:.6g}" for number in numbers]
    return [one_line(run, 60), verdict.state, *shown, one_line(verdict.reason)]


def _sensitivity(text: str) -> Sensitivity:
    for name in SENSITIVITIES:
        if text == name:
            return name
    raise BadInput(f"'{one_line(text, 40)}' is not a sensitivity.", f"One of {', '.join(SENSITIVITIES)}.")


ACTIONS = (
    Action(
        "spike",
        "backtest",
        "Judge every run in turn",
        backtest,
        (
            *PARAMETERS,
            Parameter(
                "column",
                "judge this metric alone, where there are several",
                parse.line,
                "option",
                False,
                metavar="NAME",
                asked=False,
            ),
            Parameter(
                "sensitivity",
                "of the default method: low, normal or high (default: normal)",
                _sensitivity,
                "option",
                False,
                metavar="low|normal|high",
                asked=False,
            ),
            Parameter(
                "each",
                "judge every metric on its own and list those that alarm, also of files of thousands",
                form="flag",
                asked=False,
            ),
        ),
    ),
)
