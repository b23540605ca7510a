"""Completion of verbs, options and existing names in the operator's shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from roforlmao.actions.base import Action, Parameter, Report
from roforlmao.errors import BadInput
from roforlmao.progress import Progress

if TYPE_CHECKING:
    from roforlmao.app import App

_SHELLS = ("bash", "zsh", "fish")


def completion(_app: App, _progress: Progress, shell: str) -> Report:
    from argcomplete.shell_integration import shellcode

    script = shellcode(["launcher.py"], shell=shell)
    return Report({"shell": shell, "script": script}, lines=script.splitlines())


def _shell(text: str) -> str:
    if text not in _SHELLS:
        raise BadInput(f"There is no completion for '{text}'.", f"For {', '.join(_SHELLS)} there is.")
    return text


ACTIONS = (
    Action(
        "",
        "completion",
        "Completion for your shell",
        completion,
        (Parameter("shell", "bash, zsh or fish", _shell),),
        help='Prints a script for your shell\'s start file, as in: eval "$(./launcher.py completion bash)".',
    ),
)
