"""Runs a container tool and kills its own process at a named step: ``killed_container.py HOME STEP DAY``."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from roforlmao.actions.running import run
from roforlmao.app import App
from roforlmao.paths import Home
from roforlmao.progress import Progress

_ENGINE = "docker.APIClient."
STEPS = {
    "before it is created": ("before", _ENGINE + "create_container"),
    "created": ("after", _ENGINE + "create_container"),
    "listened to": ("after", _ENGINE + "attach_socket"),
    "started": ("after", _ENGINE + "start"),
    "exited": ("after", _ENGINE + "wait"),
    "looked at": ("after", _ENGINE + "inspect_container"),
    "recorded": ("before", _ENGINE + "remove_container"),
    "removed": ("after", _ENGINE + "remove_container"),
    "unmarked": ("after", "roforlmao.containers.marks.Mark.remove"),
    "before it is judged": ("before", "roforlmao.runs.pipeline.settle"),
    "judged": ("after", "roforlmao.runs.pipeline.settle"),
    "before the commit": ("before", "roforlmao.git.sync.commit"),
    "before the push": ("before", "roforlmao.git.sync.publish"),
    "before the announcement": ("before", "roforlmao.registry.catalog.Catalog.announce"),
    "announced": ("after", "roforlmao.registry.catalog.Catalog.announce"),
}
"""Each is a moment before or after a call; in this order they come in a run that is published."""


def kill_at(moment: str, place: str) -> None:
    """Wraps the function of that name, so that no clean-up of any kind runs."""
    holder, name = _found(place)
    wrapped: Callable[..., Any] = getattr(holder, name)

    def deadly(*args: object, **kwargs: object) -> object:
        if moment == "after":
            wrapped(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("nobody survives that")

    setattr(holder, name, deadly)


def _found(place: str) -> tuple[Any, str]:
    """The module or class, and the name of what it holds."""
    above, _, name = place.rpartition(".")
    try:
        return importlib.import_module(above), name
    except ModuleNotFoundError:
        module, _, holder = above.rpartition(".")
        return getattr(importlib.import_module(module), holder), name


if __name__ == "__main__":
    home, step, day = sys.argv[1:]
    kill_at(*STEPS[step])
    app = App(Home.locate(None, home, {}), os.environ)
    run(app, Progress(), "dated", "run", (day,), hub="h", date=day, sync=True)
