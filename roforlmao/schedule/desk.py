"""What the scheduler has of its home."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from roforlmao.notices import Notices
from roforlmao.schedule.due import CatchUp
from roforlmao.schedule.listener import Listener
from roforlmao.schedule.pool import Work
from roforlmao.schedule.slot import Outcome
from roforlmao.schedule.slots import Slots

LOST = Outcome("lost", reason="its launcher ended in the middle")


@dataclass(frozen=True)
class Desk:
    """What the scheduler needs of its home; ``limit_s`` in seconds, see ``Pool``.

    ``short_of_room`` says why the disk has no room for a run, or nothing; ``routines`` is called with
    each tick. ``listener`` makes what calls for slots of event jobs, once it is this launcher's turn;
    ``ended`` is called when that is over.
    ``fate`` says what became of the run of a launcher that died, None while its container still runs.
    """

    slots: Slots
    notices: Notices
    locks: Path
    error_log: Path
    now: Callable[[], dt.datetime]
    work: Work
    recover: Callable[[], None]
    workers: int = 2
    catch_up: CatchUp = field(default_factory=CatchUp)
    keep: int = 1000
    limit_s: float = 86400.0
    patience_s: float = 60.0
    short_of_room: Callable[[], str] = str
    routines: Callable[[], None] = lambda: None
    listener: Callable[[], Listener | None] = lambda: None
    ended: Callable[[], None] = lambda: None
    fate: Callable[[str], Outcome | None] = lambda _run: LOST
