"""What a script tool says of itself: ``mao.yml`` (or ``mao.yaml``), versions 0.1 and 0.2."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from roforlmao.errors import BadInput
from roforlmao.text import one_line
from roforlmao.tools import boundary, yamlfile
from roforlmao.tools.argv import script_words
from roforlmao.tools.model import Argument, Command, Definition, Program, from_json, to_json
from roforlmao.tools.yamlfile import Value

__all__ = ["Argument", "Command", "Definition", "Program", "find", "from_json", "read", "to_json"]

FILES = ("mao.yml", "mao.yaml")
_PROGRAM = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,99}")


def find(directory: Path) -> Path:
    """The definition's file, ``mao.yml`` before ``mao.yaml``. Errors: BadInput."""
    for name in FILES:
        path = directory / name
        if path.exists() or path.is_symlink():
            return boundary.existing_file(directory, name, "The definition")
    raise BadInput(
        "The repository holds no mao.yml.", "Only repositories with a mao.yml or mao.yaml are script tools."
    )


def read(directory: Path, name: str) -> Definition:
    """The checked definition of the tool registered as ``name``.

    In an ``Installer`` a ``Script`` that is no file is read as words (``pip3`` with
    ``install -r requirements.txt``), split as a shell would but never given to one; a
    command's ``Script`` is always one path. Unknown keys are left alone.
    Errors: BadInput, naming file and, where there is one, line and key.
    """
    path = find(directory)
    top = yamlfile.load(path)
    repository = _repository(top)
    checked_name, commands = _name(top, name), _commands(top.get("Commands"), directory)
    return Definition(
        name=checked_name,
        description=top.text("Description", ""),
        data_local=_data_local(top, directory),
        data_repo_name=repository.text("Name", "") if repository else "",
        data_remote=(repository.text("Remote", "") if repository else top.text("Datarepo", "")).strip(),
        installer=_installer(top.get("Installer"), directory) if top.has("Installer") else None,
        commands=commands,
    )


def _name(top: Value, registered: str) -> str:
    name = top.text("Name")
    if name != registered:
        raise top.get("Name").wrong(
            f"is '{one_line(name, 60)}', but the tool is registered as '{registered}'",
            "Register it under the name in its definition, or ask its author.",
        )
    return name


def _data_local(top: Value, root: Path) -> str:
    old = not top.has("Data") and top.has("Datadir")
    value = top.get("Datadir") if old else top.get("Data").get("Local")
    text = top.text("Datadir") if old else top.get("Data").text("Local")
    with _said_of(value):
        return str(boundary.directory_or_nothing(root, text, "the path").relative_to(root))


def _repository(top: Value) -> Value | None:
    """``Data.Repo`` of version 0.2."""
    data = top.get("Data") if top.has("Data") else None
    return data.get("Repo") if data and data.has("Repo") else None


def _installer(value: Value, root: Path) -> Program:
    program = Program(_program(value, root), value.text("Script", "").strip())
    if program.script:
        with _said_of(value.get("Script")):
            script_words(program.script, root)
    return program


def _commands(value: Value, root: Path) -> tuple[Command, ...]:
    commands = tuple(_command(item, root) for item in value.items())
    if not commands:
        raise value.wrong("is empty", "A tool needs at least one command.")
    names: set[str] = set()
    for command, item in zip(commands, value.items(), strict=True):
        if command.name in names:
            raise item.get("Name").wrong(f"'{one_line(command.name, 40)}' is there twice", "Rename one.")
        names.add(command.name)
    return commands


def _command(value: Value, root: Path) -> Command:
    script = value.text("Script", "").strip()
    if script:
        with _said_of(value.get("Script")):
            boundary.existing_file(root, script, "the script")
    arguments = value.get("Arguments").items() if value.has("Arguments") else ()
    return Command(
        name=_line(value, "Name"),
        description=value.text("Description", ""),
        command=_program(value, root),
        script=script,
        arguments=tuple(Argument(_line(item, "Name"), item.text("Description", "")) for item in arguments),
    )


def _line(value: Value, key: str) -> str:
    text = value.text(key).strip()
    if not text.isprintable() or len(text) > 100:
        raise value.get(key).wrong("must be one line of up to 100 characters", "Shorten it.")
    return text


def _program(value: Value, root: Path) -> str:
    """A bare name, looked up in PATH when it runs, or a file of the repository as ``./path``."""
    text = value.text("Command").strip()
    if _PROGRAM.fullmatch(text) and not (root / text).is_file():
        return text
    with _said_of(value.get("Command")):
        path = boundary.relative(text, "the program")
        if not (root / path).exists():
            raise BadInput(
                f"'{one_line(text, 60)}' is neither a program's name nor a file of the repository",
                "One program, without options; options belong into a script.",
            )
        boundary.existing_file(root, text, "the program")
        return f"./{path}"


@contextmanager
def _said_of(value: Value) -> Iterator[None]:
    """Puts file, line and key before a sentence about a path."""
    try:
        yield
    except BadInput as error:
        rule = error.message[0].lower() + error.message[1:].rstrip(".")
        raise BadInput(f"{value.file}, line {value.line}: {value.key}: {rule}.", error.hint) from error
