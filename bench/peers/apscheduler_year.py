"""APScheduler 3 through a year that `bench/schedule_year.py` describes; runs under a Python that has it.

Reads jobs, spans in which the machine is up, and steps of its clock as JSON; writes what fired and what
it reported as missed. Its clock is the simulated one; triggers, job store (SQLite) and executor are its own.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import tempfile
from typing import Any

import apscheduler.executors.base as executors  # type: ignore[import-not-found,unused-ignore]
import apscheduler.schedulers.base as schedulers  # type: ignore[import-not-found,unused-ignore]
from apscheduler.events import (  # type: ignore[import-not-found,unused-ignore]
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MISSED,
)
from apscheduler.jobstores.sqlalchemy import (  # type: ignore[import-not-found,unused-ignore]
    SQLAlchemyJobStore,
)
from apscheduler.triggers.cron import CronTrigger  # type: ignore[import-not-found,unused-ignore]

GRACE_S = 6 * 3600
YEAR: dict[str, Any] = json.load(sys.stdin)
FIRED: list[tuple[str, int, int]] = []
MISSED: list[tuple[str, int]] = []
REAL = 0.0


def shown() -> float:
    """What the machine's clock shows."""
    return REAL + sum(float(hours) * 3600 for at, hours in YEAR["steps"] if at <= REAL)


class Clock(dt.datetime):
    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> Clock:
        return cls.fromtimestamp(shown(), tz)


schedulers.datetime = Clock
executors.datetime = Clock


class Inline(executors.BaseExecutor):  # type: ignore[misc,unused-ignore]
    """Its own way to run a job, without a thread."""

    def _do_submit_job(self, job: Any, run_times: list[dt.datetime]) -> None:
        self._run_job_success(job.id, executors.run_job(job, "default", run_times, self._logger.name))


class ByHand(schedulers.BaseScheduler):  # type: ignore[misc,unused-ignore]
    """Its own loop, driven by the simulated clock."""

    def wakeup(self) -> None: ...

    def shutdown(self, wait: bool = True) -> None:
        super().shutdown(wait)

    def process(self) -> float | None:
        wait: float | None = self._process_jobs()
        return wait


def fire() -> None: ...


def heard(event: Any) -> None:
    at = int(event.scheduled_run_time.timestamp())
    if event.code == EVENT_JOB_EXECUTED:
        FIRED.append((event.job_id, at, int(shown())))
    else:
        MISSED.append((event.job_id, at))


def trigger(job: dict[str, Any]) -> Any:
    zone = job["timezone"]
    if job["kind"] == "cron":
        return CronTrigger.from_crontab(job["cron"], zone)
    hour, minute = job["at"].split(":")
    days: dict[str, Any] = {}
    if job["kind"] == "weekly":
        days = {"day_of_week": job["on"]}
    if job["kind"] == "monthly":
        days = {"day": "last" if job["on"] == 31 else job["on"]}
    return CronTrigger(hour=hour, minute=minute, timezone=zone, **days)


def main() -> None:
    global REAL  # noqa: PLW0603 (the clock of this simulation)
    with tempfile.TemporaryDirectory() as place:
        url = f"sqlite:///{place}/jobs.sqlite"
        REAL = YEAR["spans"][0][0]
        for number, (begin, end) in enumerate(YEAR["spans"]):
            REAL = begin
            one = ByHand(timezone="UTC", executors={"default": Inline()})
            one.add_jobstore(SQLAlchemyJobStore(url))
            one.add_listener(heard, EVENT_JOB_EXECUTED | EVENT_JOB_MISSED)
            one.start()
            for job in YEAR["jobs"] if number == 0 else ():
                options = {"id": job["id"], "misfire_grace_time": GRACE_S, "coalesce": True}
                one.add_job("__main__:fire", trigger(job), **options)
            while end >= REAL:
                wait = one.process()
                REAL += max(0.001, wait if wait is not None else end)
            one.shutdown()
    json.dump({"fired": FIRED, "missed": MISSED}, sys.stdout)


main()
