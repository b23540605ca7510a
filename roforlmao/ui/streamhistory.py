"""The screen of a stream's history: rows, or what came and went, drawn above the table of versions."""

from __future__ import annotations

from roforlmao.actions.streamhistory import StreamHistory
from roforlmao.actions.streamwords import COLUMNS, row
from roforlmao.errors import RoforlmaoError
from roforlmao.ui.charted import chart_lines
from roforlmao.ui.screens import Stage
from roforlmao.ui.sheet import Place, Rows, Sheet
from roforlmao.ui.viewer import view

_OTHER = {"rows": "names", "names": "rows"}


def open_screen(shown: StreamHistory, stage: Stage) -> None:
    """Until the operator leaves it; the newest version is pointed at first."""
    drawn, problem = 0, ""
    place = Place(row=len(shown.days) - 1)
    while True:
        keys = {"g": f"draw {('changes', 'rows')[drawn]}", "k": f"count {_OTHER[shown.count]}"}
        if shown.directory:
            keys["o"] = "compare with the one before"
        pressed = view(stage.questions.frame, _sheet(shown, stage, drawn, problem), keys, place)
        problem = ""
        if pressed.key == "g":
            drawn = 1 - drawn
        elif pressed.key == "o":
            problem = _compare(shown, stage, pressed.row)
        else:
            try:
                shown = stage.again({"count": _OTHER[shown.count]}).view
            except RoforlmaoError as error:
                problem = error.message


def _compare(shown: StreamHistory, stage: Stage, place: int) -> str:
    """Opens the comparison of a day with the one it was counted against; why that does not go."""
    days = shown.days
    if shown.directory is None or place < 0 or days[place].against is None:
        return "There is nothing before it to compare with."
    before = next(day for day in days if day.date == days[place].against)
    answers = {"old": shown.directory / before.source, "new": shown.directory / days[place].source}
    stage.do("", "compare", answers)
    return ""


def _sheet(shown: StreamHistory, stage: Stage, drawn: int, problem: str) -> Sheet:
    return Sheet(
        shown.title,
        COLUMNS,
        Rows(len(shown.days), lambda place: row(shown.days[place])),
        right=(1, 2, 3, 4),
        lines=[problem] if problem else chart_lines(shown.charts[drawn], stage.questions.frame),
    )
