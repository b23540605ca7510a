"""What a run left that did not succeed may be partial: later syncs leave it out, until it is written anew.

Only for tools that write into the data clone itself; the results of others are collected after success.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from roforlmao.errors import RoforlmaoError
from roforlmao.progress import Progress
from roforlmao.text import one_line

if TYPE_CHECKING:
    from roforlmao.tools.install import Installed

_SHOWN = 5


def sort_out(installed: Installed, started: dt.datetime, progress: Progress, *, succeeded: bool) -> None:
    """Sets aside what a run wrote since it started, or reinstates it after a success.

    What is set aside goes to ``progress.log``. Where git refuses to work in the clone now, it refuses
    every sync as well, and tells why.
    """
    if installed.data_path is None or installed.results != installed.data_path:
        return
    from roforlmao.git import sync

    try:
        if succeeded:
            sync.reinstate(installed.data_path, started.timestamp())
        else:
            _tell(sync.set_aside(installed.data_path, started.timestamp()), progress)
    except RoforlmaoError as error:
        progress.log(f"What the run left is not sorted out: {error.message}")


def _tell(paths: list[str], progress: Progress) -> None:
    if paths:
        shown = ", ".join(one_line(path, 80) for path in paths[:_SHOWN])
        more = " ..." if len(paths) > _SHOWN else ""
        progress.log(f"Left out of later syncs, as it may be partial: {shown}{more}.")
