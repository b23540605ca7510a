"""Tells what becomes of slots: as news to whoever listens, and as notices where somebody must look."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from roforlmao.notices import Notices
from roforlmao.schedule import news
from roforlmao.schedule.news import News
from roforlmao.schedule.slot import Key, Outcome, Slot, Wait
from roforlmao.schedule.slots import FAILURES, FAILURES_TO_PAUSE
from roforlmao.schedule.zones import local_text

FAILURES_TO_NOTIFY = 3


@dataclass
class Teller:
    """``told`` hands news on. Errors: StorageFailed."""

    notices: Notices
    told: Callable[[News], None]
    _short: str = ""
    _waits: dict[Key, str] = field(default_factory=dict)  # what was taken up and not begun, and why

    def taken_up(self, slot: Slot) -> None:
        """A worker has it. One that waited, or is for whoever of a duty comes first, may not be begun."""
        if slot.job.plan.duty:
            self._waits.setdefault(slot.key, "")
        if slot.key not in self._waits:
            self.told(news.about("started", slot, "started."))

    def begun(self, slot: Slot) -> None:
        """Its tool was started; told once, where ``taken_up`` did not."""
        if self._waits.pop(slot.key, None) is not None:
            self.told(news.about("started", slot, "started."))

    def put_back(self, slot: Slot, wait: Wait) -> None:
        """Told when it begins to wait, and when it waits for something else."""
        if self._waits.get(slot.key) != wait.reason:
            others = {key: why for key, why in self._waits.items() if key[0] != slot.job.number}
            self._waits = {**others, slot.key: wait.reason}
            self.told(news.about("waiting", slot, f"waits: {wait.reason}."))

    def left_out(self, slot: Slot, reason: str) -> None:
        """What waited is skipped."""
        self._waits.pop(slot.key, None)
        self.told(news.about("skipped", slot, f"is skipped: {reason}.", count=1, reason=reason))

    def ended(self, slot: Slot, outcome: Outcome, failures: int) -> None:
        """The end of a slot, and what its failures in a row lead to."""
        self._waits.pop(slot.key, None)
        self.told(news.finished(slot, outcome))
        if outcome.state not in FAILURES:
            return
        if failures == FAILURES_TO_NOTIFY:
            text = f"{news.named(slot.job)} failed {failures} times in a row: {outcome.reason}"
            self.notices.add("job", text)
        if failures == FAILURES_TO_PAUSE:
            text = f"is paused: it failed {failures} times in a row. `tool resume {slot.job.id}` goes on."
            told = news.about("paused", slot, text)
            self.notices.add("job", told.text)
            self.told(told)

    def tries_again(self, slot: Slot, outcome: Outcome, later: int) -> None:
        at = local_text(later, slot.job.plan.rule.timezone)
        number = f"{len(slot.earlier) + 1} of {slot.job.plan.retries}"
        text = f"{outcome.state}; try {number} comes at {at}."
        self.told(news.about("retrying", slot, text, state=outcome.state, run=outcome.run, next_try=at))

    def decided(self, slots: Sequence[Slot]) -> None:
        """One line for each job that left slots out, and a notice where its newest will not run."""
        for _, group in itertools.groupby(slots, key=lambda slot: slot.job.number):
            of_job = list(group)
            told = news.not_run(of_job)
            if told is None:
                continue
            self.told(told)
            what_to_do = _what_to_do(of_job[-1])
            if what_to_do:
                self.notices.add("job", f"{told.text} {what_to_do}")

    def not_started(self, slot: Slot, reason: str) -> None:
        """A notice for the first slot only, until there is room again."""
        self.told(news.about("skipped", slot, f"is not started: {reason}.", count=1, reason=reason))
        if not self._short:
            self._short = reason
            text = f"{news.named(slot.job)} is not started: {reason}. It is tried at its next slot."
            self.notices.add("job", text)

    def room_again(self) -> None:
        self._short = ""


def _what_to_do(newest: Slot) -> str:
    if newest.state == "asking":
        return f"`tool catch-up {newest.job.id} run` (or `miss`) answers."
    return f"`tool run-now {newest.job.id}` runs it." if newest.state == "missed" else ""
