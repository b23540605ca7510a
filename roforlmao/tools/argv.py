"""The words that start a program: argument lists, never a line for a shell."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from roforlmao.errors import BadInput
from roforlmao.text import counted, one_line
from roforlmao.tools import boundary
from roforlmao.tools.model import Command, Program

_SCRIPT = "the script"


def argv(command: Command, args: Sequence[str], directory: Path) -> list[str]:
    """Program, script and arguments of a command in the clone ``directory``.

    A command that declares arguments takes exactly those; one that declares none takes any.
    Errors: BadInput.
    """
    _check_arguments(command, args)
    script = [str(boundary.existing_file(directory, command.script, _SCRIPT))] if command.script else []
    return [program(command.command, directory), *script, *args]


def installer_argv(installer: Program, directory: Path) -> list[str]:
    """Program and script words of an installer. Errors: BadInput."""
    return [program(installer.command, directory), *script_words(installer.script, directory)]


def program(text: str, directory: Path) -> str:
    """A bare name as it is (looked up in PATH later), a path resolved inside the repository."""
    return str(boundary.existing_file(directory, text, "the program")) if "/" in text else text


def script_words(script: str, directory: Path) -> list[str]:
    """An installer's script: one file or, where no such file exists, words to be split.

    ``install.sh --fast`` and ``install -r requirements.txt`` are found in real definitions.
    A single word must be a file, and no word may lead out of the repository.
    """
    if not script:
        return []
    if (directory / script).exists() or (directory / script).is_symlink():
        return [str(boundary.existing_file(directory, script, _SCRIPT))]
    try:
        words = shlex.split(script)
    except ValueError:
        raise BadInput(f"{_SCRIPT} '{one_line(script, 60)}' has an open quote.", "Close it.") from None
    if len(words) < 2:
        return [str(boundary.existing_file(directory, script, _SCRIPT))]
    return [_word(word, directory) for word in words]


def _word(word: str, directory: Path) -> str:
    if not word or word.startswith("-"):
        return word
    path = boundary.relative(word, _SCRIPT)
    return str(boundary.existing_file(directory, word, _SCRIPT)) if (directory / path).is_file() else word


def _check_arguments(command: Command, args: Sequence[str]) -> None:
    if any("\0" in word for word in args):
        raise BadInput("An argument holds a NUL character.", "No program can be given that.")
    if command.arguments and len(args) != len(command.arguments):
        names = ", ".join(one_line(argument.name, 40) for argument in command.arguments)
        raise BadInput(
            f"'{one_line(command.name, 40)}' takes {counted(len(command.arguments), 'argument')}"
            f" ({names}), not {len(args)}.",
            "Give each of them, in this order; quote one that holds spaces.",
        )
