"""The screen of a back-test: the series drawn, its alarms below; method and parameters are chosen here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from roforlmao.actions.backtesting import COLUMNS, SENSITIVITIES, Backtest, row
from roforlmao.actions.base import Choice
from roforlmao.actions.spiking import METHODS
from roforlmao.errors import RoforlmaoError
from roforlmao.ui.charted import chart_lines
from roforlmao.ui.prompter import Back
from roforlmao.ui.screens import Stage
from roforlmao.ui.sheet import Place, Rows, Sheet
from roforlmao.ui.viewer import view

_NUMBERS = (1, 2, 3, 4)  # columns of the table that are aligned to the right


def open_screen(shown: Backtest, stage: Stage) -> None:
    """Until the operator leaves it; each choice judges the series anew."""
    every, place, problem = False, Place(), ""
    while True:
        keys = _keys(shown, every=every)
        pressed = view(stage.questions.frame, _sheet(shown, stage, every, problem), keys, place)
        problem = ""
        if pressed.key == "a":
            every, place = not every, Place()
            continue
        try:
            changed = _choices(shown)[pressed.key](stage)
            shown = stage.again({**_answers(shown), **changed}).view
            place = Place()
        except Back:
            continue
        except RoforlmaoError as error:
            problem = error.message


def _keys(shown: Backtest, *, every: bool) -> Mapping[str, str]:
    keys = {"a": "alarms only" if every else "all runs", "m": "method"}
    if shown.method == "default":
        keys["s"] = "sensitivity"
    if len(shown.metrics) > 1:
        keys["t"] = "metric"
    return keys


def _choices(shown: Backtest) -> Mapping[str, Callable[[Stage], Mapping[str, Any]]]:
    """What each key asks; the answers that it changes."""

    def method(stage: Stage) -> Mapping[str, Any]:
        offered = [Choice(name, name, note) for name, note in METHODS.items()]
        return {"method": stage.questions.select("Method", offered, default=shown.method)}

    def sensitivity(stage: Stage) -> Mapping[str, Any]:
        offered = [Choice(name, name) for name in SENSITIVITIES]
        return {"sensitivity": stage.questions.select("Sensitivity", offered, default=shown.sensitivity)}

    def column(stage: Stage) -> Mapping[str, Any]:
        offered = [Choice(name, name or "(the only one)") for name in shown.metrics]
        every = Choice(None, "All of them", "the worst is told")
        return {"column": stage.questions.select("Metric", [every, *offered], default=shown.column)}

    return {"m": method, "s": sensitivity, "t": column}


def _answers(shown: Backtest) -> Mapping[str, Any]:
    return {"method": shown.method, "sensitivity": shown.sensitivity, "column": shown.column}


def _sheet(shown: Backtest, stage: Stage, every: bool, problem: str) -> Sheet:
    runs = [one for one in shown.named if every or one[1].state == "anomaly"]
    how = shown.method if shown.method != "default" else f"default, sensitivity {shown.sensitivity}"
    of = f" of {shown.column}" if shown.column else ""
    return Sheet(
        f"{shown.title}{of} ({how})",
        [name for name in COLUMNS if name != "state" or every],
        Rows(len(runs), lambda place: _cells(*row(*runs[place]), every=every)),
        right=[number + 1 for number in _NUMBERS] if every else _NUMBERS,
        lines=[problem] if problem else chart_lines(shown.chart, stage.questions.frame),
        empty="No alarm.",
    )


def _cells(run: str, state: str, *rest: str, every: bool) -> list[str]:
    return [run, state, *rest] if every else [run, *rest]
