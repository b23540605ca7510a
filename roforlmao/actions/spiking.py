"""Judge the newest run of a data directory by its control metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.actions import choices, parse
from roforlmao.actions.base import Action, Answers, Choice, Parameter, Report
from roforlmao.actions.peerwords import words_of_peers
from roforlmao.actions.verdictchart import draw_recent
from roforlmao.errors import BadInput, NotFound
from roforlmao.models import as_json
from roforlmao.progress import Progress
from roforlmao.schema import SpikeMethod
from roforlmao.text import one_line

if TYPE_CHECKING:
    from roforlmao.app import App

METHODS: Mapping[SpikeMethod, str] = {
    "default": "learns level, growth and scatter",
    "classic": "over 6 % from the mean of two",
}


def check(
    app: App, progress: Progress, path: Path, method: SpikeMethod | None = None, metric: str | None = None
) -> Report:
    from roforlmao.anomaly.judging import judge_source, newest_run

    must_exist(path)
    used, today, marks = configured_method(app, method), app.now().date(), app.marks.of(path)
    verdict = judge_source(path, used, metric, today, marks)
    lines = [f"Verdict: {verdict.state}. {one_line(verdict.reason)}"]
    if verdict.state == "anomaly" and metric is None:
        from roforlmao.series.aftermath import since_last_good

        lines += since_last_good(path, used, today, marks, progress)
        lines += words_of_peers(app, path, newest_run(path, used))
    drawn = draw_recent(path, used, metric, today, marks)
    return Report(as_json(verdict), lines=lines, exit_status=int(verdict.state == "anomaly"), charts=drawn)


def must_exist(path: Path) -> None:
    """Errors: NotFound."""
    if not path.exists():
        raise NotFound(f"There is no {path}.", "Name a data directory, or a CSV file with one row a run.")


def configured_method(app: App, given: SpikeMethod | None) -> SpikeMethod:
    """The given one, else that of the configuration."""
    return given or app.config.spike_method


def _parse_method(text: str) -> SpikeMethod:
    for name in METHODS:
        if text == name:
            return name
    raise BadInput(f"'{one_line(text, 40)}' is not a method.", f"One of {', '.join(METHODS)}.")


def _methods(app: App, _answers: Answers) -> Sequence[Choice]:
    """The configured one first."""
    names = sorted(METHODS, key=lambda name: name != app.config.spike_method)
    return [Choice(name, name, METHODS[name]) for name in names]


PARAMETERS = (
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

ACTIONS = (Action("spike", "check", "Judge the newest run", check, PARAMETERS),)
