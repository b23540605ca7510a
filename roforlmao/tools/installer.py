"""Runs a tool's installer in an environment of the tool's own."""

from __future__ import annotations

import datetime as dt

from roforlmao.errors import Cancelled, ToolFailed
from roforlmao.paths import Places
from roforlmao.progress import Progress
from roforlmao.text import one_line
from roforlmao.tools import environment, script
from roforlmao.tools.argv import installer_argv
from roforlmao.tools.model import Definition
from roforlmao.tools.variables import minimal

TIMEOUT = 3600.0
"""Seconds."""


def run_installer(definition: Definition, places: Places, progress: Progress) -> None:
    """Builds the environment and runs the installer in the tool's clone; without one does nothing.

    Its log stays. Errors: ToolFailed with the last line that it printed, Cancelled, BadInput,
    StorageFailed.
    """
    if definition.installer is None:
        environment.remove(definition.name, places)
        return
    directory = places.tools / definition.name
    argv = installer_argv(definition.installer, directory)
    progress.checkpoint()
    progress.start("Running the installer")
    programs = environment.build(definition.name, places)
    progress.checkpoint()
    log = places.logs / f"install-{definition.name}-{dt.datetime.now(dt.UTC):%Y%m%d-%H%M%S-%f}.log"
    done = script.run(
        argv, cwd=directory, env=minimal(programs=programs), log=log, progress=progress, timeout=TIMEOUT
    )
    if done.state == "cancelled":
        raise Cancelled("Stopped.")
    if done.state != "succeeded":
        last = next((line for line in reversed(done.tail.splitlines()) if line.strip()), "")
        said = f" It said last: {one_line(last, 200)}" if last else ""
        raise ToolFailed(
            f"The installer of '{definition.name}' failed. {done.reason}{said}", f"Its log: {log}"
        )
