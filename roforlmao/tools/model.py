"""A script tool's definition as values, and as JSON for the cache."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from roforlmao.errors import NotFound
from roforlmao.text import one_line


@dataclass(frozen=True)
class Program:
    """A program and its script; the script may be empty where the program needs none."""

    command: str
    script: str = ""


@dataclass(frozen=True)
class Argument:
    """One word that a command wants."""

    name: str
    description: str = ""


@dataclass(frozen=True)
class Command:
    """One thing that the tool can do."""

    name: str
    description: str
    command: str
    script: str = ""
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True)
class Definition:
    """``data_local`` is relative to the repository; ``data_remote`` is unchecked foreign text."""

    name: str
    description: str
    data_local: str
    data_repo_name: str
    data_remote: str
    installer: Program | None
    commands: tuple[Command, ...]

    def command(self, name: str = "") -> Command:
        """The command of that name; without one, the only or first one. Errors: NotFound."""
        if not name:
            return self.commands[0]
        for command in self.commands:
            if command.name == name:
                return command
        names = ", ".join(command.name for command in self.commands)
        raise NotFound(
            f"The tool '{self.name}' has no command '{one_line(name, 40)}'.",
            f"It has: {one_line(names, 200)}.",
        )


def to_json(definition: Definition) -> dict[str, Any]:
    """Plain JSON types."""
    return asdict(definition)


def from_json(data: Mapping[str, Any]) -> Definition:
    """What ``to_json`` wrote. Errors: KeyError, TypeError where the data is something else."""
    fields = {
        key: data[key] for key in ("name", "description", "data_local", "data_repo_name", "data_remote")
    }
    installer = data["installer"]
    return Definition(
        **fields,
        installer=Program(**installer) if installer else None,
        commands=tuple(_command(item) for item in data["commands"]),
    )


def _command(data: Mapping[str, Any]) -> Command:
    return Command(**{**data, "arguments": tuple(Argument(**item) for item in data["arguments"])})
