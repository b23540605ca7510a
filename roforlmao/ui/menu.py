"""The menus: choose an entry, answer its questions, see what came, and the verb that repeats it."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from roforlmao.actions.base import Action, Answers, Choice, FollowUp, Report
from roforlmao.actions.perform import perform, spell
from roforlmao.actions.table import find
from roforlmao.app import App
from roforlmao.crash import unexpected
from roforlmao.errors import Remedy, RoforlmaoError
from roforlmao.progress import Progress
from roforlmao.text import one_line
from roforlmao.ui.answering import Form, choose_remedy, keep, recall
from roforlmao.ui.keeper import Keeper
from roforlmao.ui.pages import MAIN, Page
from roforlmao.ui.prompter import Back, Closed, Interrupt, Prompter
from roforlmao.ui.status import status_line
from roforlmao.ui.terminal import flush_or_forget

if TYPE_CHECKING:
    from rich.console import Console

    from roforlmao.ui.questions import Questions
    from roforlmao.ui.screens import Open

_QUIT = "Quit"

T = TypeVar("T")


def open_menus(app: App, *, plain: bool, color: bool) -> int:
    """Runs until the operator quits; the exit status of the launcher."""
    keeper = Keeper(app)
    menus = Menus(app, _prompter(app, keeper, plain=plain, color=color), keeper, plain=plain, color=color)
    try:
        menus.first_start()
        keeper.start()
        menus.open()
    except Closed:
        flush_or_forget(sys.stdout)
        return 0
    finally:
        keeper.stop()
    return 0


def _prompter(app: App, keeper: Keeper, *, plain: bool, color: bool) -> Prompter:
    def notices() -> list[str]:
        return [event.text for event in app.bus.drain()]

    if plain:
        from roforlmao.ui.plain import Plain

        return Plain(sys.stdin, sys.stdout, notices=notices)
    from roforlmao.ui.questions import Questions

    def status() -> str:
        return status_line(keeper.status, shutil.get_terminal_size().columns - 1)

    return Questions(status, notices, color=color)


class Menus:
    """The loop over pages; errors are shown and the loop goes on."""

    def __init__(self, app: App, prompter: Prompter, keeper: Keeper, *, plain: bool, color: bool) -> None:
        self._app = app
        self._prompter = prompter
        self._keeper = keeper
        self._plain = plain
        self._color = color

    def first_start(self) -> None:
        """The wizard, where there is no configuration yet; leaving it keeps the defaults."""
        if not self._app.configured:
            self._say("Welcome. Three questions, then the menus; Enter takes what is offered.")
            self._guarded(find("", "init"), {}, "First start")

    def open(self) -> None:
        while True:
            try:
                self._page(MAIN, MAIN.title)
                return
            except Back:
                continue  # at the top there is nowhere to go back to
            except Interrupt:
                if self._wants_to_quit():
                    return

    def _page(self, page: Page, trail: str) -> None:
        """Shows a page until the operator goes back; the main page until they quit."""
        choices = [Choice(title, title) for title in page.titles]
        if page is MAIN:
            choices.append(Choice(_QUIT, _QUIT))
        while True:
            question = f"menu {trail}"
            chosen = self._prompter.select(trail, choices, default=recall(self._app, question))
            if chosen == _QUIT:
                return
            keep(self._app, question, chosen)
            self._enter(page.entry(chosen), f"{trail} > {chosen}")

    def _enter(self, entry: Page | Action | None, trail: str) -> None:
        if isinstance(entry, Page):
            try:
                self._page(entry, trail)
            except Back:
                return
        elif entry is not None:
            self._guarded(entry, {}, entry.title)

    def _guarded(self, action: Action, given: Answers, title: str) -> None:
        """One action from its first question to its report; whatever goes wrong, the menu stays."""
        try:
            self._do(action, given, title)
        except (Back, Interrupt):
            return
        except RoforlmaoError as error:
            self._show_error(error)
        except Exception as error:  # noqa: BLE001 (one screen's fault shall not end a console of weeks)
            self._show_error(unexpected(error, self._app.error_log))
        finally:
            self._keeper.refresh()

    def _do(self, action: Action, given: Answers, title: str) -> None:
        answers = Form(self._app, self._prompter, self._look).fill(action, given, title)
        if action.destructive and not self._prompter.confirm(f"{action.title}: {_named(answers)}?"):
            return
        report, used = perform(action, lambda known: self._work(action, known), answers, self._choose)
        self._show(report)
        last = self._open_screen(action, report, used)
        self._say(f"Again: {spell(action, last, self._app.home.options)}")
        if report.follow_up is not None:
            self._follow(report.follow_up)

    def _open_screen(self, action: Action, report: Report, used: Answers) -> Answers:
        """Until the operator leaves it; the answers that were carried out last, maybe in the screen."""
        from roforlmao.ui.screens import Stage

        show = self._screen(report)
        if show is None or not isinstance(self._prompter, _questions()):
            return used
        last = dict(used)

        def again(changed: Answers) -> Report:
            found = self._work(action, {**last, **changed})
            last.update(changed)
            return found

        stage = Stage(
            self._app,
            self._prompter,
            used,
            again=again,
            do=lambda group, verb, given: self._guarded(find(group, verb), given, find(group, verb).title),
            work=self._watch,
        )
        with contextlib.suppress(Back, Interrupt):
            show(report.view, stage)
        return last

    def _screen(self, report: Report) -> Open | None:
        """The report's screen; a terminal without cursor has none."""
        from roforlmao.ui.screens import screen_for

        return screen_for(report.view) if isinstance(self._prompter, _questions()) else None

    def _follow(self, follow: FollowUp) -> None:
        if self._prompter.confirm(follow.question, details=follow.details, default=follow.safe):
            action = find(follow.group, follow.verb)
            self._do(action, follow.answers, action.title)

    def _work(self, action: Action, answers: Answers) -> Report:
        return self._watch(lambda progress: action(self._app, progress, answers))

    def _watch(self, call: Callable[[Progress], T]) -> T:
        from roforlmao.ui.work import work

        return work(call, self._console(), plain=self._plain)

    def _look(self, call: Callable[[], Sequence[Choice]]) -> Sequence[Choice]:
        """A cluster may take its time; the embedded registry answers at once, and keys typed ahead stay."""
        if self._app.config.backend == "sqlite":
            return call()

        def look(progress: Progress) -> Sequence[Choice]:
            progress.start("Looking")
            return call()

        return self._watch(look)

    def _choose(self, remedy: Remedy) -> Remedy | None:
        return choose_remedy(remedy, self._prompter)

    def _wants_to_quit(self) -> bool:
        try:
            return self._prompter.confirm("Quit?", default=True)
        except Interrupt:
            return True
        except Back:
            return False

    def _show(self, report: Report) -> None:
        from roforlmao.ui.render import render

        screen = self._screen(report) is not None
        told = bool(report.brief) and (screen or report.view is None)  # where there is none, all is told
        shown = replace(report, lines=report.brief) if told else report
        if screen:  # which shows the table and the charts
            shown = replace(shown, title="", columns=(), rows=(), charts=())
        render(shown, self._console(), plain=self._plain)

    def _show_error(self, error: RoforlmaoError) -> None:
        from roforlmao.ui.render import render_error

        render_error(error, self._console())

    def _say(self, line: str) -> None:
        from roforlmao.ui.render import verbatim

        verbatim(self._console(), line)

    def _console(self) -> Console:
        from roforlmao.ui.render import make_console

        return make_console(color=self._color)


def _questions() -> type[Questions]:
    from roforlmao.ui.questions import Questions

    return Questions


def _named(answers: Answers) -> str:
    return one_line(", ".join(str(value) for value in answers.values()), 100)
