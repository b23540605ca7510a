"""The screen of the scheduler: jobs, queue, history, what the launcher does by itself; kept up to date."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from roforlmao.actions.base import Choice
from roforlmao.schedule.overview import Overview
from roforlmao.ui.livelog import follow
from roforlmao.ui.overviewsheets import PAGES, PageOf
from roforlmao.ui.prompter import Back
from roforlmao.ui.renewal import Renewal
from roforlmao.ui.screens import Stage
from roforlmao.ui.sheet import Place, Pressed, Sheet
from roforlmao.ui.viewer import view

_ENDINGS = ("succeeded", "failed", "timed-out", "cancelled", "missed", "skipped", "lost", "unknown")
_VERBS = {"r": "run-now", "e": "edit-scheduled", "x": "cancel", "w": "catch-up", "d": "stop"}


def open_screen(shown: Overview, stage: Stage) -> None:
    """Until the operator leaves it."""
    desk = _Desk(shown, stage)
    with Renewal(desk.read, stage.app.error_log) as renewal:
        desk.newest = lambda: renewal.newest or shown
        while True:
            desk.show()


@dataclass
class _Desk:
    """Which page is open, and where the operator is on each."""

    first: Overview
    stage: Stage
    page: int = 0
    tool: str = ""
    state: str = ""
    places: list[Place] = field(default_factory=lambda: [Place() for _ in PAGES])
    newest: Callable[[], Overview] = field(init=False)
    drawn: Overview = field(init=False)

    def __post_init__(self) -> None:
        self.newest, self.drawn = lambda: self.first, self.first

    def read(self) -> Overview:
        """From the ledger; called in a thread of its own."""
        return self.stage.app.overview(self.tool, self.state)

    def show(self) -> None:
        """One page until a key is pressed, and what that key does."""
        page = PAGES[self.page]
        pressed = view(
            self.stage.questions.frame, self._sheet(), page.keys, self.places[self.page], live=self._sheet
        )
        if pressed.key == "tab":
            self.page = (self.page + 1) % len(PAGES)
        elif pressed.key == "f":
            with suppress(Back):
                self._filter()
        elif pressed.key == "u":
            self.stage.do("run", "push-all", {})
        elif pressed.key == "l":
            self._log(page, pressed)
        else:
            self._act(page, pressed)

    def _sheet(self) -> Sheet:
        """As it is now, with the pointer on the record where it was."""
        page, place = PAGES[self.page], self.places[self.page]
        before = page.keys_of(self.drawn)
        self.drawn = self.newest()
        if 0 <= place.row < len(before):
            after = page.keys_of(self.drawn)
            moved = after.index(before[place.row]) - place.row if before[place.row] in after else 0
            place.row, place.top = place.row + moved, max(0, place.top + moved)
        title = f"{page.title} ({self.page + 1} of {len(PAGES)})"
        return page.sheet(self.drawn, title, self.stage.app.now())

    def _filter(self) -> None:
        tools = sorted({job.plan.tool for job, _ in self.drawn.jobs} | {self.tool} - {""})
        ask = self.stage.questions.select
        self.tool = ask("History of", [Choice("", "all tools"), *(Choice(name, name) for name in tools)])
        endings = [Choice("", "however it ended"), *(Choice(name, name) for name in _ENDINGS)]
        self.state = ask("History of what", endings)

    def _log(self, page: PageOf, pressed: Pressed) -> None:
        slot = page.slot(self.drawn, pressed.row)
        if slot is not None:
            follow(slot, self.stage)

    def _act(self, page: PageOf, pressed: Pressed) -> None:
        job = page.job(self.drawn, pressed.row)
        if job is None:
            return
        verb = _VERBS.get(pressed.key) or ("resume" if job.state == "paused" else "pause")
        self.stage.do("tool", verb, {"job": job.id})
