"""Runs a container tool: its image with its data, input, limits and secrets."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from roforlmao.containers import marks, secrets
from roforlmao.containers import plan as labels
from roforlmao.containers.engine import connect
from roforlmao.containers.execute import Setting, execute
from roforlmao.containers.plan import Plan
from roforlmao.errors import NotFound, StorageFailed
from roforlmao.limits import Limits
from roforlmao.models import Execution
from roforlmao.paths import Places, make_directory
from roforlmao.progress import Progress
from roforlmao.tools.records import Installed
from roforlmao.tools.variables import INPUT_VARIABLE

DEFAULT_COMMAND = "run"
"""The name of what an image does without being told; any other word is the image's to understand."""
_ROOM = 50_000_000  # bytes that must be free for results and log


@dataclass(frozen=True)
class Ready:
    """A container tool that can be started; what had to be there is there, secrets are read."""

    installed: Installed
    words: tuple[str, ...]
    data: Path
    input: Path | None
    env: Mapping[str, str]
    limits: Limits
    environ: Mapping[str, str] = field(repr=False)
    secrets: Mapping[str, str] = field(repr=False)


def words_of(command: str | None, args: tuple[str, ...]) -> tuple[str, ...]:
    """What the image is told: nothing by default, else the words as they were given."""
    return args if command in (None, DEFAULT_COMMAND) else (command or "", *args)


def prepare(
    installed: Installed,
    words: tuple[str, ...],
    places: Places,
    limits: Limits,
    environ: Mapping[str, str],
    *,
    env: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> Ready:
    """Looks before anything runs; ``directory`` is the input dataset.

    Errors: NotFound (data clone or input gone), StorageFailed (no room), BadInput (a secret).
    """
    data = _data_directory(installed)
    if directory is not None and not directory.is_dir():
        raise NotFound(
            f"There is no input dataset at {directory}.", "`dataset list-local` shows what is here."
        )
    for place in (data, make_directory(places.logs)):
        _check_room(place)
    values = secrets.read(limits.secrets, environ)
    return Ready(installed, words, data, directory, dict(env or {}), limits, environ, values)


def run(
    ready: Ready,
    run_id: str,
    places: Places,
    progress: Progress,
    *,
    owner: str,
    timeout: float | None,
    ended: Callable[[Execution], None],
) -> Execution:
    """Runs it to its end; ``timeout`` is in seconds, ``owner`` names this process in the labels.

    ``ended`` is told how it ended before the container is removed.

    Errors: EngineFailed and its kin, ToolFailed, Busy, StorageFailed, before anything has run.
    """
    as_files = {name for name, source in ready.limits.secrets.items() if source.as_file}
    in_files = {name: value for name, value in ready.secrets.items() if name in as_files}
    with secrets.as_files(in_files, run_id) as files:
        plan = Plan(
            name=container_name(ready.installed.name, places),
            image=ready.installed.pinned,
            words=ready.words,
            data=ready.data,
            limits=ready.limits,
            labels=_labels(ready.installed.name, run_id, places, owner, timeout),
            env=_environment(ready, as_files),
            input=ready.input,
            secret_files=files,
        )
        setting = Setting(
            connect=lambda: connect(ready.environ),
            log=places.logs / f"{run_id}.log",
            mark=marks.mark(run_id, ready.installed.name, places),
            timeout_s=timeout,
            secrets=ready.secrets.values(),
            ended=ended,
        )
        return execute(plan, setting, progress)


def container_name(tool: str, places: Places) -> str:
    """One for each tool of a home: the engine itself then refuses a second one at the same time."""
    home = hashlib.sha256(os.fsencode(places.state)).hexdigest()[:8]
    return f"roforlmao-{home}-{tool}"


def _data_directory(installed: Installed) -> Path:
    """The data repository's clone or, for a tool without one, a directory of its own."""
    if installed.data_path is None:
        return make_directory(installed.results)
    if not (installed.data_path / ".git").is_dir():
        raise NotFound(
            f"The data clone of '{installed.name}' is gone from {installed.data_path}.",
            f"Bring it back: `tool update {installed.name}`.",
        )
    return installed.data_path


def _check_room(place: Path) -> None:
    free = shutil.disk_usage(place).free
    if free < _ROOM:
        raise StorageFailed(
            f"The disk of {place} is nearly full: {free / 1e6:,.0f} MB are free.",
            f"Free some space there first: {_ROOM / 1e6:,.0f} MB at least.",
        )


def _environment(ready: Ready, as_files: set[str]) -> dict[str, str]:
    given = {name: value for name, value in ready.secrets.items() if name not in as_files}
    directory = {INPUT_VARIABLE: labels.INPUT} if ready.input else {}
    return {**directory, **ready.env, **given}


def _labels(tool: str, run_id: str, places: Places, owner: str, timeout: float | None) -> dict[str, str]:
    return {
        labels.RUN_LABEL: run_id,
        labels.TOOL_LABEL: tool,
        labels.HOME_LABEL: str(places.state.parent),
        labels.OWNER_LABEL: owner,
        labels.HOST_LABEL: socket.gethostname(),
        labels.END_LABEL: "" if timeout is None else f"{time.time() + timeout:.0f}",
    }
