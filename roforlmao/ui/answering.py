"""Asks for an action's answers, one parameter after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from roforlmao.actions.base import Action, Answers, Choice, Parameter
from roforlmao.actions.parse import words
from roforlmao.app import App
from roforlmao.errors import Remedy, StorageFailed
from roforlmao.registry.recall import recalling
from roforlmao.ui.prompter import Prompter, Validate

Offer = Callable[[App, Answers], Sequence[Choice]]
Look = Callable[[Callable[[], Sequence[Choice]]], Sequence[Choice]]


class Form:
    """Asks one question after the other; ``look`` runs what may wait for the registry, and shows it."""

    def __init__(self, app: App, prompter: Prompter, look: Look) -> None:
        self._app = app
        self._prompter = prompter
        self._look = look

    def fill(self, action: Action, given: Answers, title: str) -> dict[str, Any]:
        """All answers that a menu asks for; ``given`` ones are not asked again.

        ``title`` stands before each question. Raises what the prompter raises when the operator
        wants out.
        """
        answers = dict(given)
        for parameter in action.questions:
            wanted = parameter.asked and (parameter.when is None or parameter.when(answers))
            if wanted and parameter.name not in answers:
                value = self._ask(parameter, answers, f"{title}: {parameter.help}")
                if value is not None:
                    answers[parameter.name] = value
        return answers

    def _ask(self, parameter: Parameter, answers: Answers, title: str) -> Any:
        if parameter.many:
            items = parameter.each(self._app, answers) if parameter.each else None
            if items is None:
                return self._ask_line(parameter, answers, title)
            return self._ask_each(parameter, items, answers, title)
        if parameter.choices is not None:
            return self._choose(parameter, parameter.choices, answers, title)
        default = parameter.default(self._app, answers) if parameter.default else ""
        text = self._prompter.text(title, default=default, validate=_validator(parameter))
        return parameter.parse(text) if text else None

    def _choose(self, parameter: Parameter, offer: Offer, answers: Answers, title: str) -> Any:
        choices = self._look(lambda: self._offered(offer, answers))
        if len(choices) == 1 and not parameter.required:
            return choices[0].value
        question = f"last {parameter.name} {parameter.help}"
        last = "" if parameter.fresh else recall(self._app, question)
        default = next((choice.value for choice in choices if str(choice.value) == last), None)
        value = self._prompter.select(title, choices, default=default)
        keep(self._app, question, str(value))
        return value

    def _offered(self, offer: Offer, answers: Answers) -> Sequence[Choice]:
        """Also while the registry is away; the status line and the report say how old it is."""
        with recalling():
            return offer(self._app, answers)

    def _ask_line(self, parameter: Parameter, answers: Answers, title: str) -> tuple[Any, ...]:
        """Several values at once; what was typed the last time stands there."""
        question = f"last {answers.get('name', '')} {parameter.name}"

        def read(text: str) -> tuple[Any, ...]:
            return tuple(parameter.parse(word) for word in words(text))

        asked = f"{title} (several as in a shell, empty for none)"
        text = self._prompter.text(asked, default=recall(self._app, question), validate=read)
        keep(self._app, question, text)
        return read(text)

    def _ask_each(
        self, parameter: Parameter, items: Sequence[Choice], answers: Answers, title: str
    ) -> tuple[Any, ...]:
        values = []
        for item in items:
            question = f"last {answers.get('name', '')} {item.value}"
            last = recall(self._app, question)
            text = self._prompter.text(
                f"{title}: {item.title}", default=last, note=item.note, validate=parameter.parse
            )
            keep(self._app, question, text)
            values.append(parameter.parse(text))
        return tuple(values)


def _validator(parameter: Parameter) -> Validate:
    def check(text: str) -> object:
        return parameter.parse(text) if text or parameter.required else None

    return check


def choose_remedy(remedy: Remedy, prompter: Prompter) -> Remedy | None:
    """What the operator wants to do about an error: a yes or no, or one of several ways."""
    if not remedy.instead:
        agreed = prompter.confirm(remedy.question, details=remedy.details, default=remedy.safe)
        return remedy if agreed else None
    ways = [Choice(way, way.question) for way in (remedy, *remedy.instead)]
    nothing: Choice = Choice(None, "Neither: leave everything as it is")
    what = "; ".join(remedy.details[:3]) + (" ..." if len(remedy.details) > 3 else "")
    chosen: Remedy | None = prompter.select(what, [nothing, *ways])
    return chosen


def recall(app: App, question: str) -> str:
    """The last answer to a question; none where the home cannot be read."""
    try:
        return app.state.remembered(question)
    except StorageFailed:
        return ""


def keep(app: App, question: str, answer: str) -> None:
    """Remembers an answer; a home that cannot be written shall not close the menus."""
    try:
        app.state.remember(question, answer)
    except StorageFailed:
        return
