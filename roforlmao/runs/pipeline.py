"""A run up to its verdict, as one readable sequence: prepare, execute, collect, judge."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.anomaly.judging import judge, newest_run
from roforlmao.errors import NotFound, RegistryError, RoforlmaoError
from roforlmao.limits import ContainerLimits
from roforlmao.models import Execution, Run, Sync, Tool
from roforlmao.notices import Notices
from roforlmao.paths import Places
from roforlmao.progress import Progress
from roforlmao.runs.history import History, new_id
from roforlmao.runs.partial import sort_out
from roforlmao.runs.report import report_text
from roforlmao.runs.telling import tell_anomaly
from roforlmao.schema import SpikeMethod

if TYPE_CHECKING:
    from roforlmao.data.markbook import MarkBook
    from roforlmao.registry.catalog import Catalog
    from roforlmao.registry.fence import Fence
    from roforlmao.runs.outbox import Outbox
    from roforlmao.runs.task import Task
    from roforlmao.tools.install import Installed


@dataclass(frozen=True)
class Surroundings:
    """What a run needs of its operator's home; the catalogue is opened only when it is asked.

    Under a ``fence`` it announces only while that claim holds.
    """

    places: Places
    history: History
    notices: Notices
    marks: MarkBook
    catalog: Callable[[], Catalog]
    operator: str
    now: Callable[[], dt.datetime]
    spike_method: SpikeMethod
    containers: ContainerLimits
    environ: Mapping[str, str]
    outbox: Outbox
    fence: Fence | None = None


@dataclass(frozen=True)
class Order:
    """What to run. ``timeout_s`` in seconds, None for no limit; ``trust`` as in ``tools.trust``.

    ``input`` is a directory that the tool may read; ``triggered_by`` names the runs, as
    ``operator/tool``, whose data called for this one, the newest first;
    ``experiment`` is ``name@revision`` of the one that it repeats; ``noted`` hears the run's id when it is in
    the history, before the tool starts.
    """

    tool: str
    command: str | None = None
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = dataclasses.field(default_factory=dict)
    timeout_s: float | None = None
    trust: bool | str = False
    input: Path | None = None
    triggered_by: tuple[str, ...] = ()
    experiment: str = ""
    noted: Callable[[str], None] = lambda _run: None


def execute(order: Order, around: Surroundings, progress: Progress) -> Run:
    """Runs an installed tool and judges what it left; nothing is published.

    The run is in the history before the tool starts, whatever happens later.
    Errors: NotFound, BadInput, Untrusted, Busy, before anything has run.
    """
    from roforlmao.runs.task import task_of
    from roforlmao.tools import install, runlock, trust

    installed = install.get_installed(order.tool, around.places)
    installed = trust.check_trust(installed, _registered(order.tool, around), around.places, order.trust)
    task = task_of(installed, order, around)
    with runlock.running(order.tool, around.places):
        run = _begin(order, task, installed, around)
        try:
            order.noted(run.id)
            progress.start(f"Running {run.tool} {run.command}")
            task.start(run.id, progress, lambda done: record(run, done, installed, around, progress))
            return conclude(around.history.get(run.id), installed, around, progress)
        except BaseException as error:
            reason = error.message if isinstance(error, RoforlmaoError) else ""
            around.history.break_off(run.id, reason)  # the history must not call it running
            raise


def _registered(name: str, around: Surroundings) -> Tool | None:
    """The registry's entry, or None: an installed tool runs without the registry, too."""
    try:
        return around.catalog().tool(name)
    except (RegistryError, NotFound):
        return None


def _begin(order: Order, task: Task, installed: Installed, around: Surroundings) -> Run:
    now = around.now()
    run_id = new_id(now)
    run = Run(
        run_id,
        order.tool,
        installed.kind,
        task.command,
        order.args,
        now.isoformat(timespec="seconds"),
        "running",
        image=installed.image,
        digest=installed.digest,
        commit=installed.commit,
        data_path=str(installed.data_path or ""),
        log=str(around.places.logs / f"{run_id}.log"),
        triggered_by=order.triggered_by,
        experiment=order.experiment,
    )
    around.history.save(run, finished=False)
    return run


def record(run: Run, done: Execution, installed: Installed, around: Surroundings, progress: Progress) -> None:
    """Writes down how the tool ended, once what it left is sorted out; may be repeated after a crash."""
    sort_out(installed, done.started, progress, succeeded=done.state == "succeeded")
    around.history.save(_ended(run, done), finished=False)


def conclude(run: Run, installed: Installed, around: Surroundings, progress: Progress) -> Run:
    """Judges what a run left that has ended, where it succeeded, and closes it."""
    if run.state == "succeeded":
        run = settle(run, installed, around, progress)
    around.history.save(run, finished=True)
    return run


def _ended(run: Run, done: Execution) -> Run:
    ended = {"timed-out": "timed out", "cancelled": "was cancelled"}.get(done.state, done.state)
    reason = "not asked for" if done.state == "succeeded" else f"the run {ended}: {done.reason}"
    return dataclasses.replace(
        run,
        state=done.state,
        exit_code=done.exit_code,
        finished=done.finished.isoformat(timespec="seconds"),
        duration_s=round((done.finished - done.started).total_seconds(), 3),
        sync=Sync("skipped", reason=reason),
    )


def settle(run: Run, installed: Installed, around: Surroundings, progress: Progress) -> Run:
    """Brings what the run left to the data clone and judges it; may be repeated after a crash."""
    from roforlmao.series.aftermath import since_last_good
    from roforlmao.tools.collect import collect

    collect(installed, progress)
    directory = installed.data_path or installed.results
    how = (directory, around.spike_method, around.now().date(), around.marks.of(directory))
    if run.verdict is None:
        run = dataclasses.replace(run, verdict=judge(*how), judged=newest_run(*how[:2]))
        tell_anomaly(run, around.notices)
    odd = run.verdict is not None and run.verdict.state == "anomaly"
    changes = since_last_good(*how, progress) if odd else []
    return dataclasses.replace(run, report=report_text(run, changes))
