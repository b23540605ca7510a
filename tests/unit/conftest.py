"""What several unit tests share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from roforlmao.notices import Notices
from roforlmao.schedule.desk import Desk
from roforlmao.schedule.jobs import Jobs
from roforlmao.schedule.pool import RunProgress
from roforlmao.schedule.slot import Outcome, Slot
from roforlmao.schedule.slots import Slots
from roforlmao.state import State
from tests.unit.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with closing(State(tmp_path / "launcher.sqlite")) as state:

        def work(slot: Slot, progress: RunProgress) -> Outcome:
            return made.calls[slot.job.plan.tool](progress)

        def nothing() -> None: ...

        desk = Desk(
            Slots(state),
            Notices(state),
            tmp_path / "locks",
            tmp_path / "errors.log",
            lambda: made.now,
            work,
            nothing,
        )
        made = House(desk, Jobs(state), state)
        yield made
        if made.scheduler:
            made.scheduler._hand_over()
