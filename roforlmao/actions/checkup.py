"""The check-up: what on this machine stands in the way, and how to mend it."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from roforlmao.actions.lastknown import moment
from roforlmao.errors import EngineFailed, RegistryError, RoforlmaoError
from roforlmao.paths import make_directory
from roforlmao.progress import Progress
from roforlmao.text import counted, one_line

if TYPE_CHECKING:
    from roforlmao.app import App

_ENOUGH_DISK = 200_000_000
_THIS_WAS_WRITTEN = 1_790_000_000  # a clock before that is wrong
_OLDEST_GIT = (2, 31)  # the first with `git maintenance` and safe GIT_CONFIG_COUNT


@dataclass(frozen=True)
class Check:
    """One line of the check-up."""

    check: str
    ok: bool
    detail: str
    hint: str = ""


def checks(app: App, progress: Progress) -> Sequence[Check]:
    """All checks in order; each one ends by itself."""
    found = []
    for look in (
        _configuration,
        _git,
        _engine,
        _registry,
        _name,
        _outbox,
        _disk,
        _history,
        _clock,
        _terminal,
    ):
        progress.checkpoint()
        progress.start(f"Checking {look.__name__.strip('_')}")
        found.append(_careful(look, app))
    return found


def _careful(look: Callable[[App], Check], app: App) -> Check:
    try:
        return look(app)
    except RoforlmaoError as error:
        return Check(look.__name__.strip("_"), False, error.message, error.hint)


def _configuration(app: App) -> Check:
    where = app.home.config if app.home.config.exists() else "the shipped defaults (`init` makes your own)"
    return Check("configuration", True, f"{where}; operator {app.operator}; home {app.home.root}")


def _git(_app: App) -> Check:
    try:
        done = subprocess.run(["git", "--version"], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        return Check("git", False, f"git does not run ({error}).", "Install git.")
    words = done.stdout.split()
    version = tuple(int(part) for part in words[2].split(".")[:2]) if len(words) > 2 else (0, 0)
    hint = f"Install git {'.'.join(map(str, _OLDEST_GIT))} or newer."
    return Check("git", version >= _OLDEST_GIT, one_line(done.stdout), hint)


def _engine(app: App) -> Check:
    """Not having one is no failure until a container tool is installed."""
    from roforlmao.containers.engine import connect
    from roforlmao.tools.install import installed

    needed = [tool.name for tool in installed(app.places) if tool.kind == "container"]
    try:
        with connect(app.environ) as engine:
            about, where = engine.about, engine.where
    except EngineFailed as error:
        who = f"Needed by {', '.join(needed)}." if needed else "No installed tool needs one."
        return Check("engine", not needed, f"{error.message} {who}", error.hint)
    elsewhere = "" if engine.is_here else "; if that is another machine, its containers cannot see your data"
    return Check("engine", True, f"{about.name} {about.version} (API {about.api}) at {where}{elsewhere}")


def _registry(app: App) -> Check:
    health = app.remembered.health()
    hint = health.hint or (_foreign(app) if health.ok else "")
    known = f" Shown is what was known at {moment(health.known_at, app.now())}." if health.known_at else ""
    return Check("registry", health.ok, f"{app.config.backend}: {health.detail}{known}", hint)


def _foreign(app: App) -> str:
    """What lies in the federation's namespace and is no launcher's."""
    if app.config.backend != "etcd":
        return ""
    from roforlmao.registry.etcd_look import foreign_keys

    namespace = app.config.namespace
    found = foreign_keys(app.config.etcd, app.home.root, namespace)
    if not found:
        return ""
    return (
        f"Something else keeps {counted(found, 'key')} below {namespace}: choose another registry.namespace."
    )


def _name(app: App) -> Check:
    """Whether the operator's name is theirs; another operator who has it is told as the failure."""
    try:
        app.check_name()
    except RegistryError:
        return Check("name", True, f"{app.operator}; who else is there is not known at the moment")
    return Check("name", True, f"nobody else is there as {app.operator}")


def _outbox(app: App) -> Check:
    waiting = app.outbox.all()
    if not waiting:
        return Check("outbox", True, "nothing waits to be announced")
    first = waiting[0]
    detail = f"{counted(len(waiting), 'announcement')}, the first since {first.since}: {first.letter.subject}"
    hint = "An open launcher delivers them when the registry answers; at once: `outbox deliver`."
    return Check("outbox", False, detail, hint)


def _disk(app: App) -> Check:
    for directory in (app.places.state, app.places.imports, app.places.work):
        make_directory(directory)
        try:
            with tempfile.TemporaryFile(dir=directory) as handle:
                handle.write(b"x" * 4096)
        except OSError as error:
            return Check(
                "disk", False, f"Cannot write {directory}: {error.strerror}.", "Free space, or --home."
            )
    free = min(shutil.disk_usage(path).free for path in (app.places.state, app.places.imports))
    detail = f"{free / 1e9:.1f} GB free below {app.home.root}"
    return Check("disk", free >= _ENOUGH_DISK, detail, "Free some space before the next run.")


def _history(app: App) -> Check:
    lost = [run for run in app.history.newest() if run.state == "lost"]
    detail = f"readable; {counted(len(lost), 'lost run')} among the last 50"
    return Check("history", True, detail)


def _clock(app: App) -> Check:
    newest = app.history.newest(limit=1)
    ahead = bool(newest) and dt.datetime.fromisoformat(newest[0].started) > app.now()
    wrong, told = _against_cluster(app)
    ok = time.time() > _THIS_WAS_WRITTEN and not ahead and not wrong
    hint = "Set the clock (timedatectl set-ntp true): dates name your snapshots."
    return Check("clock", ok, f"{app.now().isoformat(timespec='seconds')}{told}", hint)


def _against_cluster(app: App) -> tuple[bool, str]:
    """Whether this clock is wrong by those of the registry's members, and what they say."""
    if app.config.backend != "etcd":
        return False, ""
    from roforlmao.federation import clocks

    ahead = clocks.measure(app.config.etcd, app.home.root)
    if not ahead:
        return False, "; no member of the cluster tells the time"
    here = clocks.wrong_here(ahead)
    told = here or clocks.wrong_there(ahead) or f"as {counted(len(ahead), 'member')} of the cluster have it"
    return bool(here), f"; {told}"


def _terminal(_app: App) -> Check:
    size = shutil.get_terminal_size()
    kind = os.environ.get("TERM", "none")
    detail = f"{size.columns}x{size.lines}, TERM={kind}, Python {sys.version.split()[0]}"
    return Check("terminal", True, detail)
