"""A run in words: as a row of the history, in brief, and with its whole report."""

from __future__ import annotations

from pathlib import Path

from roforlmao.actions.announcing import WAITS
from roforlmao.actions.base import FollowUp, Report
from roforlmao.errors import NotFound
from roforlmao.models import Run, Sync, as_json
from roforlmao.runs.report import changes_in
from roforlmao.text import counted, one_line

COLUMNS = ("id", "tool", "state", "duration", "rows", "verdict", "sync")
_LAST_BYTES, _LAST_LINES = 4_000, 5
_EXITS = {"succeeded": 0, "failed": 3, "timed-out": 3, "lost": 3, "cancelled": 130, "running": 3}


def row(run: Run) -> list[str]:
    duration = "" if run.duration_s is None else f"{run.duration_s:.1f} s"
    rows = "" if run.rows is None else f"{run.rows:,}"
    verdict = run.verdict.state if run.verdict else ""
    return [run.id, run.tool, run.state, duration, rows, verdict, run.sync.state if run.sync else ""]


def run_report(run: Run, *, fail_on_anomaly: bool = False, follow_up: FollowUp | None = None) -> Report:
    """The report of a run that has just ended; its exit status is the interface's."""
    status = _EXITS[run.state]
    if status == 0 and fail_on_anomaly and run.verdict and run.verdict.state == "anomaly":
        status = 1
    lines = _lines(run)
    said = lines[:-1] if follow_up else lines  # what becomes of the sync is just being asked
    brief = [*said, *changes_in(run.report)]
    return Report(
        as_json(run),
        lines=[*lines, *run.report.splitlines()],
        brief=brief,
        warnings=warnings_of(run),
        exit_status=status,
        follow_up=follow_up,
    )


def warnings_of(run: Run) -> list[str]:
    """That its announcement waits, where it does."""
    return [WAITS] if run.sync is not None and run.sync.waits else []


def past_run(run: Run) -> Report:
    """A run of the history, with all that was said of it."""
    return Report(as_json(run), lines=[*_lines(run), *run.report.splitlines()])


def _lines(run: Run) -> list[str]:
    exit_code = f" with exit code {run.exit_code}" if run.exit_code else ""
    took = "" if run.duration_s is None else f" after {run.duration_s:.1f} s"
    lines = [f"Run {run.id}: {run.tool} {run.command} {run.state}{exit_code}{took}."]
    if run.verdict:
        lines.append(f"Verdict: {run.verdict.state}. {run.verdict.reason}")
    lines += [*_last_words(run), f"Log: {run.log}"]
    return [*lines, sync_line(run)] if run.sync else lines


def sync_line(run: Run) -> str:
    sync = run.sync or Sync("skipped")
    if sync.state == "pushed":
        rows = "" if run.rows is None else f"{counted(run.rows, 'row')} "
        announced = f"announced as {sync.key}" if sync.key else "not announced"
        announced = "the announcement waits for the registry" if sync.waits else announced
        left_out = f"; {one_line(sync.reason, 300)}" if sync.reason else ""
        return f"Published: {rows}as {sync.commit[:12]}, {announced}{left_out}."
    return f"Published: no ({sync.state}: {one_line(sync.reason, 300).removesuffix('.')})."


def _last_words(run: Run) -> list[str]:
    """The end of the log of a run that failed, where the reason mostly stands."""
    from roforlmao.runs.logs import read_log

    if run.state not in ("failed", "timed-out"):
        return []
    try:
        said = [line for line in read_log(Path(run.log), _LAST_BYTES).splitlines() if line.strip()]
    except NotFound:
        return []
    return (
        ["The end of its log:", *(f"  {one_line(line, 200)}" for line in said[-_LAST_LINES:])] if said else []
    )
