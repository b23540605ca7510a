"""An operator says what an anomaly is; the next verdicts follow it, and peers see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from roforlmao.actions import parse
from roforlmao.actions.base import Action, Answers, Choice, Parameter, Report
from roforlmao.actions.publishing import last_hub_of
from roforlmao.actions.spiking import must_exist
from roforlmao.errors import BadInput, NotFound, RegistryError
from roforlmao.models import Mark, MarkKind, Run, as_json
from roforlmao.progress import Progress
from roforlmao.text import one_line

if TYPE_CHECKING:
    from roforlmao.anomaly.readings import Reading
    from roforlmao.app import App

Said = MarkKind | Literal["none"]
_MEANINGS: Mapping[Said, str] = {
    "real": "the value is right; it is not learned, and what repeats it is quiet",
    "known-change": "the new level, at once",
    "bad-run": "left out: nothing is judged by it",
    "none": "takes the mark back",
}
_LISTED = 200  # runs of the history that a menu looks through
_METRICS = 8  # whose values a mark keeps


def acknowledge(
    app: App,
    _progress: Progress,
    target: str,
    kind: Said,
    note: str | None = None,
    date: str | None = None,
) -> Report:
    from roforlmao.anomaly.judging import judge_source
    from roforlmao.data.markbook import series_of

    run = app.history.find(target)
    path = _place(app, run) if run else parse.path(target)
    must_exist(path)
    reading = _chosen(path, run, date)
    series = series_of(path)
    if kind == "none":
        if reading.name not in app.marks.of(path):
            raise NotFound(f"{one_line(reading.name, 100)} is not marked.", "`spike marks` shows what is.")
        app.marks.set(series, reading.name, None)
    else:
        app.marks.set(series, reading.name, _mark(app, kind, note or "", reading), _hub(app, run, path))
        _read_notice(app, run)
    told = _tell(app) if series.shared else "Only this machine has it: the data is in no clone of a remote."
    verdict = judge_source(path, app.config.spike_method, None, app.now().date(), app.marks.of(path))
    said = f"marked as {_words(kind)}" if kind != "none" else "no longer marked"
    lines = [
        f"{one_line(reading.name, 100)} is {said}. {told}".rstrip(),
        f"Verdict on the newest run: {verdict.state}. {one_line(verdict.reason)}",
    ]
    document = {
        "series": series.name,
        "run": reading.name,
        "as": kind if kind != "none" else None,
        "note": note or "",
        "told": not told,
    }
    return Report({**document, "verdict": as_json(verdict)}, lines=lines)


def _place(app: App, run: Run) -> Path:
    """Where the run was judged. Errors: NotFound for a tool without a data repository that is gone."""
    from roforlmao.tools.install import get_installed

    return Path(run.data_path) if run.data_path else get_installed(run.tool, app.places).results


def _marks_of(app: App, run: Run) -> Mapping[str, Mark]:
    try:
        return app.marks.of(_place(app, run))
    except NotFound:
        return {}


def _words(kind: str) -> str:
    return kind.replace("-", " ")


def _chosen(path: Path, run: Run | None, date: str | None) -> Reading:
    """The reading that is meant: of the date, of the run, or the newest. Errors: NotFound, BadInput."""
    from roforlmao.anomaly.judging import readings_of

    readings = readings_of(path)
    if not readings:
        raise NotFound(f"There is nothing to judge in {path}.", "It should hold control-*.csv files.")
    if date or (run and not run.judged):  # one of an older launcher
        day = date or (run.started[:10] if run else "")
        found = [one for one in readings if one.day and one.day.isoformat() == day]
    else:
        found = [one for one in readings if run is None or one.name == run.judged]
    if not found:
        meant = date or (run.judged or run.started[:10] if run else "")
        raise NotFound(
            f"{path} holds no run {one_line(meant, 100)} any more.", "Name another day: --date DAY"
        )
    return found[-1]


def _mark(app: App, kind: MarkKind, note: str, reading: Reading) -> Mark:
    values = dict(list(reading.values.items())[:_METRICS])
    known = [value for value in values.values() if value is not None]
    if kind != "bad-run" and not known:
        raise BadInput(
            f"{one_line(reading.name, 100)} holds no number that could be {_words(kind)}.",
            "Mark it as a bad run: --as bad-run",
        )
    if kind == "known-change" and not any(known):
        raise BadInput("0 can be no level to judge by.", "Mark it as real, or as a bad run.")
    return Mark(kind, note, app.now().isoformat(timespec="seconds"), values)


def _hub(app: App, run: Run | None, path: Path) -> str:
    """What the data is about, as far as it is known: peers who collect for the same hub hear of the mark."""
    if run is not None:
        return app.wishes.hub_of(run.id) or last_hub_of(app, run.tool)
    own = path.parent.resolve() == app.places.data.resolve()
    return app.state.remembered(f"hub of {path}") or (last_hub_of(app, path.name) if own else "")


def _read_notice(app: App, run: Run | None) -> None:
    """Whoever says what an anomaly is has read of it."""
    for notice in app.notices.newest() if run else ():
        if run and notice.kind == "anomaly" and f"Run {run.id} " in notice.text:
            app.notices.acknowledge(notice.id)


def _tell(app: App) -> str:
    """Nothing where peers see it; else what happens instead."""
    try:
        app.marks.tell(app.catalog)
    except RegistryError as error:
        return f"Kept here; peers see it once the registry answers ({error.message})"
    return ""


def _kind(text: str) -> Said:
    for name in _MEANINGS:
        if text == name:
            return name
    raise BadInput(f"'{one_line(text, 40)}' is not what a run can be.", f"One of {', '.join(_MEANINGS)}.")


def _odd_runs(app: App, _answers: Answers) -> Sequence[Choice]:
    """Runs that were judged an anomaly, with what they are marked as."""
    found = [
        run for run in app.history.newest(limit=_LISTED) if run.verdict and run.verdict.state == "anomaly"
    ]
    marks = {run.tool: _marks_of(app, run) for run in found}
    return [
        Choice(run.id, f"{run.started[:16]}  {run.tool}", _noted(run, marks[run.tool].get(run.judged)))
        for run in found
    ]


def _noted(run: Run, mark: Mark | None) -> str:
    reason = one_line(run.verdict.reason, 100) if run.verdict else ""
    return f"marked as {mark.words}" if mark else reason


def _kinds(app: App, answers: Answers) -> Sequence[Choice]:
    run = app.history.find(answers["target"])
    marked = run is not None and run.judged in _marks_of(app, run)
    return [Choice(name, name, text) for name, text in _MEANINGS.items() if name != "none" or marked]


ACTIONS = (
    Action(
        "spike",
        "ack",
        "Say what an anomaly is",
        acknowledge,
        (
            Parameter(
                "target",
                "the run, or a data directory for its newest run",
                parse.line,
                metavar="RUN|PATH",
                choices=_odd_runs,
            ),
            Parameter(
                "kind",
                "real, known-change (a new level), bad-run (left out), or none to take it back",
                _kind,
                "option",
                spelled="as",
                metavar="real|known-change|bad-run|none",
                choices=_kinds,
            ),
            Parameter(
                "note",
                "why, in one line; peers read it",
                parse.line,
                "option",
                False,
                metavar="TEXT",
                when=lambda answers: answers["kind"] != "none",
            ),
            Parameter("date", "the run of this day", parse.date, "option", False, metavar="DAY", asked=False),
        ),
        help="Says what an anomaly is: the next verdicts follow it, and peers read the note. A mark holds "
        "for the values that were there: a new run of the same day is judged afresh.",
    ),
)
