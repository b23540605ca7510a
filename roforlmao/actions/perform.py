"""How a front carries out an action: it asks what stands in the way and goes on."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from roforlmao.actions.base import Action, Answers, Report
from roforlmao.errors import Remedy, RoforlmaoError


def perform(
    action: Action,
    call: Callable[[Answers], Report],
    answers: Answers,
    choose: Callable[[Remedy], Remedy | None],
) -> tuple[Report, dict[str, Any]]:
    """The action's report, and the answers that led to it.

    An error with a remedy is put to ``choose``; the action is called again with the one chosen.
    """
    known = {parameter.name for parameter in action.parameters}
    given = dict(answers)
    while True:
        try:
            return call(given), given
        except RoforlmaoError as error:
            remedy = error.remedy
            if remedy is None or remedy.parameter not in known:
                raise
            chosen = None if given.get(remedy.parameter) == remedy.value else choose(remedy)
            if chosen is None:
                raise
            given[chosen.parameter] = chosen.value


def spell(action: Action, answers: Mapping[str, Any], options: Sequence[str] = ()) -> str:
    """The verb that repeats an action with these answers, for a shell; ``options`` are global ones."""
    verb = ["python", "launcher.py", *options, *([action.group] if action.group else []), action.verb]
    places: list[str] = []
    flags: list[str] = []
    for parameter in action.parameters:
        value = answers.get(parameter.name)
        if value is None or value is False or value == () or parameter.form == "menu":
            continue
        items = [_word(item) for item in (value if parameter.many else [value])]
        if parameter.form in ("flag", "switch"):
            flags.append(parameter.flag)
        elif parameter.form == "positional":
            places += items
        else:
            flags += [word for item in items for word in (parameter.flag, item)]
    # What begins with a dash stands behind `--`, or argparse takes it for an option.
    fence = ["--"] if any(word.startswith("-") for word in places) else []
    return shlex.join([*verb, *flags, *fence, *places] if fence else [*verb, *places, *flags])


def _word(value: Any) -> str:
    return "=".join(value) if isinstance(value, tuple) else str(value)
