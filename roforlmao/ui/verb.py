"""The front of verbs: asks only on a terminal, shows progress on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from roforlmao.actions.base import Action, Answers, FollowUp, Report
from roforlmao.actions.perform import perform
from roforlmao.actions.table import find
from roforlmao.app import App
from roforlmao.errors import Remedy
from roforlmao.ui.prompter import Back, Closed, Interrupt, Prompter
from roforlmao.ui.terminal import terminal_kind


class VerbFront:
    """One verb: what is missing is asked on a terminal, elsewhere it is an error that names the flag."""

    def __init__(self, app: App, *, yes: bool, quiet: bool, color: bool, plain: bool) -> None:
        self._app = app
        self._yes = yes
        self._quiet = quiet
        self._color = color
        self._kind = "none" if quiet else terminal_kind(sys.stdin, sys.stdout, os.environ, plain)

    def do(self, action: Action, given: Answers) -> Report:
        answers: Mapping[str, Any] = given
        if action.unattended and (self._yes or self._kind == "none"):
            answers = action.unattended(self._app, given, self._yes)
        report, _ = perform(action, lambda known: self._work(action, known), answers, self._choose)
        return self._completed(report)

    def show(self, report: Report) -> None:
        from roforlmao.ui.render import make_console, render

        errors = make_console(color=self._color, file=sys.stderr)
        render(report, make_console(color=self._color), plain=self._kind == "plain", errors=errors)

    def _work(self, action: Action, answers: Answers) -> Report:
        from roforlmao.ui.render import make_console
        from roforlmao.ui.work import work

        errors = make_console(color=self._color, file=sys.stderr)
        return work(
            lambda progress: action(self._app, progress, answers),
            errors,
            plain=self._kind == "plain",
            quiet=self._quiet,
            record=self._record(),
        )

    def _record(self) -> Callable[[Mapping[str, Any]], None] | None:
        """Where an endless answer goes: to standard output, on a terminal above the drawing."""
        if self._quiet:
            return _print_line
        return None if sys.stdout.isatty() else _print_text

    def _choose(self, remedy: Remedy) -> Remedy | None:
        if self._yes and remedy.safe:
            return remedy
        if self._kind == "none":
            return None
        from roforlmao.ui.answering import choose_remedy

        try:
            return choose_remedy(remedy, self._prompter())
        except (Back, Closed):
            return None
        except Interrupt:
            raise KeyboardInterrupt from None

    def _completed(self, report: Report) -> Report:
        """A follow-up that completes the action is asked for on a terminal."""
        follow = report.follow_up
        if follow is None or not follow.completes or self._kind == "none":
            return report
        self.show(report)
        if not self._confirm(follow.question, follow.details, default=follow.safe):
            return Report(report.data, exit_status=report.exit_status)
        return self.do(find(follow.group, follow.verb), self._filled(follow))

    def _filled(self, follow: FollowUp) -> Answers:
        from roforlmao.ui.answering import Form

        action = find(follow.group, follow.verb)
        form = Form(self._app, self._prompter(), lambda call: call())
        return form.fill(action, follow.answers, action.title)

    def _confirm(self, question: str, details: tuple[str, ...], *, default: bool) -> bool:
        try:
            return self._prompter().confirm(question, details=details, default=default)
        except (Back, Closed):
            return False
        except Interrupt:
            raise KeyboardInterrupt from None

    def _prompter(self) -> Prompter:
        if self._kind == "plain":
            from roforlmao.ui.plain import Plain

            return Plain(sys.stdin, sys.stdout)
        from roforlmao.ui.questions import Questions

        return Questions(lambda: "", lambda: (), color=self._color)


def _print_text(record: Mapping[str, Any]) -> None:
    from roforlmao.ui.work import text_of

    sys.stdout.write(text_of(record) + "\n")
    sys.stdout.flush()


def _print_line(record: Mapping[str, Any]) -> None:
    """A JSON line, there at once for whoever reads along."""
    import json

    sys.stdout.write(json.dumps(record) + "\n")
    sys.stdout.flush()
