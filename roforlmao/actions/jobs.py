"""What can be done with jobs that there are: list, pause, resume, stop, run now, end, answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from roforlmao.actions import parse
from roforlmao.actions.base import Action, Answers, Choice, Parameter, Report
from roforlmao.progress import Progress
from roforlmao.schedule import wording
from roforlmao.schedule.rules import describe
from roforlmao.text import one_line

if TYPE_CHECKING:
    from roforlmao.app import App
    from roforlmao.schedule.jobs import Job


COLUMNS = ("id", "tool", "rule", "next run", "last run", "outcome", "missed")


def list_scheduled(app: App, _progress: Progress) -> Report:
    from roforlmao.schedule.documents import document

    jobs, last = app.jobs.all(), app.jobs.last_runs()
    documents = [document(job, last.get(job.number)) for job in jobs]
    rows = [job_row(job, found) for job, found in zip(jobs, documents, strict=True)]
    return Report(documents, "Scheduled jobs", COLUMNS, rows)


def job_row(job: Job, found: Mapping[str, Any]) -> list[str]:
    """A job as a row of ``COLUMNS``, from what programs get of it."""
    return [
        job.id,
        job.plan.tool,
        describe(job.plan.rule),
        found["next_run"] or job.state,
        found["last_run"] or "",
        found["last_state"] or "",
        str(job.missed or ""),
    ]


def stop(app: App, _progress: Progress, job: str) -> Report:
    return changed(app, app.jobs.stop(app.jobs.find(job)), "is stopped for good")


def pause(app: App, _progress: Progress, job: str) -> Report:
    return changed(app, app.jobs.pause(app.jobs.find(job)), "is paused")


def resume(app: App, _progress: Progress, job: str) -> Report:
    found = app.jobs.find(job)
    if found.state == "paused":
        found = app.jobs.resume(found, app.now())
    return changed(app, found, "goes on")


def run_now(app: App, _progress: Progress, job: str) -> Report:
    found = app.jobs.find(job)
    app.wishes.run_now(found, app.now())
    return changed(app, found, f"runs now, beside its rule; {_who_fires(app)}")


def cancel(app: App, _progress: Progress, job: str) -> Report:
    found = app.jobs.find(job)
    ended = app.wishes.cancel(found)
    what = "is told to end" if ended[0].state == "running" else "does not run this time"
    return changed(app, found, what)


def catch_up(app: App, _progress: Progress, job: str, answer: str) -> Report:
    found = app.jobs.find(job)
    app.wishes.answer(found, run=answer == "run", now=app.now())
    told = f"runs what it missed; {_who_fires(app)}" if answer == "run" else "leaves that slot missed"
    return changed(app, found, told)


def changed(app: App, job: Job, what: str) -> Report:
    """The job, and a line that says what became of it."""
    from roforlmao.schedule.documents import document

    found = document(job, app.jobs.last_run(job))
    following = f"; next {found['next_run']}" if found["next_run"] else ""
    return Report(found, lines=[f"Job {job.id} ({job.plan.tool}) {what}{following}."])


def _who_fires(app: App) -> str:
    holder = app.turn.holder()
    return f"{holder} fires" if holder else "no launcher fires at the moment: it waits for one"


def job_parameter(*states: str, asking: bool = False) -> Parameter:
    """A job in one of these states, or (``asking``) one with a slot that waits for a word."""

    def jobs(app: App, _answers: Answers) -> Sequence[Choice]:
        asked = {slot.job.id for slot in app.wishes.open() if slot.state == "asking"}
        return [
            Choice(job.id, f"{job.id}  {job.plan.tool}", one_line(describe(job.plan.rule), 60))
            for job in app.jobs.all()
            if job.state in states and (not asking or job.id in asked)
        ]

    return Parameter("job", "the job's id, or its tool", parse.line, metavar="NAME|JOB", choices=jobs)


def _answers(_app: App, _given: Answers) -> Sequence[Choice]:
    return [Choice("run", "run it now"), Choice("miss", "leave it missed")]


_ALIVE = ("active", "paused")

ACTIONS = (
    Action("tool", "list-scheduled", "Scheduled jobs", list_scheduled),
    Action("tool", "run-now", "Run a job now", run_now, (job_parameter(*_ALIVE),)),
    Action("tool", "pause", "Pause a job", pause, (job_parameter("active"),)),
    Action("tool", "resume", "Resume a job", resume, (job_parameter("paused"),)),
    Action("tool", "stop", "Stop a job", stop, (job_parameter(*_ALIVE),), destructive=True),
    Action("tool", "cancel", "End what a job runs now", cancel, (job_parameter(*_ALIVE),), destructive=True),
    Action(
        "tool",
        "catch-up",
        "Answer for a missed slot",
        catch_up,
        (
            job_parameter(*_ALIVE, asking=True),
            Parameter("answer", "run or miss", wording.parse_answer, metavar="run|miss", choices=_answers),
        ),
    ),
)
