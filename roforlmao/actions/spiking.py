"""Judge the control metric of a data directory: its newest run, or every one in turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.actions import choices, parse
from roforlmao.actions.base import Action, Answers, Choice, Parameter, Report
from roforlmao.errors import BadInput, NotFound
from roforlmao.models import Verdict, as_json
from roforlmao.progress import Progress
from roforlmao.schema import SpikeMethod
from roforlmao.text import counted, one_line

if TYPE_CHECKING:
    from roforlmao.app import App

_METHODS: Mapping[SpikeMethod, str] = {
    "default": "learns level, growth and scatter",
    "classic": "over 6 % from the mean of two",
}
_COLUMNS = ("run", "state", "value", "expected", "low", "high", "reason")


def check(
    app: App, _progress: Progress, path: Path, method: SpikeMethod | None = None, metric: str | None = None
) -> Report:
    from roforlmao.anomaly.judging import judge_source

    _must_exist(path)
    verdict = judge_source(path, _method(app, method), metric, app.now().date())
    lines = [f"Verdict: {verdict.state}. {one_line(verdict.reason)}"]
    return Report(as_json(verdict), lines=lines, exit_status=int(verdict.state == "anomaly"))


def backtest(
    app: App, _progress: Progress, path: Path, method: SpikeMethod | None = None, metric: str | None = None
) -> Report:
    from roforlmao.anomaly.judging import backtest as judge_each

    _must_exist(path)
    found = judge_each(path, _method(app, method), metric, app.now().date())
    if not found:
        raise NotFound(f"There is nothing to judge in {path}.", "It should hold control-*.csv files.")
    alarms = [(run, verdict) for run, verdict in found if verdict.state == "anomaly"]
    data = [{"run": run, **as_json(verdict)} for run, verdict in found]
    title = f"{counted(len(alarms), 'alarm')} in {counted(len(found), 'run')}"
    return Report(data, title, _COLUMNS, [_row(run, verdict) for run, verdict in alarms], lines=[f"{title}."])


def _must_exist(path: Path) -> None:
    if not path.exists():
        raise NotFound(f"There is no {path}.", "Name a data directory, or a CSV file with one row a run.")


def _method(app: App, given: SpikeMethod | None) -> SpikeMethod:
    return given or app.config.spike_method


def _parse_method(text: str) -> SpikeMethod:
    for name in _METHODS:
        if text == name:
            return name
    raise BadInput(f"'{one_line(text, 40)}' is not a method.", f"One of {', '.join(_METHODS)}.")


def _row(run: str, verdict: Verdict) -> list[str]:
    numbers = (verdict.value, verdict.expected, verdict.low, verdict.high)
    shown = ["" if number is None else f"{number:.6g}" for number in numbers]
    return [one_line(run, 60), verdict.state, *shown, one_line(verdict.reason)]


def _methods(app: App, _answers: Answers) -> Sequence[Choice]:
    """The configured one first."""
    names = sorted(_METHODS, key=lambda name: name != app.config.spike_method)
    return [Choice(name, name, _METHODS[name]) for name in names]


_PARAMETERS = (
    Parameter(
        "path", "the data directory, or a CSV with one row a run", parse.path, choices=choices.syncable
    ),
    Parameter(
        "method",
        "default or classic (default: the configured one)",
        _parse_method,
        "option",
        False,
        choices=_methods,
    ),
    Parameter(
        "metric",
        "the series' file in the directory, one control file to judge, or a pattern like 'users-*.csv'",
        parse.line,
        "option",
        False,
        metavar="FILE",
        asked=False,
    ),
)

ACTIONS = (
    Action("spike", "check", "Judge the newest run", check, _PARAMETERS),
    Action("spike", "backtest", "Judge every run in turn", backtest, _PARAMETERS),
)
